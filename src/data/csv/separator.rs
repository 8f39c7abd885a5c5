//! Which character separates the cells of a file.

use super::cells::{Cells, Marks};
use crate::error::{Error, Result};

const SEPARATORS: [u8; 4] = *b",;\t|";
/// Rows that must agree on a separator where the header alone does not say it.
const LOOKED_AT: usize = 100;

/// The separator of a file that begins with this text: the only one that its header has; of several the only one that makes rows
/// as wide as the header.
pub(super) fn separator(text: &str, quote: u8) -> Result<u8> {
    if let Some(line) =
        text.lines().next().filter(|line| line.len() == 5 && line.to_ascii_lowercase().starts_with("sep="))
    {
        return Err(Error::invalid(format!("the first line, {line:?}, is a word to Excel and names no columns"))
            .hint("remove that line: the names of the columns come first"));
    }
    let candidates: Vec<(u8, usize)> = SEPARATORS
        .iter()
        .filter_map(|one| Some((*one, header_width(text, Marks { separator: *one, quote })?)))
        .collect();
    match candidates.as_slice() {
        [] => Ok(b','),
        [(only, _)] => Ok(*only),
        several => {
            let mut fitting =
                several.iter().filter(|(one, width)| all_as_wide(text, Marks { separator: *one, quote }, *width));
            match (fitting.next(), fitting.next()) {
                (Some((only, _)), None) => Ok(*only),
                _ if several.iter().any(|(one, _)| *one == b',') => Ok(b','),
                _ => Err(Error::invalid("it is not clear what separates the cells")
                    .at("the header")
                    .hint("say it: separator = \";\" under [data.NAME] in mlops.toml")),
            }
        }
    }
}

/// The separator that was said, which the header must have if it has another one: a file never becomes one column unseen.
pub(super) fn check_separator(text: &str, marks: Marks) -> Result<u8> {
    if header_width(text, marks).is_none()
        && let Some(other) = SEPARATORS
            .into_iter()
            .find(|one| *one != marks.separator && header_width(text, Marks { separator: *one, ..marks }).is_some())
    {
        let (said, other) = (char::from(marks.separator).to_string(), char::from(other).to_string());
        return Err(Error::invalid(format!("there is no {said:?} between the cells"))
            .at("the header")
            .hint(format!("the file seems to have {other:?}: mend `separator` in mlops.toml, or leave it out")));
    }
    Ok(marks.separator)
}

/// Cells of the header, if there is more than one.
fn header_width(text: &str, marks: Marks) -> Option<usize> {
    let mut cells = Cells::new(text, marks);
    cells.pass_blank_lines();
    width(&mut cells).filter(|width| *width > 1)
}

fn all_as_wide(text: &str, marks: Marks, wanted: usize) -> bool {
    let mut cells = Cells::new(text, marks);
    (0..LOOKED_AT).all(|_| {
        cells.pass_blank_lines();
        cells.at_end() || width(&mut cells) == Some(wanted)
    })
}

/// Cells of the next row.
fn width(cells: &mut Cells) -> Option<usize> {
    let mut width = 0;
    while let Ok(Some(cell)) = cells.next() {
        width += 1;
        if cell.last {
            return Some(width);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_is_recognised_where_it_is_certain() {
        for (text, found) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b|c\n", b'|'),
            ("a\n1,2\n", b','),
            ("\"a;b\"\n1\n", b','),
            ("a;b,c\n1,2;3\n4,5;6\n", b','),
            ("a;b (in m, s);c\n1;2;3\n", b';'),
            ("a,b;c,d\n1,2,3\n", b','),
            ("\na;b\n1;2\n", b';'),
            ("a;b (in m, s);c\n1;2;3\n\n4;5;6\n", b';'),
        ] {
            assert_eq!(separator(text, b'"').unwrap() as char, found as char, "{text:?}");
        }
        assert!(separator("sep=;\na;b\n1;2\n", b'"').unwrap_err().message().contains("sep=;"));
        assert!(separator("a;b|c\n1;2\n3|4\n", b'"').is_err());
    }
}
