//! Looking up: features are computed by the same [`CompiledView::compute`] as in the offline join, as of the request's own
//! time. What was read is remembered until another connection wrote.

use super::database::{failed, open};
use super::rows::EntityRows;
use crate::data::{Key, Kind, Value};
use crate::error::{Error, Result};
use crate::features::compiled_view::{CompiledView, ViewShape};
use crate::features::events::Events;
use crate::features::lookup_status::LookupStatus;
use crate::project::Project;
use crate::store::Hash;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a reader trusts what it has read before it asks whether the store was filled again.
const TRUST: Duration = Duration::from_millis(50);
/// Keys remembered in memory; beyond, the memory starts anew.
const REMEMBERED: usize = 200_000;
/// Keys looked up under one lock: a few milliseconds where none is remembered.
const KEYS_AT_ONCE: usize = 256;
/// How long a request with more keys leaves the lock to those who wait for it: enough for one of them to wake up.
const LEFT: Duration = Duration::from_micros(100);

/// A connection to the online store, and the keys it has decoded so far. Shared between threads.
pub struct OnlineStore {
    state: Mutex<StoreState>,
    /// Threads that wait for `state`.
    waiting: AtomicUsize,
}

struct StoreState {
    connection: Connection,
    version: i64,
    asked: Option<Instant>,
    views: HashMap<String, Option<Filled>>,
    /// By the definition that asked for them: two models may mean two things by one view's name.
    entities: HashMap<Hash, Remembered>,
    remembered: usize,
}

/// The rows of some keys, decoded as these columns.
struct Remembered {
    columns: Vec<(String, Kind)>,
    rows: HashMap<Key, Option<Arc<OnlineEntity>>>,
}

/// By what a view was filled.
#[derive(Clone)]
struct Filled {
    kept_from: i64,
    /// The definition by which the rows were made.
    definition: Hash,
    /// As [`ViewShape::stored_columns`] says it.
    columns: String,
}

impl Filled {
    /// Reads the columns `kept_from`, `hash`, `columns` of a row that begins with them.
    fn of(row: &rusqlite::Row) -> rusqlite::Result<(i64, String, String)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    }

    fn parsed((kept_from, hash, columns): (i64, String, String)) -> Result<Filled> {
        Ok(Filled { kept_from, definition: Hash::parse(&hash)?, columns })
    }

    /// The types of the stored columns, if the rows are of this shape; the error says what they are of instead.
    fn kinds(&self, shape: &ViewShape) -> Result<Vec<Kind>> {
        if self.definition != shape.definition {
            return Err(other_definition(shape.name.as_str()));
        }
        if let Some(kinds) = shape.stored_kinds(&self.columns) {
            return Ok(kinds);
        }
        let wanted = shape.stored_columns();
        let text =
            format!("view \"{}\" was filled with other columns: {}; asked for are {wanted}", shape.name, self.columns);
        Err(Error::conflict(text).hint("fill it from the data as they are now: `mlops feature materialize`; where a model takes other types than the data have, train it anew"))
    }
}

/// The rows of one key.
pub struct OnlineEntity {
    events: Events,
    key: Key,
    kept_from: i64,
}

impl OnlineStore {
    /// Opens the store of a project.
    pub fn open(project: &Project) -> Result<Self> {
        let state = StoreState {
            connection: open(project)?,
            version: 0,
            asked: None,
            views: HashMap::new(),
            entities: HashMap::new(),
            remembered: 0,
        };
        Ok(OnlineStore { state: Mutex::new(state), waiting: AtomicUsize::new(0) })
    }

    /// The rows of `key` in a view; none if the key is not there.
    pub fn entity(&self, shape: &ViewShape, key: &Key) -> Result<Option<Arc<OnlineEntity>>> {
        self.fresh()?.entity(shape, key)
    }

    /// Whether a view was filled by the definition of this shape; an error if by another one.
    pub fn is_filled(&self, shape: &ViewShape) -> Result<bool> {
        match self.fresh()?.view(shape.name.as_str())? {
            Some(filled) => filled.kinds(shape).map(|_| true),
            None => Ok(false),
        }
    }

