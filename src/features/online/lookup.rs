//! Looking up: features are computed by the same [`CompiledView::compute`] as in the offline join, as of the request's own
//! time. What was read is remembered until another connection wrote.

use super::database::{failed, open};
use super::rows::EntityRows;
use crate::data::{Key, Value};
use crate::error::Result;
use crate::features::events::Events;
use crate::features::shape::{CompiledView, LookupStatus, ViewShape};
use crate::project::Project;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a reader trusts what it has read before it asks whether the store was filled again.
const TRUST: Duration = Duration::from_millis(50);
/// Keys remembered in memory; beyond, the memory starts anew.
const REMEMBERED: usize = 200_000;

/// A connection with a memory of decoded keys. Shared between threads.
pub struct OnlineStore {
    state: Mutex<StoreState>,
}

struct StoreState {
    connection: Connection,
    version: i64,
    asked: Option<Instant>,
    views: HashMap<String, Option<Filled>>,
    entities: HashMap<String, HashMap<Key, Option<Arc<OnlineEntity>>>>,
    remembered: usize,
}

#[derive(Clone, Copy)]
struct Filled {
    kept_from: i64,
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
        Ok(OnlineStore { state: Mutex::new(state) })
    }

    /// The rows of `key` in a view; none if the key is not there.
    pub fn entity(&self, shape: &ViewShape, key: &Key) -> Result<Option<Arc<OnlineEntity>>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh()?;
        state.entity(shape, key)
    }

    /// The rows of each key in a view; none for a key that is missing or not there.
    pub fn entities(&self, shape: &ViewShape, keys: &[Option<Key>]) -> Result<Vec<Option<Arc<OnlineEntity>>>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh()?;
        keys.iter().map(|key| key.as_ref().map_or(Ok(None), |key| state.entity(shape, key))).collect()
    }
}

impl StoreState {
    fn entity(&mut self, shape: &ViewShape, key: &Key) -> Result<Option<Arc<OnlineEntity>>> {
        let name = shape.name.as_str();
        if let Some(found) = self.entities.get(name).and_then(|of_view| of_view.get(key)) {
            return Ok(found.clone());
        }
        let Some(filled) = self.view(name)? else { return Ok(None) };
        let sql = "SELECT rows FROM entity WHERE view = ?1 AND key = ?2";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let blob: Option<Vec<u8>> =
            statement.query_row((name, key.as_slice()), |row| row.get(0)).optional().map_err(failed)?;
        drop(statement);
        let entity = match blob {
            Some(blob) => {
                let rows = EntityRows::decode(&blob, shape)?;
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
        self.entities.entry(name.to_owned()).or_default().insert(*key, entity.clone());
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

impl OnlineEntity {
    /// The key's features as of `t`. A time from before what is kept has none.
    pub fn compute<'a>(&'a self, view: &'a CompiledView, t: i64, out: &mut Vec<Value<'a>>) -> LookupStatus {
        if t < self.kept_from {
            out.resize(out.len() + view.outputs().len(), Value::Null);
            return LookupStatus::OutsideMaxAge;
        }
        view.compute(self.events.of(&self.key), t, out)
    }
}
