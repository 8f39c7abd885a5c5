//! Files as a whole: what is found in them, what is read of them, and where their faults are.

use super::words::ColumnType;
use super::*;
use crate::error::Result;
use crate::project::Definitions;
use polars::prelude::{AnyValue, DataFrame};
use std::fs::File;
use std::io::{Seek, Write};

fn file(text: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text).unwrap();
    file.rewind().unwrap();
    file
}

fn table(text: &str) -> Result<DataFrame> {
    table_as("", text.as_bytes())
}

/// A file of which `mlops.toml` says something.
fn table_as(keys: &str, text: &[u8]) -> Result<DataFrame> {
    let definitions = Definitions::parse(&format!("[data.d]\npath = 'd.csv'\n{keys}\n"))?;
    let known = KnownForm::of(&definitions.data.values().next().unwrap().csv_form())?;
    let found = scan(file(text), &known)?;
    let table = read(file(text), &found, None, None).unwrap();
    assert_eq!(table.height() as u64, found.rows);
    assert_eq!(table.schema().as_ref(), &found.schema());
    Ok(table)
}

/// Columns of these names are texts.
fn texts(columns: &[&str]) -> KnownForm {
    KnownForm::default().with_texts(&columns.iter().map(|name| (*name).to_owned()).collect())
}

/// A column's cells as texts.
fn shown(table: &DataFrame, column: &str) -> Vec<String> {
    let column = table.column(column).unwrap();
    let text = |cell: AnyValue| cell.get_str().map_or_else(|| cell.to_string(), str::to_owned);
    let cell = |at| text(column.get(at).unwrap());
    (0..table.height()).map(cell).collect()
}

#[test]
fn cells_are_what_was_written() {
    let table = table("a,\"b \"\"x\"\"\",c\r\n1,\"x\r\ny\",0.5\r\n\r\n2,\"say \"\"hi\"\", then\",NA\n").unwrap();
    assert_eq!(shown(&table, "a"), ["1", "2"]);
    assert_eq!(shown(&table, "b \"x\""), ["x\r\ny", "say \"hi\", then"]);
    assert_eq!(shown(&table, "c"), ["0.5", "null"]);
}

#[test]
fn separators_and_decimal_signs_are_recognised() {
    for text in ["id;x;y\n1;0,5;0\n2;1,250;1\n", "id\tx\ty\n1\t0.5\t0\n2\t1.25\t1\n", "id|x|y\n1|.5|0\n2|1.25|1"] {
        let table = table(text).unwrap();
        assert_eq!(shown(&table, "x"), ["0.5", "1.25"], "{text}");
        assert_eq!(shown(&table, "id"), ["1", "2"], "{text}");
    }
    let unclear = table("id;x\n1;1,250\n").unwrap();
    assert_eq!(shown(&unclear, "x"), ["1,250"], "thousands, or a decimal comma: nobody knows");
}

#[test]
fn times_are_read_only_where_the_year_comes_first() {
    let table = table("day,at,zoned,us\n2024-03-01,2024-03-01 06:00,2024-03-01T06:00:00+02:00,03/10/2024\n").unwrap();
    let types: Vec<String> = table.dtypes().iter().map(ToString::to_string).collect();
    assert_eq!(types, ["date", "datetime[μs]", "datetime[μs, UTC]", "str"]);
    assert_eq!(shown(&table, "zoned"), ["2024-03-01 04:00:00 UTC"]);
}

#[test]
fn one_column_may_have_missing_rows_and_the_last_row_needs_no_end() {
    assert_eq!(shown(&table("a\n1\n\n2").unwrap(), "a"), ["1", "null", "2"]);
    assert_eq!(shown(&table("a,b\n1,\n2,").unwrap(), "b"), ["null", "null"]);
    assert_eq!(table("a,b\n").unwrap().height(), 0);
    assert_eq!(table("\u{feff}a\r\n1\r\n").unwrap().get_column_names(), ["a"]);
}

#[test]
fn parts_of_a_file_agree_on_its_types() {
    let rows: String = (0..200_000).map(|at| format!("{at},{},\"text, {at}\"\n", at as f64 / 2.0)).collect();
    let text = format!("id,x,t\n{rows}007,NA,\n");
    let table = table(&text).unwrap();
    assert_eq!(table.height(), 200_001);
    assert_eq!(shown(&table, "id").last().unwrap(), "007", "the last row makes all of them texts");
    assert_eq!(shown(&table, "t")[123_456], "text, 123456");
    let found = scan(file(text.as_bytes()), &KnownForm::default()).unwrap();
    let some = read(file(text.as_bytes()), &found, Some(&["x".into()]), Some(3)).unwrap();
    assert_eq!((some.height(), some.get_column_names()), (3, vec![&"x".into()]));
}

