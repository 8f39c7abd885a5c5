CREATE TABLE operation (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, command TEXT NOT NULL, outcome TEXT NOT NULL
) STRICT;

CREATE TABLE dataset_version (
    dataset TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL, created INTEGER NOT NULL,
    files INTEGER NOT NULL, bytes INTEGER NOT NULL, rows INTEGER, columns TEXT NOT NULL, message TEXT NOT NULL,
    git_commit TEXT, PRIMARY KEY (dataset, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX dataset_version_hash ON dataset_version (dataset, hash);

CREATE TABLE file_stat (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,
    inode INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE feature_view (
    name TEXT NOT NULL, hash TEXT NOT NULL, definition TEXT NOT NULL, applied INTEGER NOT NULL,
    PRIMARY KEY (name, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE materialization (
    id INTEGER PRIMARY KEY, view TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL, up_to INTEGER NOT NULL,
    rows INTEGER NOT NULL, keys INTEGER NOT NULL
) STRICT;
CREATE TABLE training_set (
    hash TEXT PRIMARY KEY, name TEXT NOT NULL, blob TEXT NOT NULL, rows INTEGER NOT NULL, created INTEGER NOT NULL,
    report TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    id TEXT PRIMARY KEY, recipe TEXT NOT NULL, status TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER,
    seed INTEGER NOT NULL, set_hash TEXT, model_hash TEXT, git_commit TEXT, error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX run_started ON run (started);
CREATE INDEX run_model ON run (model_hash);
CREATE TABLE run_param (
    run TEXT NOT NULL REFERENCES run (id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE run_metric (
    run TEXT NOT NULL REFERENCES run (id), key TEXT NOT NULL, step INTEGER NOT NULL, at INTEGER NOT NULL, value REAL,
    PRIMARY KEY (run, key, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE run_tag (
    run TEXT NOT NULL REFERENCES run (id), key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE run_artifact (
    run TEXT NOT NULL REFERENCES run (id), name TEXT NOT NULL, hash TEXT NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE input (
    consumer TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (consumer, kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX input_hash ON input (hash);

CREATE TABLE model_version (
    name TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL, run TEXT NOT NULL REFERENCES run (id),
    created INTEGER NOT NULL, PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_version_hash ON model_version (hash);
CREATE TABLE model_alias (
    name TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL, moved INTEGER NOT NULL,
    PRIMARY KEY (name, alias), FOREIGN KEY (name, version) REFERENCES model_version (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE deployment (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, model TEXT NOT NULL, version INTEGER, model_hash TEXT NOT NULL,
    address TEXT NOT NULL, process INTEGER NOT NULL, started INTEGER NOT NULL, stopped INTEGER
) STRICT;
CREATE INDEX deployment_name ON deployment (name);
CREATE TABLE check_result (
    id INTEGER PRIMARY KEY, monitor TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, passed INTEGER NOT NULL,
    result TEXT NOT NULL
) STRICT;
CREATE TABLE retraining (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, decision TEXT NOT NULL, result TEXT NOT NULL
) STRICT;
