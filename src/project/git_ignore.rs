//! `.gitignore` of the project: what mlops keeps is not for git as well.

use super::read_text::text_of;
use crate::error::Result;
use crate::store::{read_plain, write_atomic};
use std::path::Path;

/// Adds lines to the file that it has in no spelling yet, and returns those.
pub fn ignore(root: &Path, lines: &[String]) -> Result<Vec<String>> {
    let path = root.join(".gitignore");
    let bytes = read_plain(&path)?.unwrap_or_default();
    let mut text = text_of(&bytes, &path)?.to_owned();
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
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in &new {
        text.push_str(line);
        text.push('\n');
    }
    write_atomic(&path, text.as_bytes())?;
    Ok(new)
}

/// A path as a line of `.gitignore` that means only it.
pub fn ignore_line(path: &str) -> String {
    let mut line = String::from("/");
    for letter in path.chars() {
        if matches!(letter, '*' | '?' | '[' | '\\') || (letter == ' ' && line.len() == path.len()) {
            line.push('\\');
        }
        line.push(letter);
    }
    line
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
        assert_eq!(add(&["/data/a.csv", "/big/b.csv", "/target/", "/bigger/c.csv"]), ["/data/a.csv", "/bigger/c.csv"]);
        assert_eq!(read(), "target\n/big/\n/data/a.csv\n/bigger/c.csv\n");
        assert!(add(&["/data/a.csv"]).is_empty());
    }

    #[test]
    fn a_line_means_the_file_and_no_pattern() {
        assert_eq!(ignore_line("a b/[1].csv"), "/a b/\\[1].csv");
        assert_eq!(ignore_line("ends "), "/ends\\ ");
    }
}
