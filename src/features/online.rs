//! The online store: for each view and key the newest rows, in `.mlops/features/online.db`. A lookup computes features
//! by the same [`Compiled::compute`] as the offline join, as of the request's own time.
//!
//! Invariants: rows of a key are replaced as one blob in one transaction; a filling of an older window never removes
//! newer rows; a view whose definition changed is refilled from nothing. Readers in other processes go on meanwhile.

use super::events::Events;
use super::expression::Kind;
use super::shape::{Compiled, Shape, Status};
use crate::data::{Column, Key, Value, key_of_values};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::project::{Name, Project, now_micros};
use crate::store::Hash;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const SCHEMA: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS view (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL, up_to INTEGER NOT NULL, kept_from INTEGER NOT NULL, filled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity (
    view TEXT NOT NULL, key BLOB NOT NULL, rows BLOB NOT NULL, PRIMARY KEY (view, key)
) STRICT, WITHOUT ROWID;";

/// How long a reader trusts what it has read before it asks whether the store was filled again.
const TRUST: Duration = Duration::from_millis(50);
/// Keys remembered in memory; beyond, the memory starts anew.
const REMEMBERED: usize = 200_000;

/// A connection with a memory of decoded keys. Shared between threads.
pub struct Online {
    state: Mutex<State>,
}

struct State {
    connection: Connection,
    version: i64,
    asked: Option<Instant>,
    views: HashMap<String, Option<Filled>>,
    entities: HashMap<(String, Key), Option<Arc<Entity>>>,
}

#[derive(Clone, Copy)]
struct Filled {
    kept_from: i64,
}

/// The rows of one key.
pub struct Entity {
    events: Events,
    key: Key,
    kept_from: i64,
}

/// A feature looked up by name.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct OnlineValue {
    /// The feature.
    pub name: String,
    /// Its value.
    pub value: serde_json::Value,
    /// How the lookup fared.
    pub status: Status,
}

fn failed(e: rusqlite::Error) -> Error {
    Error::new(ErrorKind::Io, format!("online store: {e}"))
        .hint("`mlops feature materialize` fills it anew; .mlops/features/online.db may be removed")
}

fn open(project: &Project) -> Result<Connection> {
    let connection = Connection::open(project.dir("features").join("online.db")).map_err(failed)?;
    connection.busy_timeout(Duration::from_secs(30)).map_err(failed)?;
    connection.execute_batch(SCHEMA).map_err(failed)?;
    Ok(connection)
}

impl Online {
    /// Opens the store of a project.
    pub fn open(project: &Project) -> Result<Self> {
        let state = State {
            connection: open(project)?,
            version: 0,
            asked: None,
            views: HashMap::new(),
            entities: HashMap::new(),
        };
        Ok(Online { state: Mutex::new(state) })
    }

    /// The rows of `key` in a view; none if the key is not there.
    pub fn entity(&self, shape: &Shape, key: &Key) -> Result<Option<Arc<Entity>>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh()?;
        let name = shape.name.as_str();
        if let Some(found) = state.entities.get(&(name.to_owned(), *key)) {
            return Ok(found.clone());
        }
        let Some(filled) = state.view(name)? else { return Ok(None) };
        let sql = "SELECT rows FROM entity WHERE view = ?1 AND key = ?2";
        let blob: Option<Vec<u8>> =
            state.connection.query_row(sql, (name, key.as_slice()), |row| row.get(0)).optional().map_err(failed)?;
        let entity = match blob {
            Some(blob) => {
                let rows = Rows::decode(&blob, shape)?;
                let events = Events::of_one(*key, rows.times, rows.created, rows.columns);
                Some(Arc::new(Entity { events, key: *key, kept_from: filled.kept_from }))
            }
            None => None,
        };
        if state.entities.len() >= REMEMBERED {
            state.entities.clear();
        }
        state.entities.insert((name.to_owned(), *key), entity.clone());
        Ok(entity)
    }
}

impl State {
    /// Forgets everything if another connection wrote.
    fn refresh(&mut self) -> Result<()> {
        if self.asked.is_some_and(|at| at.elapsed() < TRUST) {
            return Ok(());
        }
        let version = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(failed)?;
        if version != self.version {
            self.version = version;
            self.views.clear();
            self.entities.clear();
        }
        self.asked = Some(Instant::now());
        Ok(())
    }

    fn view(&mut self, name: &str) -> Result<Option<Filled>> {
        if let Some(found) = self.views.get(name) {
            return Ok(*found);
        }
        let sql = "SELECT kept_from FROM view WHERE name = ?1";
        let found = self
            .connection
            .query_row(sql, [name], |row| Ok(Filled { kept_from: row.get(0)? }))
            .optional()
            .map_err(failed)?;
        self.views.insert(name.to_owned(), found);
        Ok(found)
    }
}