    /// The rows of each key in a view; none for a key that is missing or not there. Other threads look up between one piece of
    /// the keys and the next, and the store may be filled again there: each key has the rows that it had when it was looked up.
    pub fn entities(&self, shape: &ViewShape, keys: &[Option<Key>]) -> Result<Vec<Option<Arc<OnlineEntity>>>> {
        let mut found = Vec::with_capacity(keys.len());
        for piece in keys.chunks(KEYS_AT_ONCE) {
            if !found.is_empty() && self.waiting.load(Ordering::Relaxed) > 0 {
                // The mutex is not fair: this thread would have it again before another one is awake.
                std::thread::sleep(LEFT);
            }
            let mut state = self.fresh()?;
            for key in piece {
                found.push(key.as_ref().map_or(Ok(None), |key| state.entity(shape, key))?);
            }
        }
        Ok(found)
    }

    /// The state, once no other thread has it, without what is out of date.
    fn fresh(&self) -> Result<MutexGuard<'_, StoreState>> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        state.refresh()?;
        Ok(state)
    }
}

/// The error when a view was filled by another definition than the one that is asked for: its rows are other features.
fn other_definition(view: &str) -> Error {
    let text = format!("view \"{view}\" was filled by another definition than the one asked for");
    Error::conflict(text).hint(
        "fill it by that one again: `mlops feature apply` and `mlops feature materialize`; or train the model anew by the new one",
    )
}

impl StoreState {
    fn entity(&mut self, shape: &ViewShape, key: &Key) -> Result<Option<Arc<OnlineEntity>>> {
        let remembered = self.entities.get(&shape.definition).filter(|remembered| remembered.columns == shape.columns);
        if let Some(found) = remembered.and_then(|remembered| remembered.rows.get(key)) {
            return Ok(found.clone());
        }
        let name = shape.name.as_str();
        // One statement, so that rows are never read by what the view was before a filling that ended in between.
        let sql = "SELECT v.kept_from, v.hash, v.columns, e.rows FROM view v
            LEFT JOIN entity e ON e.view = v.name AND e.key = ?2 WHERE v.name = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let read = |row: &rusqlite::Row| Ok((Filled::of(row)?, row.get::<_, Option<Vec<u8>>>(3)?));
        let found = statement.query_row((name, key.as_slice()), read).optional().map_err(failed)?;
        drop(statement);
        let Some((filled, blob)) = found else { return Ok(None) };
        let filled = Filled::parsed(filled)?;
        let kinds = filled.kinds(shape)?;
        let entity = match blob {
            Some(blob) => {
                let rows = EntityRows::decode(&blob, shape, &kinds)?;
                let events = Events::of_one(*key, rows.times, rows.created, rows.columns);
                Some(Arc::new(OnlineEntity { events, key: *key, kept_from: filled.kept_from }))
            }
            None => None,
        };
        if self.remembered >= REMEMBERED {
            self.entities.clear();
            self.remembered = 0;
        }
        self.remembered += 1;
        let anew = || Remembered { columns: shape.columns.clone(), rows: HashMap::new() };
        let remembered = self.entities.entry(shape.definition).or_insert_with(anew);
        if remembered.columns != shape.columns {
            *remembered = anew();
        }
        remembered.rows.insert(*key, entity.clone());
        Ok(entity)
    }

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
            self.remembered = 0;
        }
        self.asked = Some(Instant::now());
        Ok(())
    }

    fn view(&mut self, name: &str) -> Result<Option<Filled>> {
        if let Some(found) = self.views.get(name) {
            return Ok(found.clone());
        }
        let sql = "SELECT kept_from, hash, columns FROM view WHERE name = ?1";
        let found = self.connection.query_row(sql, [name], Filled::of).optional().map_err(failed)?;
        let found = found.map(Filled::parsed).transpose()?;
        self.views.insert(name.to_owned(), found.clone());
        Ok(found)
    }
}

impl OnlineEntity {
    /// The key's features as of `t`. A time from before what is kept has none.
    pub fn compute<'a>(&'a self, view: &'a CompiledView, t: i64, out: &mut Vec<Value<'a>>) -> LookupStatus {
        if t < self.kept_from {
            out.resize(out.len() + view.outputs().len(), Value::Null);
            return LookupStatus::BeforeHistory;
        }
        view.compute(self.events.of(&self.key), t, out)
    }
}
