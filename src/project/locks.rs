//! Advisory locks of the operating system under `.mlops/locks`. Invariant: a lock dies with its owner, so there is
//! never a stale one to remove. Readers take none.

use super::Project;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{append_plain, open_plain, read_plain, replace_unsynced};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
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
        if let Some(path) = self.remove.take() {
            let _ = std::fs::remove_file(holder_path(&path));
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Lock {
    /// Waits for the lock called `name`, at most half a minute.
    pub fn acquire(project: &Project, name: &str) -> Result<Lock> {
        let path = path(project, name);
        let file = append_plain(&path)?;
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
                    let holder = read_plain(&holder_path(&path)).ok().flatten().unwrap_or_default();
                    let holder = String::from_utf8_lossy(&holder).into_owned();
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
        let _ = replace_unsynced(&holder_path(&path), std::process::id().to_string().as_bytes());
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
        let file = open_plain(&path(project, name));
        file.is_ok_and(|file| file.is_some_and(|f| matches!(f.try_lock_shared(), Err(TryLockError::WouldBlock))))
    }
}

/// Beside the lock: who holds it. The lock itself is never written.
fn holder_path(lock: &Path) -> PathBuf {
    lock.with_extension("holder")
}

fn path(project: &Project, name: &str) -> PathBuf {
    project.dir("locks").join(format!("{name}.lock"))
}
