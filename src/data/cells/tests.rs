//! The three ways to make cells, and what they refuse.

use super::build::*;
use super::{Cell, Cells};
use crate::data::{Kind, Value};
use crate::error::Error;

fn shown(cells: &Cells) -> String {
    let row = |row: usize| {
        let mut text = String::new();
        cells.each(row, |column, cell| {
            let value = cell.value(&cells.texts).map(|v| v.map_or("absent".to_owned(), |v| v.to_json().to_string()));
            text.push_str(&format!("{}={} ", cells.name(column), value.unwrap_or("nested".to_owned())));
        });
        text
    };
    (0..cells.rows()).map(row).collect::<Vec<_>>().join("| ").trim_end().to_owned()
}

#[test]
fn the_same_rows_come_out_of_every_layout() {
    let mut table = TableOfCells::new(10);
    let mut columns = ColumnsOfCells::new(10);
    let mut records = RecordsOfCells::new(10);
    for (number, word) in [(1, "x"), (2, "y")] {
        let text = table.texts.add(word).unwrap();
        [Cell::Whole(number), Cell::Text(text)].into_iter().for_each(|cell| table.push(cell));
        table.end_row();
        columns.push(Cell::Whole(number));
        let a = records.column("a").unwrap();
        records.set(a, Cell::Whole(number)).unwrap();
        let b = records.column("b").unwrap();
        let text = records.texts.add(word).unwrap();
        records.set(b, Cell::Text(text)).unwrap();
        records.end_row();
    }
    columns.end_column("a").unwrap();
    for word in ["x", "y"] {
        let text = columns.texts.add(word).unwrap();
        columns.push(Cell::Text(text));
    }
    columns.end_column("b").unwrap();
    for cells in [table.finish(["a", "b"].into_iter()).unwrap(), columns.finish(), records.finish().unwrap()] {
        assert_eq!(shown(&cells), "a=1 b=\"x\" | a=2 b=\"y\"");
        assert_eq!((cells.find("b", 0), cells.find("b", 1), cells.find("c", 9)), (Some(1), Some(1), None));
        let column = cells.typed_column(1, Kind::Text, || Ok(Value::Null)).unwrap();
        assert_eq!((column.get(0), column.get(1)), (Value::Text("x"), Value::Text("y")));
        let error = cells.typed_column(1, Kind::Float, || Ok(Value::Null)).unwrap_err();
        assert_eq!(error.message(), "row 1: column \"b\": a text where a number is expected");
    }
}

#[test]
fn records_may_differ_and_a_name_that_is_there_twice_is_refused() {
    let mut records = RecordsOfCells::new(10);
    for names in [vec!["a", "b"], vec!["c", "b"], vec![], vec!["c"]] {
        for (at, name) in names.iter().enumerate() {
            let column = records.column(name).unwrap();
            records.set(column, Cell::Whole(at as i64)).unwrap();
        }
        records.end_row();
    }
    let cells = records.finish().unwrap();
    assert_eq!(shown(&cells), "a=0 b=1 | c=0 b=1 | | c=0");
    assert_eq!((cells.cell(1, 0), cells.cell(1, 1), cells.cell(2, 1)), (Cell::Absent, Cell::Whole(1), Cell::Absent));
    let absent = || Err(Error::invalid("column \"a\" is missing"));
    let error = cells.typed_column(0, Kind::Float, absent).unwrap_err();
    assert_eq!(error.message(), "row 2: column \"a\" is missing");
    let mut records = RecordsOfCells::new(10);
    let [a, b] = ["a", "b"].map(|name| records.column(name).unwrap());
    records.set(a, Cell::Null).and_then(|()| records.set(b, Cell::Null)).unwrap();
    assert_eq!(records.set(a, Cell::Null).unwrap_err().message(), "row 1 has column \"a\" twice");
}

#[test]
fn many_names_are_found_as_few_are() {
    let mut records = RecordsOfCells::new(10);
    for _ in 0..2 {
        for at in (0..100).rev() {
            let column = records.column(&format!("c{at}")).unwrap();
            records.set(column, Cell::Whole(at)).unwrap();
        }
        records.end_row();
    }
    let cells = records.finish().unwrap();
    assert_eq!((cells.columns(), cells.cell(1, 0), cells.cell(1, 99)), (100, Cell::Whole(99), Cell::Whole(0)));
}

#[test]
fn too_many_rows_are_counted_and_not_kept() {
    let mut table = TableOfCells::new(2);
    let mut columns = ColumnsOfCells::new(2);
    let mut records = RecordsOfCells::new(2);
    for _ in 0..1000 {
        table.push(Cell::Null);
        table.end_row();
        columns.push(Cell::Null);
        let column = records.column("a").unwrap();
        records.set(column, Cell::Null).unwrap();
        records.end_row();
    }
    assert_eq!((table.cells.len(), columns.cells.len(), records.entries.len()), (2, 2, 2));
    let said = [
        table.finish(["a"].into_iter()).unwrap_err(),
        columns.end_column("a").unwrap_err(),
        records.finish().unwrap_err(),
    ];
    said.iter().for_each(|e| assert_eq!(e.message(), "1000 rows in one request, 2 are the most"));
}

#[test]
fn rows_and_columns_of_another_length_and_names_that_repeat_are_refused() {
    let table = |rows: &[usize], names: &[&str]| {
        let mut table = TableOfCells::new(10);
        for width in rows {
            (0..*width).for_each(|_| table.push(Cell::Null));
            table.end_row();
        }
        table.finish(names.iter().copied()).map(|cells| cells.rows()).map_err(|e| e.message().to_owned())
    };
    assert_eq!(table(&[2, 2], &["a", "b"]), Ok(2));
    assert_eq!(table(&[], &["a", "b"]), Ok(0));
    assert_eq!(table(&[2, 1, 3], &["a", "b"]), Err("row 2 has 1 cells, there are 2 columns".to_owned()));
    assert_eq!(table(&[1, 2], &["a", "b"]), Err("row 1 has 1 cells, there are 2 columns".to_owned()));
    assert_eq!(table(&[2], &["a", "a"]), Err("column \"a\" is there twice".to_owned()));
    let mut columns = ColumnsOfCells::new(10);
    columns.push(Cell::Null);
    columns.end_column("a").unwrap();
    let error = columns.end_column("b").unwrap_err();
    assert_eq!(error.message(), "column \"b\" has 0 values, the first has 1");
    assert_eq!(columns.end_column("a").unwrap_err().message(), "column \"a\" is there twice");
}

#[test]
fn a_number_that_does_not_fit_the_type_of_its_column_is_kept() {
    let mut table = TableOfCells::new(10);
    for cell in [Cell::Whole(6), Cell::Float(6.5), Cell::Null] {
        table.push(cell);
        table.end_row();
    }
    let cells = table.finish(["a"].into_iter()).unwrap();
    let column = cells.typed_column(0, Kind::Integer, || Ok(Value::Null)).unwrap();
    let alone = |row: usize| cells.typed(row, 0, Kind::Integer).unwrap().unwrap_or(Value::Null);
    for row in 0..3 {
        let (among, alone) = (column.get(row).as_number(), alone(row).as_number());
        assert_eq!(among.to_bits(), alone.to_bits(), "row {row}");
    }
    assert_eq!(column.get(1).as_number(), 6.5);
}
