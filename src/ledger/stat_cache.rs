//! What a file looked like when its hash was taken, so that an unchanged file is not read again. A cache: losing it
//! costs time only. A file changed within the clock's grain of its reading is not remembered (git's racy rule).

use super::Ledger;
use super::datasets::parsed;
use crate::error::Result;
use crate::store::Hash;
use std::collections::HashMap;

/// A file's identity by `stat`, and the hash its content had then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// Bytes.
    pub size: u64,
    /// Modification time, nanoseconds since 1970.
    pub mtime: i64,
    /// Change time, nanoseconds since 1970.
    pub ctime: i64,
    /// Inode number.
    pub inode: i64,
    /// The content's hash.
    pub hash: Hash,
}

impl Ledger {
    /// What is remembered of files whose path begins with `prefix`. It takes the ledger for itself, so that another thread
    /// can ask it.
    pub fn file_stats(&mut self, prefix: &str) -> Result<HashMap<String, FileStat>> {
        let sql = "SELECT path, size, mtime, ctime, inode, hash FROM file_stat WHERE path >= ?1 AND path < ?2";
        let end = format!("{prefix}\u{10FFFF}");
        let rows = self.rows(sql, (prefix, end), |row| {
            let stat = FileStat {
                size: row.get::<_, i64>(1)? as u64,
                mtime: row.get(2)?,
                ctime: row.get(3)?,
                inode: row.get(4)?,
                hash: parsed(row, 5, Hash::parse)?,
            };
            Ok((row.get::<_, String>(0)?, stat))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Remembers files.
    pub fn remember_files(&mut self, files: &[(String, FileStat)]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        self.write("write", |tx| {
            let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO file_stat VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            for (path, f) in files {
                insert.execute((path, f.size as i64, f.mtime, f.ctime, f.inode, f.hash.to_string()))?;
            }
            Ok(())
        })
    }
}