#[test]
fn a_column_may_be_text_by_its_name() {
    let found = scan(file(b"zip,x\n10115,1\nNA,2\n"), &texts(&["zip"])).unwrap();
    let table = read(file(b"zip,x\n10115,1\nNA,2\n"), &found, None, None).unwrap();
    assert_eq!(
        (table.dtypes()[0].to_string().as_str(), shown(&table, "zip")),
        ("str", vec!["10115".into(), "null".into()])
    );
}

#[test]
fn the_fault_is_named_with_its_place() {
    let long = format!("a,b\n{}1,2,3\n", "1,\"x\ny\"\n".repeat(300_000));
    for (bad, said) in [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("a,a\n", "two columns are called \"a\""),
        ("a,b\n\"x\ny\",1\n2\n", "row 2 (line 4) has 1 cell, the header has 2"),
        ("a,b\n1,2,3", "row 1 (line 2) has 3 cells"),
        ("a,b\n1,\"2\n", "row 1 (line 2), column \"b\": the quote is never closed"),
        ("a,b\n5\" pipe,2\n", "row 1 (line 2), column \"a\": a quote inside"),
        ("a,b\n\"5\" pipe,2\n", "row 1 (line 2), column \"a\": text after"),
        ("a,b\r1,2\r", "the header: a carriage return"),
        ("a,b\n\r1,2\n", "row 1 (line 2), column \"a\": a carriage return"),
        (&long, "row 300001 (line 600002) has 3 cells"),
    ] {
        let e = table(bad).unwrap_err();
        assert!(e.message().contains(said), "{:?}: {e}", bad.get(..20));
    }
    let latin = scan(file(b"a,b\n1,2\n3,caf\xe9\n4,5\n"), &KnownForm::default()).unwrap_err();
    assert!(latin.message().contains("row 2 (line 3), column \"b\": the text is not UTF-8"), "{latin}");
    assert!(scan(file(&[0xff, 0xfe, b'a', 0]), &KnownForm::default()).unwrap_err().message().contains("UTF-16"));
}

#[test]
fn blank_lines_before_the_header_are_passed_over_however_many() {
    let text = format!("{}a;b\n{}", "\n".repeat(1_200_000), "1;x\n".repeat(400_000));
    let table = table(&text).unwrap();
    assert_eq!(table.get_column_names(), ["a", "b"]);
    assert_eq!(table.height(), 400_000);
}

#[test]
fn what_looks_like_an_infinite_number_can_be_read() {
    let table = table("x,y\n.inf,1\n1.5,-inf\n").unwrap();
    assert_eq!(shown(&table, "x"), [".inf", "1.5"]);
    assert_eq!(shown(&table, "y"), ["1.0", "-inf"]);
}

