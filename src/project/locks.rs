//! Advisory locks of the operating system under `.mlops/locks`. Invariant: a lock dies with its owner, so there is
//! never a stale one to remove. Readers take none.

use super::Project;
use crate::error::{Error, ErrorKind, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a command waits for another one before it gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A held lock; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    remove: Option<PathBuf>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock file that is left behind is not locked, so it does no harm.
        let _ = self.remove.take().map(std::fs::remove_file);
    }
}

impl Lock {
    /// Waits for the lock called `name`, at most half a minute.
    pub fn acquire(project: &Project, name: &str) -> Result<Lock> {
        let path = path(project, name);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| Error::io("open the lock", &path, e))?;
        let until = Instant::now() + PATIENCE;
        let mut waiting = false;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    if !std::mem::replace(&mut waiting, true) {
                        tracing::info!(lock = name, "waiting for another mlops command");
                    }
                    std::thread::sleep(Duration::from_millis(20))
                }
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    let _ = file.read_to_string(&mut holder);
                    return Err(Error::new(
                        ErrorKind::Locked,
                        format!("another mlops command holds the {name} lock (process {})", holder.trim()),
                    )
                    .hint("wait for it to end, or stop it, and run the command again"));
                }
                Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path, e)),
            }
        }
        // The process id is for the message above; failing to write it harms nothing.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Lock { _file: file, remove: None })
    }

    /// Takes a lock that shows, as long as it is held, that a process is alive. No other process ever waits for it, so its file is
    /// removed with it.
    pub fn alive(project: &Project, name: &str) -> Result<Lock> {
        let mut lock = Lock::acquire(project, name)?;
        lock.remove = Some(path(project, name));
        Ok(lock)
    }

    /// Whether a living process holds the lock called `name`.
    pub fn is_held(project: &Project, name: &str) -> bool {
        let file = File::open(path(project, name));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn path(project: &Project, name: &str) -> PathBuf {
    project.dir("locks").join(format!("{name}.lock"))
}
