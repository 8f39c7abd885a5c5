//! CSV with a header line (RFC 4180): quotes around cells, doubled inside; line ends inside quotes belong to the cell.

use super::MOST_ROWS;
use crate::data::{Cell, Cells, Kind, TableOfCells, Texts};
use crate::error::{Error, Result};

/// Reads rows. An empty cell is missing; others are read as `kind_of` says of their column. Where it says nothing, as of columns
/// that the model does not read, a cell is a number if the number is written just so: `7` is one, `007` is a text.
pub(in crate::serve) fn read(body: &[u8], kind_of: impl Fn(&str) -> Option<Kind>) -> Result<Cells> {
    let text = std::str::from_utf8(body).map_err(|e| Error::invalid(format!("the body is not UTF-8: {e}")))?;
    let mut names: Vec<String> = Vec::new();
    let mut kinds: Vec<Option<Kind>> = Vec::new();
    let mut table = TableOfCells::new(MOST_ROWS);
    let mut at = 0;
    each_cell(text, |cell, last| {
        // A line without anything is no row.
        if at == 0 && last && cell.is_empty() {
            return Ok(());
        }
        if kinds.is_empty() {
            names.push(cell.to_owned());
        } else {
            let cell = cell_of(cell, kinds.get(at).copied().flatten(), &mut table.texts)?;
            table.push(cell);
        }
        at += 1;
        if last {
            match kinds.is_empty() {
                true => kinds = names.iter().map(|name| kind_of(name)).collect(),
                false => table.end_row(),
            }
            at = 0;
        }
        Ok(())
    })?;
    if names.is_empty() {
        return Err(Error::invalid("the body is empty").hint("send a header line and rows"));
    }
    table.finish(names.iter().map(String::as_str))
}

fn cell_of(text: &str, kind: Option<Kind>, texts: &mut Texts) -> Result<Cell> {
    let number = match kind {
        _ if text.is_empty() => Some(Cell::Null),
        Some(Kind::Text) => None,
        Some(Kind::Boolean) if matches!(text, "true" | "false") => Some(Cell::Boolean(text == "true")),
        Some(_) => number(text),
        None => number(text).filter(|cell| match cell {
            Cell::Whole(number) => number.to_string() == text,
            Cell::Float(number) => number.to_string() == text,
            _ => true,
        }),
    };
    number.map_or_else(|| texts.add(text).map(Cell::Text), Ok)
}

fn number(text: &str) -> Option<Cell> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(Cell::Whole(number));
    }
    if let Ok(number) = text.parse::<u64>() {
        return Some(Cell::Large(number));
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Cell::Float)
}

/// Calls `work` with each cell and whether it is the last of its line.
fn each_cell(text: &str, mut work: impl FnMut(&str, bool) -> Result<()>) -> Result<()> {
    let mut cell = String::new();
    let (mut quoted, mut in_line) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => {
                work(&cell, false)?;
                cell.clear();
            }
            ('\r', false) if chars.peek() == Some(&'\n') => {}
            ('\n', false) => {
                work(&cell, true)?;
                cell.clear();
                in_line = false;
                continue;
            }
            (c, _) => cell.push(c),
        }
        in_line = true;
    }
    if quoted {
        return Err(Error::invalid("a quote is never closed"));
    }
    if in_line { work(&cell, true) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> Result<String> {
        let kind = |name: &str| {
            [("a", Kind::Float), ("b", Kind::Text), ("c", Kind::Boolean)].into_iter().find(|(n, _)| *n == name)
        };
        let cells = read(body.as_bytes(), |name| kind(name).map(|(_, kind)| kind))?;
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
            shown("a,b\n007,007\n1e3,\n\n,nan").unwrap(),
            "a=Whole(7) b=\"007\" | a=Float(1000.0) b=Null | a=Null b=\"nan\""
        );
        assert_eq!(shown("a\ninf\n\"\"\n-0.0\n").unwrap(), "a=\"inf\" | a=Float(-0.0)");
        assert_eq!(shown("a,b\n").unwrap(), "");
        assert_eq!(shown("a,b\n1,\n").unwrap(), "a=Whole(1) b=Null");
        assert_eq!(shown("a,b\n,").unwrap(), "a=Null b=Null", "without a line end too");
    }

    #[test]
    fn booleans_are_booleans_and_keys_keep_their_zeros() {
        assert_eq!(shown("c,key\ntrue,007\n").unwrap(), "c=Boolean(true) key=\"007\"");
        assert_eq!(shown("c,key\n1,-7\n").unwrap(), "c=Whole(1) key=Whole(-7)");
        assert_eq!(
            shown("key\n18446744073709551615\n1.50\n1.5").unwrap(),
            "key=Large(18446744073709551615) | key=\"1.50\" | key=Float(1.5)"
        );
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (body, said) in [
            ("", "empty"),
            ("\n\r\n", "empty"),
            ("a\n\"x", "quote"),
            ("a,b\n1,2,3\n", "row 0 has 3 cells, there are 2 columns"),
            ("a,a\n1,1\n", "twice"),
        ] {
            assert!(shown(body).unwrap_err().message().contains(said), "{body:?}");
        }
    }
}
