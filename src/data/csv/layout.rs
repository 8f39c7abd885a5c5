//! Which character separates the cells of a file.

use super::cells::Cells;
use crate::error::{Error, Result};

const SEPARATORS: [u8; 4] = *b",;\t|";
/// Rows that must agree on a separator where the header alone does not say it.
const LOOKED_AT: usize = 100;

/// The separator of a file that begins with this text: the only one that its header has; of several the only one that makes rows
/// as wide as the header.
pub(super) fn separator(text: &str) -> Result<u8> {
    let candidates: Vec<(u8, usize)> =
        SEPARATORS.iter().filter_map(|one| Some((*one, header_width(text, *one)?))).collect();
    match candidates.as_slice() {
        [] => Ok(b','),
        [(only, _)] => Ok(*only),
        several => {
            let mut fitting = several.iter().filter(|(one, width)| all_as_wide(text, *one, *width));
            match (fitting.next(), fitting.next()) {
                (Some((only, _)), None) => Ok(*only),
                _ if several.iter().any(|(one, _)| *one == b',') => Ok(b','),
                _ => Err(Error::invalid("it is not clear what separates the cells")
                    .at("the header")
                    .hint("write the file with commas between the cells")),
            }
        }
    }
}

/// Cells of the header, if there is more than one.
fn header_width(text: &str, separator: u8) -> Option<usize> {
    let mut cells = Cells::new(text, separator);
    cells.pass_blank_lines();
    width(&mut cells).filter(|width| *width > 1)
}

fn all_as_wide(text: &str, separator: u8, wanted: usize) -> bool {
    let mut cells = Cells::new(text, separator);
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
            assert_eq!(separator(text).unwrap() as char, found as char, "{text:?}");
        }
        assert!(separator("a;b|c\n1;2\n3|4\n").is_err());
    }
}
