//! Files of lines that only grow, such as the log of predictions: appending after the last whole line.

use super::plain_files::append_plain;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Opens a file of lines for appending, made if it is missing. A last line torn by a crash is cut off, so that the next
/// one stands alone: nobody else may be writing to the file.
pub fn append_lines(path: &Path) -> Result<File> {
    let failed = |e: std::io::Error| Error::io("open", path, e);
    let mut file = append_plain(path)?;
    let length = file.metadata().map_err(failed)?.len();
    let whole = last_line_end(&mut file, length).map_err(failed)?;
    if whole < length {
        file.set_len(whole).map_err(failed)?;
    }
    Ok(file)
}

/// Where the last whole line of a file ends. Read from the end, so a long file costs no more than a short one.
fn last_line_end(file: &mut File, length: u64) -> std::io::Result<u64> {
    let mut block = [0; 4096];
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let part = &mut block[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_torn_last_line_is_cut_off_however_long_the_lines_are() {
        let folder = tempfile::tempdir().unwrap();
        let long = "x".repeat(10_000);
        for (before, whole) in [
            (String::new(), String::new()),
            ("a\n".to_owned(), "a\n".to_owned()),
            ("a\nb\ntorn".to_owned(), "a\nb\n".to_owned()),
            (format!("a\n{long}"), "a\n".to_owned()),
            (format!("{long}\n{long}\n{long}"), format!("{long}\n{long}\n")),
            (long.clone(), String::new()),
        ] {
            let path = folder.path().join("lines");
            std::fs::write(&path, before).unwrap();
            append_lines(&path).unwrap().write_all(b"next\n").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), whole + "next\n");
        }
    }
}
