//! A table as CSV with a header line.

use crate::data::written_cell::{WrittenCell, written_rows};
use crate::error::Result;
use polars::prelude::DataFrame;

/// Writes a table. Of one column alone a missing cell is written as `""`, so that the line is a row to every reader.
pub(in crate::data) fn write(frame: &DataFrame) -> Result<Vec<u8>> {
    let names: Vec<WrittenCell> =
        frame.get_column_names().iter().map(|name| WrittenCell::Text(name.to_string())).collect();
    let mut header = String::new();
    push_row(&mut header, &names);
    // A separator of another kind in a name would be taken for that of the file.
    if header.contains([';', '\t', '|']) {
        header = names.iter().map(|name| name.quoted()).collect::<Vec<_>>().join(",") + "\n";
    }
    let mut bytes = header.into_bytes();
    bytes.append(&mut written_rows(frame, push_row)?);
    Ok(bytes)
}

fn push_row(text: &mut String, cells: &[WrittenCell]) {
    for (at, cell) in cells.iter().enumerate() {
        let cell = cell.csv();
        text.push_str(if at == 0 { "" } else { "," });
        text.push_str(if cells.len() == 1 && cell.is_empty() { "\"\"" } else { &cell });
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::df;

    #[test]
    fn rows_are_written_as_they_are_read() {
        let table = df!("id" => [1i64, 2], "note, long" => [Some("say \"hi\""), None], "x" => [0.5, f64::NAN]).unwrap();
        assert_eq!(write(&table).unwrap(), b"id,\"note, long\",x\n1,\"say \"\"hi\"\"\",0.5\n2,,\n");
        let other = df!("a;b" => [1i64], "c" => [2i64]).unwrap();
        assert_eq!(write(&other).unwrap(), b"\"a;b\",\"c\"\n1,2\n");
        let only = df!("a" => [Some(1i64), None]).unwrap();
        assert_eq!(write(&only).unwrap(), b"a\n1\n\"\"\n");
    }
}
