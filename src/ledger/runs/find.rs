//! Finding runs: a page of them by a filter and an order, or by id, recipe or model. A page takes a fixed number of queries,
//! however many runs are on it.

use super::row::{COLUMNS, Lifecycle, RunRow, read};
use crate::error::Result;
use crate::ledger::datasets::parsed;
use crate::ledger::filter::{CompiledFilter, Filter, Order};
use crate::ledger::{Ledger, RunId};
use crate::project::Name;
use crate::store::Hash;
use rusqlite::{Row, params_from_iter};
use std::collections::HashMap;

/// Which runs, in which order, how many.
#[derive(Debug, Clone)]
pub struct RunSearch<'a> {
    /// What holds for them; see the `filter` module for the grammar.
    pub filter: Filter,
    /// What they are sorted by; equal ones newest first.
    pub order: Order,
    /// Only runs of this recipe.
    pub recipe: Option<&'a str>,
    /// Only runs of these experiments; of all without any.
    pub experiments: &'a [String],
    /// Active or deleted runs; both without it.
    pub lifecycle: Option<Lifecycle>,
    /// Runs that the ledger has as running and whose process is gone: a filter sees them as died.
    pub died: &'a [RunId],
    /// At most so many.
    pub limit: usize,
    /// After so many that are passed over.
    pub offset: usize,
}

impl Default for RunSearch<'_> {
    /// All active runs, newest first.
    fn default() -> Self {
        RunSearch {
            filter: Filter::default(),
            order: Order::default(),
            recipe: None,
            experiments: &[],
            lifecycle: Some(Lifecycle::Active),
            died: &[],
            limit: usize::MAX,
            offset: 0,
        }
    }
}

fn json_list<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    serde_json::Value::from_iter(ids).to_string()
}

impl RunSearch<'_> {
    /// Everything after `FROM run`, with its parameters.
    pub(in crate::ledger) fn compile(&self) -> CompiledFilter {
        let mut sql = CompiledFilter::new(json_list(self.died.iter().map(RunId::as_str)));
        sql.push("WHERE ");
        self.filter.compile(&mut sql);
        if let Some(recipe) = self.recipe {
            sql.push(" AND run.recipe = ");
            sql.bind(recipe.to_owned());
        }
        if !self.experiments.is_empty() {
            sql.push(" AND run.experiment IN (SELECT value FROM json_each(");
            sql.bind(json_list(self.experiments.iter().map(String::as_str)));
            sql.push("))");
        }
        match self.lifecycle {
            Some(Lifecycle::Active) => sql.push(" AND run.deleted IS NULL"),
            Some(Lifecycle::Deleted) => sql.push(" AND run.deleted IS NOT NULL"),
            None => {}
        }
        sql.push(" ORDER BY ");
        self.order.compile(&mut sql);
        sql.push("run.number DESC LIMIT ");
        sql.bind(i64::try_from(self.limit).unwrap_or(i64::MAX));
        sql.push(" OFFSET ");
        sql.bind(i64::try_from(self.offset).unwrap_or(i64::MAX));
        sql
    }
}

impl Ledger {
    /// A page of runs.
    pub fn search_runs(&self, search: &RunSearch) -> Result<Vec<RunRow>> {
        let compiled = search.compile();
        self.select_runs(&compiled.sql, params_from_iter(compiled.values))
    }

    /// Every run, deleted ones too, newest first.
    pub fn all_runs(&self) -> Result<Vec<RunRow>> {
        self.search_runs(&RunSearch { lifecycle: None, ..RunSearch::default() })
    }

    /// The newest `limit` runs, newest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunRow>> {
        self.search_runs(&RunSearch { limit, ..RunSearch::default() })
    }

    /// Runs whose id begins with `prefix`, deleted ones too, newest first.
    pub fn runs_by_prefix(&self, prefix: &str) -> Result<Vec<RunRow>> {
        self.select_runs("WHERE id GLOB ?1 || '*' ORDER BY number DESC", [prefix])
    }

    /// The runs with these ids, newest first.
    pub fn runs_by_id<'a>(&self, ids: impl Iterator<Item = &'a RunId>) -> Result<Vec<RunRow>> {
        let ids = json_list(ids.map(RunId::as_str));
        self.select_runs("WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY number DESC", [ids])
    }

    /// The newest finished run of a recipe.
    pub fn last_run_of_recipe(&self, recipe: &Name) -> Result<Option<RunRow>> {
        let newest = "WHERE recipe = ?1 AND status = 'finished' AND deleted IS NULL ORDER BY number DESC LIMIT 1";
        Ok(self.select_runs(newest, [recipe.as_str()])?.pop())
    }

    /// Runs that have begun and not ended, as far as the ledger knows.
    pub fn running(&self) -> Result<Vec<RunId>> {
        self.rows("SELECT id FROM run WHERE status = 'running'", [], |row| parsed(row, 0, RunId::parse))
    }

    /// The recipes that have runs, sorted.
    pub fn recipes_run(&self) -> Result<Vec<String>> {
        self.rows("SELECT DISTINCT recipe FROM run WHERE recipe IS NOT NULL ORDER BY recipe", [], |row| row.get(0))
    }

    /// Hashes that begin with `prefix` of bundles that runs made or that are registered, sorted.
    pub fn models_by_hash(&self, prefix: &str) -> Result<Vec<Hash>> {
        let sql = "SELECT model_hash FROM run WHERE model_hash GLOB ?1 || '*'
                   UNION SELECT hash FROM model_version WHERE hash GLOB ?1 || '*' ORDER BY 1";
        self.rows(sql, [prefix], |row| parsed(row, 0, Hash::parse))
    }

    /// Runs with their parameters, metrics and tags, in four queries.
    fn select_runs(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<RunRow>> {
        let mut runs = self.rows(&format!("SELECT {COLUMNS} FROM run {which}"), params, read)?;
        let ids = json_list(runs.iter().map(|run| run.id.as_str()));
        let mut by_id: HashMap<String, &mut RunRow> =
            runs.iter_mut().map(|run| (run.id.as_str().to_owned(), run)).collect();
        let text = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let number = |row: &Row| Ok((row.get(0)?, row.get(1)?, if row.get(3)? { f64::NAN } else { row.get(2)? }));
        for (run, key, value) in self.details("run_param", "value", &ids, text)? {
            by_id.get_mut(&run).and_then(|run| run.params.insert(key, value));
        }
        for (run, key, value) in self.details("run_tag", "value", &ids, text)? {
            by_id.get_mut(&run).and_then(|run| run.tags.insert(key, value));
        }
        for (run, key, value) in self.details("latest_metric", "value, is_nan", &ids, number)? {
            by_id.get_mut(&run).and_then(|run| run.metrics.insert(key, value));
        }
        Ok(runs)
    }

    /// What one of the tables of keys and values has for these runs.
    fn details<T>(
        &self,
        table: &str,
        columns: &str,
        ids: &str,
        read: impl FnMut(&Row) -> rusqlite::Result<(String, String, T)>,
    ) -> Result<Vec<(String, String, T)>> {
        let sql = format!("SELECT run, key, {columns} FROM {table} WHERE run IN (SELECT value FROM json_each(?1))");
        self.rows(&sql, [ids], read)
    }
}
