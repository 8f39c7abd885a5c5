//! Files and folders of `.mlops`, and the project's own files beside it, opened without following links: what came with a clone or an
//! archive may have links, pipes and devices in their places, and what is written through one lies elsewhere.

use super::atomic::sync_dir;
use crate::error::{Error, Result};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Opens a file to be read; none if there is none.
pub fn open_plain(path: &Path) -> Result<Option<File>> {
    match open(path, OpenOptions::new().read(true)) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        other => plain_file(path, other, "read", false).map(Some),
    }
}

/// The content of a file; none if there is none.
pub fn read_plain(path: &Path) -> Result<Option<Vec<u8>>> {
    let Some(mut file) = open_plain(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
    Ok(Some(bytes))
}

/// The same of a file that is short by its nature; a longer one than `most` bytes is refused before it is read.
pub fn read_short_plain(path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    let Some(mut file) = open_plain(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.by_ref().take(most + 1).read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
    if bytes.len() as u64 > most {
        return Err(Error::invalid(format!("{} has more than {most} bytes", path.display()))
            .hint("it is not what it should be: look at where it came from"));
    }
    Ok(Some(bytes))
}

/// Opens a file to be appended to and read, made if it is missing. It must have no second name, under which it would be written to as well.
pub fn append_plain(path: &Path) -> Result<File> {
    let file = open(path, OpenOptions::new().create(true).read(true).append(true));
    plain_file(path, file, "open", true)
}

/// A folder, made if it is missing.
pub fn plain_folder(path: &Path) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(found) => Err(not_plain(path, &found, "a folder")),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            std::fs::create_dir_all(path).map_err(|e| Error::io("create", path, e))?;
            path.parent().map_or(Ok(()), sync_dir)
        }
        Err(e) => Err(Error::io("open", path, e)),
    }
}

/// Refuses a database of SQLite that is no file of one name, or has such a thing beside it, or a journal that names another one.
pub fn plain_database(path: &Path) -> Result<()> {
    let beside = |ending: &str| {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        PathBuf::from(file)
    };
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|ending| nothing_or_plain(&beside(ending)))?;
    names_no_other_journal(&beside("-journal"))
}

/// How a journal ends that belongs to a change of several databases. What comes before is the name of a file that SQLite reads
/// and removes, wherever it lies; this program never changes two databases at once.
const NAMES_ANOTHER: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

fn names_no_other_journal(journal: &Path) -> Result<()> {
    let Some(mut file) = open_plain(journal)? else { return Ok(()) };
    let mut end = [0; 8];
    let read = file.seek(SeekFrom::End(-8)).and_then(|_| file.read_exact(&mut end));
    if read.is_ok() && end == NAMES_ANOTHER {
        return Err(Error::corrupt(format!("{} names another journal", journal.display()))
            .hint("mlops made no such thing: remove it, and look at where this project came from"));
    }
    Ok(())
}

fn nothing_or_plain(path: &Path) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && names(&found) == 1 => Ok(()),
        Ok(found) => Err(not_plain(path, &found, "a file of its own")),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Error::io("open", path, e)),
    }
}

fn plain_file(path: &Path, opened: std::io::Result<File>, doing: &'static str, one_name: bool) -> Result<File> {
    let failed = |e| match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => not_plain(path, &found, "a file of its own"),
        _ => Error::io(doing, path, e),
    };
    let file = opened.map_err(failed)?;
    let found = file.metadata().map_err(|e| Error::io(doing, path, e))?;
    let in_folder = path.parent().and_then(|folder| Some((folder, std::fs::symlink_metadata(folder).ok()?)));
    match in_folder.filter(|(_, found)| found.is_symlink()) {
        Some((folder, found)) => Err(not_plain(folder, &found, "a folder")),
        None if found.is_file() && (!one_name || names(&found) == 1) => Ok(file),
        None => Err(not_plain(path, &found, "a file of its own")),
    }
}

fn not_plain(path: &Path, found: &Metadata, wanted: &str) -> Error {
    let what = match found {
        found if found.is_symlink() => "a link",
        found if found.is_dir() => "a folder",
        found if found.is_file() => "a second name of another file",
        _ => "a pipe or a device",
    };
    Error::corrupt(format!("{} is {what}, not {wanted}", path.display()))
        .hint("mlops made no such thing: remove it, and look at where this project came from")
}

/// Without following a link, and without waiting for whoever is at the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path, options: &mut OpenOptions) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, options: &mut OpenOptions) -> std::io::Result<File> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => Err(ErrorKind::InvalidInput.into()),
        _ => options.open(path),
    }
}

#[cfg(unix)]
fn names(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(found)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_pipes_and_second_names_are_refused_and_nothing_behind_them_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("secret"), "secret").unwrap();
        symlink(at("secret"), at("link")).unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        symlink(folder.path(), at("folder")).unwrap();
        std::fs::hard_link(at("secret"), at("second")).unwrap();
        std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        for name in ["link", "dangling", "second", "pipe", "folder/secret"] {
            assert!(append_plain(&at(name)).is_err(), "{name}");
            assert_eq!(open_plain(&at(name)).is_ok(), name == "second", "{name}");
        }
        assert!(plain_folder(&at("folder")).unwrap_err().message().contains("is a link, not a folder"));
        assert!(nothing_or_plain(&at("link")).is_err() && nothing_or_plain(&at("none")).is_ok());
        assert!(open_plain(&at("none")).unwrap().is_none());
        assert_eq!(std::fs::read(at("secret")).unwrap(), b"secret");
        assert!(!at("nowhere").exists());
    }
}
