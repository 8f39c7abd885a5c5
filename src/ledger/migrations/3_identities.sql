-- Runs know their experiment, source, parent and name, and can be deleted and restored; a metric keeps every value logged;
-- a model version needs no run. Rows that were named by a number of this ledger alone get a random id that holds in any.
-- The number stays beside it: it is the order in which this ledger recorded the rows (clocks go back).

CREATE TABLE experiment (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, deleted INTEGER
) STRICT, WITHOUT ROWID;
-- The name of a deleted experiment is free again.
CREATE UNIQUE INDEX experiment_name ON experiment (name) WHERE deleted IS NULL;
-- The same one in every ledger, as in MLflow.
INSERT INTO experiment (id, name, created, updated) VALUES ('0', 'Default', unixepoch() * 1000000, unixepoch() * 1000000);

CREATE TABLE new_run (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, experiment TEXT NOT NULL REFERENCES experiment (id),
    parent TEXT REFERENCES run (id), name TEXT NOT NULL, source TEXT NOT NULL, recipe TEXT, user TEXT,
    status TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, deleted INTEGER, seed INTEGER,
    set_hash TEXT, model_hash TEXT, git_commit TEXT, error TEXT,
    CHECK (source IN ('recipe', 'program', 'import')), CHECK ((source = 'recipe') = (recipe IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO new_run (id, number, experiment, name, source, recipe, status, started, ended, seed, set_hash, model_hash,
    git_commit, error)
SELECT id, number, '0', recipe, 'recipe', recipe, status, started, ended, seed, set_hash, model_hash, git_commit, error
FROM run;
DROP TABLE run;
ALTER TABLE new_run RENAME TO run;
CREATE INDEX run_model ON run (model_hash);
CREATE INDEX run_recipe ON run (recipe, number);
CREATE INDEX run_experiment ON run (experiment, number);
CREATE INDEX run_parent ON run (parent) WHERE parent IS NOT NULL;
CREATE INDEX run_running ON run (number) WHERE status = 'running';

-- All values, also several of one step; the same value at the same time and step is the same value, so that a client may
-- send it again. Not-a-number is 0 with is_nan = 1, because a key has no nulls.
CREATE TABLE new_run_metric (
    run TEXT NOT NULL REFERENCES run (id), key TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL,
    value REAL NOT NULL, is_nan INTEGER NOT NULL, PRIMARY KEY (run, key, step, at, value, is_nan)
) STRICT, WITHOUT ROWID;
INSERT INTO new_run_metric (run, key, step, at, value, is_nan)
SELECT run, key, step, at, COALESCE(value, 0.0), value IS NULL FROM run_metric;
DROP TABLE run_metric;
ALTER TABLE new_run_metric RENAME TO run_metric;
-- Of each metric the value with the greatest (step, at, value), which searches compare.
CREATE TABLE latest_metric (
    run TEXT NOT NULL REFERENCES run (id), key TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL,
    value REAL NOT NULL, is_nan INTEGER NOT NULL, PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
INSERT INTO latest_metric (run, key, step, at, value, is_nan)
SELECT run, key, step, at, value, is_nan FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY run, key ORDER BY step DESC, at DESC, value DESC) AS place FROM run_metric
) WHERE place = 1;
CREATE INDEX latest_metric_value ON latest_metric (key, value);
CREATE INDEX run_param_value ON run_param (key, value);
CREATE INDEX run_tag_value ON run_tag (key, value);

-- What a dataset was used for: 'training' of those that a run learned from.
ALTER TABLE input ADD COLUMN context TEXT;
UPDATE input SET context = 'training' WHERE kind = 'dataset' AND consumer GLOB 'run:*';

CREATE TABLE new_dataset_version (
    id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), dataset TEXT NOT NULL, version INTEGER NOT NULL,
    hash TEXT NOT NULL, created INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL, rows INTEGER,
    columns TEXT NOT NULL, message TEXT NOT NULL, git_commit TEXT, PRIMARY KEY (dataset, version)
) STRICT, WITHOUT ROWID;
INSERT INTO new_dataset_version (dataset, version, hash, created, files, bytes, rows, columns, message, git_commit)
SELECT dataset, version, hash, created, files, bytes, rows, columns, message, git_commit FROM dataset_version;
DROP TABLE dataset_version;
ALTER TABLE new_dataset_version RENAME TO dataset_version;
CREATE UNIQUE INDEX dataset_version_hash ON dataset_version (dataset, hash);

-- An alias points at the version itself, whatever number it has here.
CREATE TABLE new_model_version (
    id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), name TEXT NOT NULL, version INTEGER NOT NULL,
    hash TEXT NOT NULL, run TEXT REFERENCES run (id), created INTEGER NOT NULL, PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
INSERT INTO new_model_version (name, version, hash, run, created)
SELECT name, version, hash, run, created FROM model_version;
CREATE TABLE new_model_alias (
    name TEXT NOT NULL, alias TEXT NOT NULL, version TEXT NOT NULL REFERENCES model_version (id),
    moved INTEGER NOT NULL, PRIMARY KEY (name, alias)
) STRICT, WITHOUT ROWID;
INSERT INTO new_model_alias (name, alias, version, moved)
SELECT a.name, a.alias, v.id, a.moved FROM model_alias AS a
JOIN new_model_version AS v ON v.name = a.name AND v.version = a.version;
DROP TABLE model_alias;
DROP TABLE model_version;
ALTER TABLE new_model_version RENAME TO model_version;
ALTER TABLE new_model_alias RENAME TO model_alias;
CREATE INDEX model_version_hash ON model_version (hash);

CREATE TABLE new_deployment (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), name TEXT NOT NULL,
    model TEXT NOT NULL, version INTEGER, model_hash TEXT NOT NULL, address TEXT NOT NULL, process INTEGER NOT NULL,
    started INTEGER NOT NULL, stopped INTEGER
) STRICT;
INSERT INTO new_deployment (number, name, model, version, model_hash, address, process, started, stopped)
SELECT id, name, model, version, model_hash, address, process, started, stopped FROM deployment;
DROP TABLE deployment;
ALTER TABLE new_deployment RENAME TO deployment;
CREATE INDEX deployment_name ON deployment (name);

