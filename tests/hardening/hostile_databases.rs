//! Databases that came with a project: of another program, of an attacker, with work that never ends. They are refused by name before
//! anything is read from or written to them.

use crate::common::{TestProject, loans};
use rusqlite::Connection;

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT";

fn in_ledger(project: &TestProject, sql: &str) {
    Connection::open(project.path(".mlops/ledger.db")).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_ledger_with_anything_added_or_changed_is_refused_and_not_healthy() {
    let columns = "SELECT group_concat(name) FROM pragma_table_info('operation')";
    for (sql, said) in [
        (format!("CREATE VIEW v AS {ENDLESS} i FROM n"), "it also has the view v"),
        (
            format!("CREATE TRIGGER t AFTER INSERT ON operation BEGIN {ENDLESS} count(*) FROM n; END"),
            "it also has the trigger t",
        ),
        (
            format!("ALTER TABLE operation RENAME TO kept; CREATE VIEW operation AS {ENDLESS} i FROM n"),
            "it also has the ",
        ),
        ("CREATE INDEX i ON operation (1)".to_owned(), "it also has the index i"),
        ("CREATE TABLE more (x)".to_owned(), "it also has the table more"),
        ("DROP TABLE operation".to_owned(), "it lacks the "),
        ("ALTER TABLE operation ADD COLUMN more TEXT".to_owned(), "the table operation is another one"),
        ("PRAGMA application_id = 1".to_owned(), "belongs to another program (application id 1)"),
    ] {
        let project = loans::project();
        let before: String = Connection::open(project.path(".mlops/ledger.db"))
            .unwrap()
            .query_row(columns, [], |row| row.get(0))
            .unwrap();
        assert!(!before.is_empty());
        in_ledger(&project, &sql);
        for args in [&["log"][..], &["data", "add"], &["run", "list"], &["status"]] {
            project.refuses(3, args).says(&[said]);
        }
        project.fails(3, &["fsck"]).shows(&[said]);
    }
}

#[test]
fn a_database_of_another_program_is_neither_migrated_nor_touched() {
    let project = TestProject::new();
    project.remove(".mlops/ledger.db");
    let path = project.path(".mlops/ledger.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE moz_places (url TEXT)").unwrap();
    let before = std::fs::read(&path).unwrap();
    project.fails(3, &["log"]).says(&["is not as mlops makes it: it also has the table moz_places", "hint: "]);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// SQLite rolls a journal back whenever it opens a database, and removes the file that the journal's end names.
#[test]
fn a_journal_that_names_a_file_elsewhere_is_refused_and_the_file_stays() {
    let project = loans::project();
    project.write("victim.txt", "precious");
    let victim = project.path("victim.txt").to_str().unwrap().to_owned();
    let magic = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let page = 1_u32.to_be_bytes();
    let checksum = victim.bytes().fold(0_u32, |sum, byte| sum.wrapping_add(u32::from(byte)));
    let mut journal =
        [&magic[..], &0_u32.to_be_bytes(), &[0; 4], &page, &512_u32.to_be_bytes(), &4096_u32.to_be_bytes()].concat();
    journal.resize(512, 0);
    for part in [&page[..], victim.as_bytes(), &(victim.len() as u32).to_be_bytes(), &checksum.to_be_bytes(), &magic] {
        journal.extend(part);
    }
    for database in ["ledger.db", "features/online.db"] {
        let beside = format!(".mlops/{database}-journal");
        std::fs::write(project.path(&beside), &journal).unwrap();
        let args: &[&str] = if database == "ledger.db" { &["log"] } else { &["feature", "get", "sales", "shop=north"] };
        project.fails(3, args).says(&["-journal names another journal", "hint: "]);
        assert_eq!(project.read("victim.txt"), "precious");
        project.remove(&beside);
        project.ok(args);
    }
}

#[test]
fn a_ledger_from_before_it_was_signed_is_taken() {
    let project = loans::project();
    in_ledger(&project, "PRAGMA application_id = 0");
    project.ok(&["log"]);
    project.ok(&["data", "add"]);
}

#[test]
fn an_online_store_of_a_stranger_is_refused() {
    for sql in [
        "CREATE TRIGGER t AFTER INSERT ON entity BEGIN DELETE FROM view; END",
        "DROP TABLE entity; CREATE VIEW entity AS SELECT 1",
        "PRAGMA application_id = 9",
    ] {
        let project = loans::project();
        project.ok(&["feature", "materialize"]);
        Connection::open(project.path(".mlops/features/online.db")).unwrap().execute_batch(sql).unwrap();
        project.refuses(3, &["feature", "materialize"]).says(&["online.db", "remove it"]);
    }
}
