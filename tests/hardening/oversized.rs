//! A few lines that ask for a great deal of work: definitions and tables whose size in memory has no relation to the size of their
//! text are refused before the work begins.

use crate::common::{TestProject, loans};

/// `step` applied `times` times, `inside` being replaced by what came before.
fn nested(times: usize, step: &str) -> String {
    (0..times).fold("amount".to_owned(), |inner, _| step.replace("inside", &inner))
}

#[test]
fn steps_that_copy_what_they_hold_are_refused_when_the_copies_are_too_many() {
    let project = loans::project();
    for step in ["nullif(inside, 0)", "(inside between 0 and 1)", "case inside when 1 then 2 when 3 then 4 end"] {
        for (key, value) in [
            ("event_time = \"at\"\nlabel", "event_time = \"at\"\nwhere = \"TEXT is null\"\nlabel"),
            ("derive = { share = \"amount / sales__turnover\" }", "derive = { share = \"TEXT\" }"),
        ] {
            let with = |times: usize| loans::DEFINITIONS.replace(key, &value.replace("TEXT", &nested(times, step)));
            project.define(&with(5));
            project.ok(&["feature", "join", "late"]);
            // Row expressions copy nothing for nullif, so there it may be as long as any.
            let copies = !(step.starts_with("nullif") && key.starts_with("derive"));
            project.define(&with(40));
            match copies {
                true => project.refuses(2, &["feature", "join", "late"]).says(&[
                    "parts",
                    "copy what they hold",
                    "`derive` entries",
                ]),
                false => project.ok(&["feature", "join", "late"]).says(&[]),
            };
        }
        let query = |times: usize| {
            let text = nested(times, step);
            let sql =
                format!("select shop, known_at, turnover, {text} as x from (select *, turnover as amount from sales)");
            loans::DEFINITIONS.replace("source = \"sales\"", &format!("sql = \"{sql}\""))
        };
        project.define(&query(5));
        project.ok(&["feature", "apply"]);
        project.define(&query(40));
        project.refuses(2, &["feature", "apply"]).says(&["view sales", "10000 are the most"]);
    }
}

#[test]
fn a_query_reads_each_table_as_often_as_it_is_named_and_not_without_end() {
    let project = loans::project();
    let doubling = |steps: usize| {
        let more = (1..steps).map(|i| format!(", a{i} as (select * from a{0} union all select * from a{0})", i - 1));
        format!("with a0 as (select * from sales){} select * from a{}", more.collect::<String>(), steps - 1)
    };
    let union = |tables: usize| ["select * from sales"].repeat(tables).join(" union all ");
    for (sql, fits) in [(doubling(4), true), (doubling(30), false), (union(20), true), (union(120), false)] {
        project.define(&loans::DEFINITIONS.replace("source = \"sales\"", &format!("sql = \"{sql}\"")));
        match fits {
            true => project.ok(&["feature", "apply"]).says(&[]),
            false => project
                .refuses(2, &["feature", "apply"])
                .says(&["tables to read, 64 are the most", "split it into several views"]),
        };
    }
}

#[test]
fn a_long_list_of_allowed_values_costs_no_more_than_a_short_one() {
    let project = TestProject::with("");
    let rows: String = (0..20_000).map(|i| format!("{},{},c{}\n", i, i % 3000, i % 3000)).collect();
    project.write("d.csv", format!("id,n,t\n{rows}"));
    let list = |quote: &str, prefix: &str, count: usize| {
        (0..count).map(|i| format!("{quote}{prefix}{i}{quote}")).collect::<Vec<_>>().join(", ")
    };
    let define = |column: &str, list: &str| {
        project
            .define(&format!("[data.d]\npath = \"d.csv\"\n[[data.d.expect]]\ncolumn = \"{column}\"\nin = [{list}]\n"));
    };
    for (column, quote, prefix) in [("n", "", ""), ("t", "'", "c")] {
        define(column, &list(quote, prefix, 3000));
        project.ok(&["data", "validate"]);
        define(column, &list(quote, prefix, 2999));
        let said = project.fails(1, &["data", "validate"]).stdout;
        assert!(said.contains("and 2979 more") && said.contains("6 of 20000 rows"), "{said}");
    }
    define("n", "0, 1.0, true");
    project.fails(1, &["data", "validate"]);
    define("t", "1, 2");
    project.refuses(2, &["data", "validate"]).says(&["in = [...] has 1 for a column of type text"]);
}