impl Entity {
    /// The key's features as of `t`. A time from before what is kept has none.
    pub fn compute<'a>(&'a self, view: &'a Compiled, t: i64, out: &mut Vec<Value<'a>>) -> Status {
        if t < self.kept_from {
            out.resize(out.len() + view.outputs().len(), Value::Null);
            return Status::OutsideMaxAge;
        }
        view.compute(self.events.of(&self.key), t, out)
    }
}

/// What a filling wrote.
pub(super) struct Written {
    pub rows: u64,
    pub keys: u64,
}

/// Fills a view: all rows known up to `up_to`, kept as far back as lookups from `kept_from` on need them. Rows that are
/// newer than `up_to` stay.
pub(super) fn fill(
    project: &Project,
    hash: &Hash,
    shape: &Shape,
    events: &Events,
    up_to: i64,
    kept_from: i64,
) -> Result<Written> {
    let mut connection = open(project)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let name = shape.name.as_str();
    let sql = "SELECT hash, up_to, kept_from FROM view WHERE name = ?1";
    let before: Option<(String, i64, i64)> =
        tx.query_row(sql, [name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional().map_err(failed)?;
    // Only a filling of the same definition that went further has rows to keep.
    let ahead = before.filter(|(old, filled_to, _)| *old == hash.to_string() && *filled_to > up_to);
    if ahead.is_none() {
        tx.execute("DELETE FROM entity WHERE view = ?1", [name]).map_err(failed)?;
    }
    let newest = ahead.as_ref().map_or(up_to, |(_, filled_to, _)| *filled_to);
    // A filling of an older window must not claim to keep more than the newer one left.
    let kept_from = ahead.as_ref().map_or(kept_from, |(_, _, old)| kept_from.max(*old));
    let sql = "INSERT OR REPLACE INTO view (name, hash, up_to, kept_from, filled) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, (name, hash.to_string(), newest, kept_from, now_micros())).map_err(failed)?;
    let mut written = Written { rows: 0, keys: 0 };
    {
        let mut read = tx.prepare("SELECT rows FROM entity WHERE view = ?1 AND key = ?2").map_err(failed)?;
        let mut write =
            tx.prepare("INSERT OR REPLACE INTO entity (view, key, rows) VALUES (?1, ?2, ?3)").map_err(failed)?;
        for key in events.keys() {
            let Some(slice) = events.of(&key) else { continue };
            let end = slice.times.partition_point(|t| *t <= up_to);
            let begin = shape.first_needed(&slice, kept_from).min(end);
            let mut rows = Rows::of(&slice, begin..end, shape);
            if ahead.is_some() {
                let old: Option<Vec<u8>> =
                    read.query_row((name, key.as_slice()), |row| row.get(0)).optional().map_err(failed)?;
                if let Some(old) = old {
                    rows.append_newer(Rows::decode(&old, shape)?, up_to);
                }
            }
            written.rows += rows.times.len() as u64;
            written.keys += 1;
            write.execute((name, key.as_slice(), rows.encode())).map_err(failed)?;
        }
    }
    tx.commit().map_err(failed)?;
    Ok(written)
}

/// The rows of a key as they lie in the store: little-endian count, then times, created times, columns.
struct Rows {
    times: Vec<i64>,
    created: Option<Vec<i64>>,
    columns: Vec<Column>,
}

impl Rows {
    fn of(slice: &super::events::EventSlice, range: std::ops::Range<usize>, shape: &Shape) -> Self {
        let columns = shape.columns.iter().enumerate().map(|(slot, (_, kind))| {
            let cells = range.clone().map(|at| slice.value(slot, at));
            match kind {
                Kind::Number => Column::Number(cells.map(Value::as_number).collect()),
                Kind::Text => Column::texts(cells.map(|v| if let Value::Text(t) = v { Some(t) } else { None })),
                Kind::Time => {
                    Column::Time(cells.map(|v| if let Value::Time(t) = v { t } else { Column::NO_TIME }).collect())
                }
            }
        });
        Rows {
            times: slice.times[range.clone()].to_vec(),
            created: shape.as_of_created.then(|| range.clone().map(|at| slice.created(at)).collect()),
            columns: columns.collect(),
        }
    }

    /// Takes over the rows of `old` that are newer than `up_to`.
    fn append_newer(&mut self, old: Rows, up_to: i64) {
        let newer: Vec<usize> = (0..old.times.len()).filter(|at| old.times[*at] > up_to).collect();
        self.times.extend(newer.iter().map(|at| old.times[*at]));
        if let (Some(mine), Some(theirs)) = (&mut self.created, &old.created) {
            mine.extend(newer.iter().map(|at| theirs[*at]));
        }
        for (mine, theirs) in self.columns.iter_mut().zip(&old.columns) {
            *mine = joined(mine, &theirs.select(&newer));
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend((self.times.len() as u32).to_le_bytes());
        self.times.iter().for_each(|t| out.extend(t.to_le_bytes()));
        self.created.iter().flatten().for_each(|t| out.extend(t.to_le_bytes()));
        for column in &self.columns {
            match column {
                Column::Number(v) => v.iter().for_each(|x| out.extend(x.to_le_bytes())),
                Column::Time(v) => v.iter().for_each(|t| out.extend(t.to_le_bytes())),
                Column::Text(codes, words) => {
                    out.extend((words.len() as u32).to_le_bytes());
                    for word in words.iter() {
                        out.extend((word.len() as u32).to_le_bytes());
                        out.extend(word.as_bytes());
                    }
                    codes.iter().for_each(|c| out.extend(c.to_le_bytes()));
                }
            }
        }
        out
    }

    fn decode(bytes: &[u8], shape: &Shape) -> Result<Self> {
        let mut reader = Reader(bytes);
        let damaged = || {
            Error::corrupt(format!("online store: rows of view \"{}\" are damaged", shape.name))
                .hint("run `mlops feature materialize`")
        };
        let mut read = || -> Option<Rows> {
            let count = reader.u32()? as usize;
            let times = reader.i64s(count)?;
            let created = if shape.as_of_created { Some(reader.i64s(count)?) } else { None };
            let mut columns = Vec::new();
            for (_, kind) in &shape.columns {
                columns.push(match kind {
                    Kind::Number => {
                        Column::Number(reader.i64s(count)?.into_iter().map(|b| f64::from_bits(b as u64)).collect())
                    }
                    Kind::Time => Column::Time(reader.i64s(count)?),
                    Kind::Text => reader.texts(count)?,
                });
            }
            (reader.0.is_empty() && times.windows(2).all(|w| w[0] <= w[1])).then_some(Rows { times, created, columns })
        };
        read().ok_or_else(damaged)
    }
}

fn joined(a: &Column, b: &Column) -> Column {
    match (a, b) {
        (Column::Number(a), Column::Number(b)) => Column::Number([a.as_slice(), b].concat()),
        (Column::Time(a), Column::Time(b)) => Column::Time([a.as_slice(), b].concat()),
        _ => {
            let cells = |c: &Column| {
                (0..c.len())
                    .map(|at| if let Value::Text(t) = c.get(at) { Some(t.to_owned()) } else { None })
                    .collect::<Vec<_>>()
            };
            let all = [cells(a), cells(b)].concat();
            Column::texts(all.iter().map(Option::as_deref))
        }
    }
}

/// Reads little-endian values off the front; none when the bytes run out.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn i64s(&mut self, count: usize) -> Option<Vec<i64>> {
        let bytes = self.take(count.checked_mul(8)?)?;
        Some(bytes.as_chunks::<8>().0.iter().map(|c| i64::from_le_bytes(*c)).collect())
    }

    fn texts(&mut self, count: usize) -> Option<Column> {
        let words = self.u32()?;
        let mut list = Vec::new();
        for _ in 0..words {
            let length = self.u32()? as usize;
            list.push(std::str::from_utf8(self.take(length)?).ok()?.to_owned());
        }
        let bytes = self.take(count.checked_mul(4)?)?;
        let codes: Vec<u32> = bytes.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)).collect();
        let known = |c: &u32| *c == Column::MISSING || (*c as usize) < list.len();
        codes.iter().all(known).then(|| Column::Text(codes, Arc::new(list)))
    }
}