#[test]
fn only_numbers_with_a_point_say_that_a_comma_is_no_decimal_sign() {
    let of = |text: &str, columns: &[&str]| {
        scan(file(text.as_bytes()), &texts(columns))
            .unwrap()
            .columns
            .into_iter()
            .map(|(_, kind)| kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("x;y\n0,5;inf\n1,5;1e5\n", &[]), [ColumnType::Float, ColumnType::Float]);
    assert_eq!(of("x;y\n0,5;2.0\n", &[]), [ColumnType::Text, ColumnType::Float]);
    assert_eq!(of("x;y\n0,5;2.0\n", &["y"]), [ColumnType::Float, ColumnType::Text]);
}

#[test]
fn a_file_is_read_as_its_dataset_says() {
    for (keys, text, column, cells) in [
        ("separator = ':'", &b"a:b\n1:2\n"[..], "b", &["2"][..]),
        ("separator = ' '", b"a b\n1 2\n", "b", &["2"]),
        ("quote = \"'\"", b"a,b\n1,'x, y''s'\n2,\"\n", "b", &["x, y's", "\""]),
        ("quote = ''", b"a,b\n1,5\" pipe\n2,\"x\n", "b", &["5\" pipe", "\"x"]),
        ("decimal = ','", b"a;b\n1;1,250\n2;7\n", "b", &["1.25", "7.0"]),
        ("decimal = ','", b"a;b\n1;1.250\n2;7,5\n", "b", &["1.250", "7,5"]),
        ("decimal = '.'", b"a;b\n1;0,5\n", "b", &["0,5"]),
        ("encoding = 'latin1'", b"a,b\n1,caf\xe9\n", "b", &["café"]),
        ("encoding = 'utf-16'", b"\xff\xfea\0,\0b\0\n\x001\0,\0\xe9\0", "b", &["é"]),
        ("null_values = ['-', '-999']", b"a,b,c\n1,-999,NA\n2,-,x\n3,4,\n", "b", &["null", "null", "4"]),
        ("null_values = []", b"a,country\n1,NA\n2,\n", "country", &["NA", "null"]),
        ("types = { b = 'text' }", b"a,b\n1,2\n", "b", &["2"]),
        ("types = { b = 'integer' }", b"a,b\n1,007\n2,NA\n3,+8\n", "b", &["7", "null", "8"]),
        ("types = { b = 'float' }", b"a,b\n1,1\n2,nan\n", "b", &["1.0", "null"]),
        ("types = { b = 'float' }\nnull_values = []", b"a,b\n1,1\n2,NaN\n", "b", &["1.0", "null"]),
        ("types = { b = 'float' }\ndecimal = ','", b"a,b\n1,\"1,250\"\n", "b", &["1.25"]),
        ("types = { b = 'boolean' }", b"a,b\n1,Yes\n2,0\n3,\n", "b", &["true", "false", "null"]),
        ("types = { b = 'date' }", b"a,b\n1,2024-03-01 00:00:00\n", "b", &["2024-03-01"]),
        (
            "types = { b = 'time' }",
            b"a,b\n1,2024-03-01\n2,2024-03-01T02:00:00+02:00\n",
            "b",
            &["2024-03-01 00:00:00 UTC"; 2],
        ),
        ("dates = { b = '%d/%m/%Y' }", b"a,b\n1,03/10/2024\n", "b", &["2024-10-03"]),
        ("dates = { b = '%d/%m/%Y' }", b"a,b\n1,31/12/1969\n", "b", &["1969-12-31"]),
        ("dates = { b = '%m/%d/%Y %H:%M' }", b"a,b\n1,03/10/2024 06:30\n", "b", &["2024-03-10 06:30:00"]),
        ("dates = { b = '%d/%m/%Y' }\ntypes = { b = 'time' }", b"a,b\n1,03/10/2024\n", "b", &["2024-10-03 00:00:00"]),
    ] {
        let table = table_as(keys, text).unwrap_or_else(|e| panic!("{keys}: {e}"));
        assert_eq!(shown(&table, column), cells, "{keys}");
    }
}

#[test]
fn a_cell_that_is_not_what_was_said_is_named() {
    for (keys, text, said) in [
        ("types = { b = 'integer' }", &b"a,b\n1,2\n2,x\n"[..], "row 2 (line 3), column \"b\": \"x\" is no integer"),
        ("types = { b = 'integer' }", b"a,b\n1,1.5\n", "\"1.5\" is no integer"),
        ("types = { b = 'float' }", b"a,b\n1,NAN\n2,abc\n", "row 2 (line 3), column \"b\": \"abc\" is no float"),
        ("types = { b = 'float' }\nnull_values = ['?']", b"a,b\n1,nan\n2,1 200\n", "\"1 200\" is no float"),
        ("types = { b = 'float' }", b"a,b\n1,1.5\n2,1e\n", "row 2 (line 3), column \"b\": \"1e\" is no float"),
        ("types = { b = 'float' }", b"a;b\n1;1,250\n", "column \"b\" has numbers with commas in them"),
        ("types = { b = 'float' }\ndecimal = ','", b"a;b\n1;1.250,5\n", "\"1.250,5\" is no float"),
        ("types = { b = 'date' }", b"a,b\n1,2024-03-01 06:00\n", "is no date"),
        ("dates = { b = '%d/%m/%Y' }", b"a,b\n1,12/31/2024\n", "\"12/31/2024\" is no date written as %d/%m/%Y"),
        ("types = { c = 'text' }", b"a,b\n1,2\n", "column \"c\" is not known"),
        ("separator = ';'", b"a,b\n1,2\n", "there is no \";\" between the cells"),
        ("encoding = 'shift_jis'", b"a,b\n1,\x81\xff\n", "the text is not Shift_JIS"),
    ] {
        let e = table_as(keys, text).unwrap_err();
        assert!(e.message().contains(said) && e.hint_text().is_some(), "{keys}: {e}");
    }
}
