//! Rows of a request: the cells of a text, read as those of a file are.

use super::blocks::without_mark;
use super::cells::{Cells as CsvCells, Marks};
use super::form::{KnownForm, micros, refusal, takes};
use super::separator::{check_separator, separator};
use super::words::{Looks, boolean, decimal_comma, look, number, truth};
use crate::data::{Cell, Cells, Kind, TableOfCells, Texts};
use crate::error::{self, Error, Result};
use crate::project::{CellType, KnownColumn, time_text};
use std::borrow::Cow;

/// Most columns of a request's table.
const MOST_COLUMNS: usize = 100_000;

/// Reads a text of at most `most` rows, written as is known. A cell is read as `kind_of` says of its column; where it says nothing, as of
/// columns that the model does not read, as what it looks like. A cell of another type is a text, which whoever takes the rows refuses
/// by name.
pub fn cells_from_csv(
    body: &[u8],
    most: usize,
    known: &KnownForm,
    kind_of: impl Fn(&str) -> Option<Kind>,
) -> Result<Cells> {
    let text = without_mark(body).map_err(|e| e.hint("send the body as UTF-8"))?;
    let text = std::str::from_utf8(text).map_err(|e| Error::invalid(format!("the body is not UTF-8: {e}")))?;
    let separator = match known.separator {
        Some(said) => check_separator(text, known.marks(said))?,
        None => separator(text, known.quote)?,
    };
    let marks = known.marks(separator);
    let is_text = |name: &str| kind_of(name) == Some(Kind::Text);
    let decimal_comma = known.decimal_comma.unwrap_or_else(|| has_decimal_comma(text, marks, known, is_text));
    let mut cells = CsvCells::new(text, marks);
    cells.pass_blank_lines();
    let mut names: Vec<String> = Vec::new();
    each_of_row(&mut cells, "the header", MOST_COLUMNS, |_, cell| {
        names.push(cell.into_owned());
        Ok(())
    })?;
    if names.is_empty() {
        return Err(Error::invalid("the body is empty").hint("send a header line and rows"));
    }
    let kinds: Vec<Option<Kind>> = names.iter().map(|name| kind_of(name)).collect();
    let columns: Vec<Option<&KnownColumn>> = names.iter().map(|name| known.column(name)).collect();
    let mut table = TableOfCells::new(most);
    let mut count = 0;
    loop {
        if names.len() > 1 {
            cells.pass_blank_lines();
        }
        count += 1;
        let there = each_of_row(&mut cells, &format!("row {count}"), names.len(), |at, cell| {
            let kind = kinds.get(at).copied().flatten();
            let column = columns.get(at).copied().flatten();
            let cell = match column {
                _ if known.is_missing(&cell) => Cell::Null,
                Some(column) => cell_as_said(&cell, column, decimal_comma, &mut table.texts)
                    .map_err(|e| e.at(format!("row {count}: column {}", error::quoted(&names[at]))))?,
                None => cell_of(&cell, kind, decimal_comma, &mut table.texts)?,
            };
            table.push(cell);
            Ok(())
        })?;
        if !there {
            return table.finish(names.iter().map(String::as_str));
        }
        table.end_row();
    }
}

/// Gives the texts of the next row's cells to `work`, at most so many; false at the end. No row is kept: one of commas alone has as
/// many cells as bytes.
fn each_of_row<'a>(
    cells: &mut CsvCells<'a>,
    row: &str,
    most: usize,
    mut work: impl FnMut(usize, Cow<'a, str>) -> Result<()>,
) -> Result<bool> {
    for at in 0.. {
        let cell = cells.next().map_err(|fault| Error::invalid(fault.what).at(row).hint(fault.hint))?;
        let Some(cell) = cell else { return Ok(at > 0) };
        if at == most {
            return Err(Error::invalid(format!("{row} has more than {most} cells"))
                .hint("each row has as many cells as the header; put a cell with the separator in it into quotes"));
        }
        work(at, cell.text())?;
        if cell.last {
            break;
        }
    }
    Ok(true)
}

/// Whether a comma is the decimal sign, by the rule of files.
fn has_decimal_comma(text: &str, marks: Marks, known: &KnownForm, is_text: impl Fn(&str) -> bool) -> bool {
    if marks.separator == b',' && !text.as_bytes().contains(&marks.quote) {
        return false;
    }
    let mut cells = CsvCells::new(text, marks);
    cells.pass_blank_lines();
    let mut looks = Vec::new();
    while let Ok(Some(cell)) = cells.next() {
        looks.push(if is_text(&cell.text()) { Looks::TEXT } else { Looks::default() });
        if cell.last {
            break;
        }
    }
    let mut at = 0;
    while let Ok(Some(cell)) = cells.next() {
        let text = cell.text();
        if let Some(column) = looks.get_mut(at).filter(|column| !column.has(Looks::TEXT) && !known.is_missing(&text)) {
            *column = column.or(look(&text));
        }
        at = if cell.last { 0 } else { at + 1 };
    }
    decimal_comma(looks.into_iter())
}

