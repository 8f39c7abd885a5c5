//! Writing the log of one deployment: `.mlops/predictions/DEPLOYMENT/YYYY-MM-DD.SERVER.jsonl`, one line a row.
//!
//! Invariants: all lines of a request are appended, with no other's between them, before it is answered, so what was acknowledged
//! survives the death of the process; a background sync makes it durable against the machine's within a second; a
//! server writes only files of its own, so only the last line of a file can be torn, and a torn line was never
//! acknowledged. When an append fails, the file is cut back to its last whole line and stays open, so that nothing is read
//! again. A file of a day that is over is closed.

use super::segments::{file_name, folder};
use crate::error::{Error, ErrorKind, Result};
use crate::project::{Name, Project, day_text};
use crate::store::{append_lines, plain_folder, sync_dir};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The writer of one deployment's log in one server. Shared between threads.
pub struct Writer {
    folder: PathBuf,
    /// Random, so that files and ids of two servers differ.
    server: u64,
    requests: AtomicU64,
    /// The day being written, last, and those before it that are not durable yet.
    days: Mutex<Vec<OpenDay>>,
}

/// A segment being written.
struct OpenDay {
    day: String,
    file: Arc<File>,
    /// Where its whole lines end.
    end: u64,
    /// Whether a failed append may have left something behind `end`.
    torn: bool,
    synced: bool,
}

impl Writer {
    /// A writer with a random name of its own.
    pub fn open(project: &Project, deployment: &Name) -> Result<Self> {
        let folder = folder(project, deployment);
        plain_folder(&folder)?;
        let mut random = [0u8; 8];
        getrandom::fill(&mut random).map_err(|e| Error::new(ErrorKind::Io, format!("no random numbers: {e}")))?;
        Ok(Writer::in_folder(folder, u64::from_le_bytes(random)))
    }

    fn in_folder(folder: PathBuf, server: u64) -> Self {
        Writer { folder, server, requests: AtomicU64::new(0), days: Mutex::new(Vec::new()) }
    }

    /// A new request's id: 32 hex digits, the server's first. Those of its rows have `-` and their number behind it.
    pub fn next_request(&self) -> String {
        format!("{:016x}{:016x}", self.server, self.requests.fetch_add(1, Ordering::Relaxed))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<OpenDay>> {
        self.days.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends whole lines, answered at `now`: the parts of one text.
    pub fn append(&self, now: i64, parts: &[impl AsRef<[u8]>]) -> Result<()> {
        let day = day_text(now);
        let mut days = self.lock();
        let at = match days.iter().position(|open| open.day == day) {
            Some(at) => at,
            None => {
                days.push(self.open_day(day)?);
                days.len() - 1
            }
        };
        match days.get_mut(at) {
            Some(open) => open.append(parts).map_err(|e| Error::io("write to", &self.folder, e)),
            None => Err(Error::invalid("the log is not open")),
        }
    }

    fn open_day(&self, day: String) -> Result<OpenDay> {
        let path = self.folder.join(file_name(&day, self.server));
        let file = append_lines(&path)?;
        let end = file.metadata().map_err(|e| Error::io("open", &path, e))?.len();
        if end == 0 {
            sync_dir(&self.folder)?;
        }
        Ok(OpenDay { day, file: Arc::new(file), end, torn: false, synced: true })
    }

    /// Makes what was appended durable; what could not be is tried again the next time.
    pub fn sync(&self) -> Result<()> {
        let waiting: Vec<(String, Arc<File>)> = {
            let mut days = self.lock();
            let waiting = days.iter_mut().filter(|open| !open.synced);
            let taken = waiting.map(|open| {
                open.synced = true;
                (open.day.clone(), Arc::clone(&open.file))
            });
            taken.collect()
        };
        let mut result = Ok(());
        for (day, file) in waiting {
            if let Err(e) = file.sync_data() {
                result = Err(Error::io("sync", &self.folder, e));
                self.lock().iter_mut().filter(|open| open.day == day).for_each(|open| open.synced = false);
            }
        }
        // Days that are over are closed once they are durable.
        let mut days = self.lock();
        let newest = days.iter().map(|open| open.day.clone()).max().unwrap_or_default();
        days.retain(|open| open.day == newest || !open.synced);
        result
    }
}

impl OpenDay {
    fn append(&mut self, parts: &[impl AsRef<[u8]>]) -> std::io::Result<()> {
        self.cut()?;
        self.synced = false;
        self.torn = true;
        if let Err(e) = parts.iter().try_for_each(|part| (&*self.file).write_all(part.as_ref())) {
            // Where this fails too, the next append tries it again before it writes.
            let _ = self.cut();
            return Err(e);
        }
        self.torn = false;
        self.end += parts.iter().map(|part| part.as_ref().len() as u64).sum::<u64>();
        Ok(())
    }

    /// Cuts off what a failed append left: half a line must not stand before the next one.
    fn cut(&mut self) -> std::io::Result<()> {
        if self.torn {
            self.file.set_len(self.end)?;
            self.torn = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENING: i64 = 86_399_000_000;
    const MORNING: i64 = 86_401_000_000;

    fn writer(folder: &tempfile::TempDir) -> Writer {
        Writer::in_folder(folder.path().to_owned(), 7)
    }

    fn text(folder: &tempfile::TempDir, day: &str) -> String {
        std::fs::read_to_string(folder.path().join(format!("{day}.0000000000000007.jsonl"))).unwrap()
    }

    #[test]
    fn what_was_logged_before_midnight_is_synced_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let log = writer(&folder);
        for now in [EVENING, MORNING, EVENING] {
            log.append(now, &[b"{}\n"]).unwrap();
        }
        assert_eq!(log.lock().len(), 2, "one file a day is open");
        assert!(log.lock().iter().all(|open| !open.synced));
        log.sync().unwrap();
        assert_eq!(log.lock().len(), 1, "the day that is over is closed");
        assert!(log.lock().iter().all(|open| open.synced));
        assert_eq!((text(&folder, "1970-01-01").as_str(), text(&folder, "1970-01-02").as_str()), ("{}\n{}\n", "{}\n"));
    }

    #[test]
    fn a_failed_append_is_cut_off_before_the_next_one_and_keeps_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let log = writer(&folder);
        log.append(EVENING, &[b"{\"a\":1}\n"]).unwrap();
        let whole = Arc::clone(&log.lock()[0].file);
        // What a full disk does: half a line is written, then nothing more, not even the cutting.
        let path = folder.path().join("1970-01-01.0000000000000007.jsonl");
        log.lock()[0].file = Arc::new(File::open(&path).unwrap());
        for _ in 0..3 {
            assert!(log.append(EVENING, &[b"{\"b\":2}\n"]).is_err());
        }
        (&*whole).write_all(b"{\"b\"").unwrap();
        let torn: Vec<bool> = log.lock().iter().map(|open| open.torn).collect();
        assert_eq!(torn, [true], "the same day is open, and knows of the rest");
        log.lock()[0].file = whole;
        log.append(EVENING, &["{\"c\":", "3}\n"]).unwrap();
        assert_eq!(text(&folder, "1970-01-01"), "{\"a\":1}\n{\"c\":3}\n");
    }

    #[test]
    fn requests_of_a_server_have_ids_that_begin_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let log = writer(&folder);
        assert_eq!(log.next_request(), "00000000000000070000000000000000");
        assert_eq!(log.next_request(), "00000000000000070000000000000001");
    }
}
