//! `.gitignore` of the project: what mlops keeps is not for git as well.

use crate::error::Result;
use crate::store::{read_plain, write_atomic};
use std::path::Path;

/// Adds lines to the file that it has in no spelling yet, and returns those.
pub fn ignore(root: &Path, lines: &[String]) -> Result<Vec<String>> {
    let path = root.join(".gitignore");
    let mut bytes = read_plain(&path)?.unwrap_or_default();
    // What is not UTF-8 in it stays as it is.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let bare = |line: &str| line.trim().trim_start_matches('/').trim_end_matches('/').to_owned();
    let known: Vec<String> = text.lines().map(bare).collect();
    let is_known = |line: &String| {
        let line = bare(line);
        // A folder above it may be ignored as a whole.
        known.iter().any(|known| line == *known || line.strip_prefix(known).is_some_and(|rest| rest.starts_with('/')))
    };
    let new: Vec<String> = lines.iter().filter(|line| !is_known(line)).cloned().collect();
    if new.is_empty() {
        return Ok(new);
    }
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    for line in &new {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    write_atomic(&path, &bytes)?;
    Ok(new)
}

/// Whether lines can be added to the file: it is none, or a plain file.
pub fn can_ignore(root: &Path) -> Result<()> {
    read_plain(&root.join(".gitignore")).map(|_| ())
}

/// A path as a line of `.gitignore` that means only it; none if it has a line break, which no line can.
pub fn ignore_line(path: &str) -> Option<String> {
    let mut line = String::from("/");
    for (at, letter) in path.char_indices() {
        if matches!(letter, '\n' | '\r') {
            return None;
        }
        if matches!(letter, '*' | '?' | '[' | '\\') || (letter == ' ' && at + 1 == path.len()) {
            line.push('\\');
        }
        line.push(letter);
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_once_in_whatever_spelling_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let read = || std::fs::read_to_string(folder.path().join(".gitignore")).unwrap();
        let add = |lines: &[&str]| {
            ignore(folder.path(), &lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()).unwrap()
        };
        std::fs::write(folder.path().join(".gitignore"), "target\n/big/").unwrap();
        assert!(can_ignore(folder.path()).is_ok());
        assert_eq!(add(&["/data/a.csv", "/big/b.csv", "/target/", "/bigger/c.csv"]), ["/data/a.csv", "/bigger/c.csv"]);
        assert_eq!(read(), "target\n/big/\n/data/a.csv\n/bigger/c.csv\n");
        assert!(add(&["/data/a.csv"]).is_empty());
    }

    #[test]
    fn a_line_means_the_file_and_no_pattern() {
        let line = |path: &str| ignore_line(path).unwrap();
        assert_eq!(line("a b/[1].csv"), "/a b/\\[1].csv");
        assert_eq!(line("ends "), "/ends\\ ");
        assert_eq!(line("[x] "), "/\\[x]\\ ");
        assert_eq!(ignore_line("x\n*.csv"), None);
    }
}