#[test]
fn a_search_of_a_trillion_candidates_is_refused() {
    let project = loans::project();
    let search =
        "model = \"tree\"\nsearch = { method = \"random\", trials = 1000000000000, space = { max_depth = [1, 2] } }";
    project.define(&(loans::DEFINITIONS.to_owned() + &format!("[train.endless]\nset = \"late\"\n{search}\n")));
    project.refuses(2, &["run", "train", "endless"]).says(&["recipe endless", "trials = 1000000000000", "100000"]);
}

#[test]
fn a_thousand_expressions_that_read_each_other_are_put_in_order() {
    let project = loans::project();
    let chain: String = (1..1500).map(|i| format!(", d{} = \"d{} + 1\"", i + 1000, i + 999)).collect();
    let derive = format!("derive = {{ d1000 = \"amount\"{chain} }}");
    project.define(&loans::DEFINITIONS.replace("derive = { share = \"amount / sales__turnover\" }", &derive));
    project.ok(&["feature", "join", "late"]);
}

#[test]
fn a_row_of_a_hundred_megabytes_is_refused() {
    let project = TestProject::with("[data.d]\npath = \"d.csv\"\n");
    let long = "x".repeat(100 << 20);
    for text in [format!("a,b\n1,{long}\n"), format!("a,b\n1,\"{}\"\n", long.replace("xxxxxxxx", "xxxxxxx\n"))] {
        project.write("d.csv", text);
        project.refuses(2, &["data", "add"]).says(&["row 1 (line 2)", "more than 64 MiB in one row"]);
    }
}

#[test]
fn rows_with_names_of_their_own_make_no_table_of_gigabytes() {
    let project = TestProject::with("[data.d]\npath = \"d.jsonl\"\n");
    let row = |r: usize| format!("{{{}}}\n", (0..20).map(|c| format!("\"r{r}c{c}\":1")).collect::<Vec<_>>().join(","));
    project.write("d.jsonl", (0..3000).map(row).collect::<String>());
    project.refuses(2, &["data", "add"]).says(&["d.jsonl", "few rows have one", "one row for each name and value"]);
}

#[test]
fn threads_that_can_not_be_started_are_refused() {
    let project = TestProject::new();
    for threads in ["0", "2500", "18446744073709551615"] {
        project.refuses(2, &["--threads", threads, "status"]).says(&["--threads", "1 to 1024"]);
    }
}

#[test]
fn texts_that_grow_without_bounds_are_refused_before_they_are_made() {
    let ones = "1".repeat(2000);
    let bomb = (0..3).fold("CAST(id AS VARCHAR)".to_owned(), |text, at| {
        format!("REPLACE({text}, '{}', '{ones}')", if at == 0 { "" } else { "1" })
    });
    let project = TestProject::with(&format!(
        "[data.t]\npath = \"t.csv\"\nexpect = [{{ condition = \"LENGTH({bomb}) > 0\" }}]\n"
    ));
    project.write("t.csv", "id,x\n1,2\n");
    project.refuses(2, &["data", "add"]).says(&["may make texts", "times as long"]);
    let project = loans::project();
    for (query, said) in [
        (format!("SELECT *, {bomb} AS y FROM (SELECT *, turnover AS id FROM sales)"), "may make texts"),
        ("SELECT *, LPAD(shop, 100000000000, 'y') AS y FROM sales".to_owned(), "may make texts"),
        ("SELECT *, known_at + INTERVAL '110000 days' AS at FROM sales".to_owned(), "is longer than can be counted"),
        ("TRUNCATE sales".to_owned(), "changes or asks about tables"),
        ("DELETE FROM sales".to_owned(), "changes or asks about tables"),
    ] {
        project.define(&loans::DEFINITIONS.replace("source = \"sales\"", &format!("sql = \"{query}\"")));
        project.refuses(2, &["feature", "apply"]).says(&["view sales", said]);
    }
}

#[test]
fn definitions_and_lock_files_of_many_megabytes_are_refused_unread() {
    let project = loans::project();
    let before = project.read("mlops.toml");
    project.write("mlops.toml", format!("{before}{}", "# more\n".repeat(200_000)));
    project.refuses(2, &["status"]).says(&["mlops.toml has more than 1048576 bytes"]);
    // Ten gigabytes that take no room on the disk.
    let sparse = |name: &str| std::fs::File::create(project.path(name)).unwrap().set_len(10 << 30).unwrap();
    sparse("mlops.toml");
    project.fails(2, &["status"]).says(&["mlops.toml has more than"]);
    project.write("mlops.toml", before);
    sparse("mlops.lock");
    project.fails(2, &["data", "list"]).says(&["mlops.lock has more than"]);
}