CREATE TABLE new_check_result (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), monitor TEXT NOT NULL,
    kind TEXT NOT NULL, at INTEGER NOT NULL, passed INTEGER NOT NULL, result TEXT NOT NULL
) STRICT;
INSERT INTO new_check_result (number, monitor, kind, at, passed, result)
SELECT id, monitor, kind, at, passed, result FROM check_result;
DROP TABLE check_result;
ALTER TABLE new_check_result RENAME TO check_result;

CREATE TABLE new_retraining (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), name TEXT NOT NULL,
    at INTEGER NOT NULL, decision TEXT NOT NULL, result TEXT NOT NULL
) STRICT;
INSERT INTO new_retraining (number, name, at, decision, result)
SELECT id, name, at, decision, result FROM retraining;
DROP TABLE retraining;
ALTER TABLE new_retraining RENAME TO retraining;

CREATE TABLE new_operation (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), at INTEGER NOT NULL,
    actor TEXT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL
) STRICT;
INSERT INTO new_operation (number, at, actor, command, outcome) SELECT id, at, actor, command, outcome FROM operation;
DROP TABLE operation;
ALTER TABLE new_operation RENAME TO operation;

CREATE TABLE new_materialization (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))), view TEXT NOT NULL,
    hash TEXT NOT NULL, at INTEGER NOT NULL, up_to INTEGER NOT NULL, rows INTEGER NOT NULL, keys INTEGER NOT NULL
) STRICT;
INSERT INTO new_materialization (number, view, hash, at, up_to, rows, keys)
SELECT id, view, hash, at, up_to, rows, keys FROM materialization;
DROP TABLE materialization;
ALTER TABLE new_materialization RENAME TO materialization;
CREATE INDEX materialization_view ON materialization (view, number);