/// Looks a view's features up by name, for people. Keys are texts; one that the data has as a number is read as one.
pub fn get_online(project: &Project, view: &Name, keys: &[(String, String)], at: i64) -> Result<Vec<OnlineValue>> {
    let loaded = super::source::load_view(project, &project.ledger()?, view)?;
    let shape = &loaded.view.shape;
    if let Some((unknown, _)) = keys.iter().find(|(k, _)| !shape.keys.contains(k)) {
        return Err(Error::unknown("key", unknown, shape.keys.iter().map(String::as_str)));
    }
    let text = |name: &String| {
        let found = keys.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
        found.ok_or_else(|| Error::invalid(format!("key \"{name}\" is missing")).hint(format!("give {name}=VALUE")))
    };
    let texts = shape.keys.iter().map(text).collect::<Result<Vec<&str>>>()?;
    let online = Online::open(project)?;
    let as_texts = key_of_values(texts.iter().map(|t| Value::Text(t)));
    let as_numbers = key_of_values(texts.iter().map(|t| t.parse::<f64>().map_or(Value::Text(t), Value::number)));
    let mut entity = None;
    for key in [as_texts, as_numbers].into_iter().flatten() {
        entity = entity.or(online.entity(shape, &key)?);
    }
    let mut values = Vec::new();
    let status = match &entity {
        Some(entity) => entity.compute(&loaded.view, at, &mut values),
        None => loaded.view.compute(None, at, &mut values),
    };
    let named = loaded.view.outputs().iter().zip(&values);
    Ok(named.map(|((name, _), value)| OnlineValue { name: name.clone(), value: value.to_json(), status }).collect())
}