/// A cell of a column of which it is said what it holds; another one is refused, as in a file. What is not finite stays a text.
fn cell_as_said(text: &str, column: &KnownColumn, decimal_comma: bool, texts: &mut Texts) -> Result<Cell> {
    let word = text.trim_ascii();
    if !takes(column, text, Some(decimal_comma)) {
        return Err(
            Error::invalid(refusal(column, text)).hint("write the cell as the files that the model learned from")
        );
    }
    let cell = match column.kind {
        CellType::Integer => word.parse().ok().map(Cell::Whole),
        CellType::Float => match number(word, decimal_comma) {
            // There is no such number, as in a file.
            Some(number) if number.is_nan() => Some(Cell::Null),
            number => number.filter(|number| number.is_finite()).map(Cell::Float),
        },
        CellType::Boolean => truth(word).map(Cell::Boolean),
        CellType::Date | CellType::Time => match micros(word, Some(column)) {
            Some(micros) => return texts.add(&time_text(micros)).map(Cell::Text),
            None => None,
        },
        CellType::Text => None,
    };
    cell.map_or_else(|| texts.add(text).map(Cell::Text), Ok)
}

fn cell_of(text: &str, kind: Option<Kind>, decimal_comma: bool, texts: &mut Texts) -> Result<Cell> {
    let as_text = |texts: &mut Texts| texts.add(text).map(Cell::Text);
    if kind == Some(Kind::Text) {
        return as_text(texts);
    }
    let word = text.trim_ascii();
    let looks = look(word);
    let cell = match looks {
        Looks::BOOLEAN => boolean(word).map(Cell::Boolean),
        Looks::WHOLE => word.parse().ok().map(Cell::Whole),
        Looks::LARGE => word.parse().ok().map(Cell::Large).or_else(|| number(word, false).map(Cell::Float)),
        Looks::FLOAT | Looks::SCIENTIFIC => {
            number(word, decimal_comma).filter(|number| number.is_finite()).map(Cell::Float)
        }
        Looks::COMMA | Looks::GROUPED if decimal_comma => number(word, true).map(Cell::Float),
        _ => None,
    };
    cell.map_or_else(|| as_text(texts), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> Result<String> {
        let kind = |name: &str| {
            [("a", Kind::Float), ("b", Kind::Text), ("c", Kind::Boolean)].into_iter().find(|(n, _)| *n == name)
        };
        let cells =
            cells_from_csv(body.as_bytes(), 100, &KnownForm::default(), |name| kind(name).map(|(_, kind)| kind))?;
        let row = |row: usize| {
            let mut text = String::new();
            cells.each(row, |column, cell| {
                let cell = match cell {
                    Cell::Text(span) => format!("{:?}", cells.text(span)),
                    other => format!("{other:?}"),
                };
                text.push_str(&format!("{}={cell} ", cells.name(column)));
            });
            text
        };
        Ok((0..cells.rows()).map(row).collect::<Vec<_>>().join("| ").trim_end().to_owned())
    }

    #[test]
    fn cells_are_numbers_texts_or_missing() {
        assert_eq!(shown("a,b\r\n1,\"x, \"\"y\"\"\n\"\n").unwrap(), "a=Whole(1) b=\"x, \\\"y\\\"\\n\"");
        assert_eq!(
            shown("a,b\n7,007\n1e3,\n\n,nan").unwrap(),
            "a=Whole(7) b=\"007\" | a=Float(1000.0) b=Null | a=Null b=Null"
        );
        assert_eq!(shown("\u{feff}a\ninf\n\"\"\n-0.0\n").unwrap(), "a=\"inf\" | a=Null | a=Float(-0.0)");
        assert_eq!(shown("a,b\n").unwrap(), "");
        assert_eq!(shown("a,b\n1,\n").unwrap(), "a=Whole(1) b=Null");
        assert_eq!(shown("a,b\n,").unwrap(), "a=Null b=Null", "without a line end too");
        assert_eq!(shown("a,x\n\"0,5\",y\n").unwrap(), "a=Float(0.5) x=\"y\"");
        assert_eq!(
            shown("a;0.5\n0,5;2.0\n1,5;text\n").unwrap(),
            "a=Float(0.5) 0.5=\"2.0\" | a=Float(1.5) 0.5=\"text\""
        );
        assert_eq!(shown("a;b\n0,5;2.0\n").unwrap(), "a=Float(0.5) b=\"2.0\"");
        assert_eq!(shown("a;b\n0,5;x\n1,250;y\n").unwrap(), "a=Float(0.5) b=\"x\" | a=Float(1.25) b=\"y\"");
    }

    #[test]
    fn booleans_are_booleans_and_codes_keep_their_zeros() {
        assert_eq!(shown("c,key\ntrue,007\n").unwrap(), "c=Boolean(true) key=\"007\"");
        assert_eq!(shown("c,key\n1,-7\n").unwrap(), "c=Whole(1) key=Whole(-7)");
        assert_eq!(shown("a\n007\n").unwrap(), "a=\"007\"", "as in a file, and refused where a number is expected");
        assert_eq!(
            shown("key\n18446744073709551615\n1.5").unwrap(),
            "key=Large(18446744073709551615) | key=Float(1.5)"
        );
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (body, said) in [
            ("", "empty"),
            ("\n\r\n", "empty"),
            ("a\n\"x", "row 1: the quote is never closed"),
            ("a,b\n1,2,3\n", "row 1 has more than 2 cells"),
            ("a,b\n1,2\n1\n", "row 2 has 1 cells, there are 2 columns"),
            ("a,a\n1,1\n", "twice"),
            (&",".repeat(MOST_COLUMNS), "the header has more than 100000 cells"),
        ] {
            assert!(shown(body).unwrap_err().message().contains(said), "{body:?}: {}", shown(body).unwrap_err());
        }
    }
}
