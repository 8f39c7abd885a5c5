//! Migrations, identities, and reading narrowly what was written.

use super::migrations::MIGRATIONS;
use super::*;
use crate::project::Name;
use crate::store::Hash;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rows of every table as the first version wrote them.
const FIRST_ROWS: &str = "
INSERT INTO operation VALUES (1, 10, 'ann', 'init', 'done'), (2, 20, 'ann', 'data add', 'done');
INSERT INTO dataset_version VALUES
    ('loans', 1, '{a}', 30, 2, 300, 12, '[{\"name\":\"id\",\"type\":\"integer\"}]', 'first', 'c0ffee'),
    ('loans', 2, '{b}', 40, 2, 310, NULL, '[]', '', NULL);
INSERT INTO file_stat VALUES ('/p/loans.csv', 300, 1, 2, 3, '{a}');
INSERT INTO feature_view VALUES ('sales', '{c}', '{}', 50);
INSERT INTO materialization VALUES (1, 'sales', '{c}', 60, 55, 7, 3), (2, 'sales', '{c}', 70, 65, 8, 4);
INSERT INTO training_set VALUES ('{d}', 'late', '{e}', 12, 80, '{\"views\":[]}');
INSERT INTO run VALUES
    ('00000000000000000000000000000002', 'late', 'finished', 90, 95, 7, '{d}', '{f}', 'c0ffee', NULL),
    ('00000000000000000000000000000001', 'late', 'failed', 100, 101, 7, NULL, NULL, NULL, 'no rows');
INSERT INTO run_param VALUES ('00000000000000000000000000000002', 'C', '0.5');
INSERT INTO run_metric VALUES
    ('00000000000000000000000000000002', 'test.auc', 0, 94, 0.75),
    ('00000000000000000000000000000002', 'test.auc', 3, 93, 0.5),
    ('00000000000000000000000000000002', 'test.f1', 0, 94, NULL);
INSERT INTO run_tag VALUES ('00000000000000000000000000000002', 'team', 'risk');
INSERT INTO run_artifact VALUES ('00000000000000000000000000000002', 'model', '{f}', 999);
INSERT INTO input VALUES
    ('run:00000000000000000000000000000002', 'dataset', 'loans', '{a}'), ('set:{d}', 'dataset', 'loans', '{a}'),
    ('run:00000000000000000000000000000002', 'recipe', 'late', '{c}');
INSERT INTO model_version VALUES ('late', 1, '{f}', '00000000000000000000000000000002', 110);
INSERT INTO model_alias VALUES ('late', 'champion', 1, 111);
INSERT INTO deployment VALUES (1, 'late', 'late@1', 1, '{f}', 'http://127.0.0.1:1', 42, 120, 130),
    (2, 'late', 'late@1', 1, '{f}', 'http://127.0.0.1:2', 43, 140, NULL);
INSERT INTO check_result VALUES (1, 'late', 'drift', 150, 0, '{}');
INSERT INTO retraining VALUES (1, 'late', 160, 'keep', '{}');
";

fn hash(of: char) -> Hash {
    Hash::of(&[of as u8])
}

fn tables(connection: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn count(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A ledger of an earlier version with rows in every table of the first one.
fn earlier(version: usize, folder: &Path) -> PathBuf {
    let path = folder.join("ledger.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(MIGRATIONS[0]).unwrap();
    let rows =
        "abcdef".chars().fold(FIRST_ROWS.to_owned(), |t, c| t.replace(&format!("{{{c}}}"), &hash(c).to_string()));
    connection.execute_batch(&format!("PRAGMA foreign_keys = ON; {rows}")).unwrap();
    for table in tables(&connection) {
        assert!(count(&connection, &format!("SELECT count(*) FROM {table}")) > 0, "{table} has no row to migrate");
    }
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for migration in &MIGRATIONS[1..version] {
        connection.execute_batch(migration).unwrap();
    }
    connection.pragma_update(None, "user_version", version as i64).unwrap();
    path
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

#[test]
fn a_ledger_of_any_earlier_version_is_migrated_and_nothing_is_lost() {
    for version in 1..MIGRATIONS.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = earlier(version, folder.path());
        for opened in 1..=2 {
            let mut ledger = Ledger::open(&path).unwrap();
            assert_eq!(ledger.check().unwrap(), [""; 0], "version {version}");
            everything_is_there(&mut ledger);
            assert_eq!(count(&ledger.connection, "PRAGMA user_version"), MIGRATIONS.len() as i64, "time {opened}");
            assert_eq!(count(&ledger.connection, "PRAGMA foreign_keys"), 1);
        }
    }
}

fn everything_is_there(ledger: &mut Ledger) {
    let operations = ledger.operations(9).unwrap();
    let commands: Vec<&str> = operations.iter().map(|o| o.command.as_str()).collect();
    assert_eq!(commands, ["data add", "init"]);
    let versions = ledger.dataset_versions(&name("loans")).unwrap();
    assert_eq!((versions.len(), versions[0].hash, versions[1].hash), (2, hash('b'), hash('a')));
    assert_eq!(
        (versions[1].rows, versions[1].message.as_str(), &versions[1].schema[0].name[..]),
        (Some(12), "first", "id")
    );
    assert_eq!(ledger.file_stats("/p").unwrap()["/p/loans.csv"].hash, hash('a'));
    assert_eq!(ledger.applied_views().unwrap()[0].hash, hash('c'));
    let filled = ledger.materializations().unwrap();
    assert_eq!((filled.len(), filled[0].rows, filled[0].keys), (1, 8, 4));
    assert_eq!(ledger.training_set(&hash('d')).unwrap().unwrap().blob, hash('e'));
    the_runs_are_there(ledger);
    let model = ledger.versions_of_model(&name("late")).unwrap().remove(0);
    assert_eq!((model.version, model.hash, model.created), (1, hash('f'), 110));
    assert_eq!((model.run.unwrap().short(), model.aliases), ("00000000", vec![name("champion")]));
    let served = ledger.deployments(9).unwrap();
    let addresses: Vec<&str> = served.iter().map(|d| &d.address[16..]).collect();
    assert_eq!((addresses, served[0].process), (vec![":2", ":1"], 43));
    assert_eq!(ledger.last_deployment(&name("late")).unwrap().unwrap().id, served[0].id);
    let (checks, retrainings) = (ledger.checks(9).unwrap(), ledger.retrainings(9).unwrap());
    assert_eq!((checks.len(), checks[0].passed, retrainings[0].decision), (1, false, RetrainVerdict::Keep));
}

fn the_runs_are_there(ledger: &Ledger) {
    let runs = ledger.runs(9).unwrap();
    assert_eq!(runs.iter().map(|r| r.started).collect::<Vec<_>>(), [100, 90], "newest first");
    assert_eq!((runs[0].error.as_deref(), runs[0].status), (Some("no rows"), RunStatus::Failed));
    let run = &runs[1];
    assert_eq!((run.name.as_str(), &run.source), ("late", &RunSource::Recipe(name("late"))));
    assert_eq!((run.experiment.as_str(), run.seed, run.lifecycle), ("0", Some(7), Lifecycle::Active));
    assert_eq!((run.set, run.model, run.commit.as_deref()), (Some(hash('d')), Some(hash('f')), Some("c0ffee")));
    assert_eq!((&run.params["C"][..], &run.tags["team"][..]), ("0.5", "risk"));
    assert_eq!(run.metrics["test.auc"], 0.5, "of the greatest step");
    assert!(run.metrics["test.f1"].is_nan());
    assert_eq!(ledger.metric_history(&run.id, "test.auc").unwrap().len(), 2);
    assert_eq!(ledger.run_artifacts(&run.id).unwrap()[0].bytes, 999);
    assert_eq!(ledger.run_inputs(&run.id).unwrap().len(), 2);
    assert_eq!(ledger.inputs().unwrap().len(), 3);
    let used = Filter::parse("datasets.name = 'loans' and datasets.context = 'training'").unwrap();
    assert_eq!(ledger.search_runs(&RunSearch { filter: used, ..RunSearch::default() }).unwrap().len(), 1);
}

/// Every table has an identity that another ledger's rows can't collide with: a random id, a hash, or names that mean the
/// same thing everywhere.
#[test]
fn the_same_things_recorded_in_two_ledgers_have_different_ids() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut seen = BTreeSet::new();
    let tables = [
        "operation",
        "dataset_version",
        "materialization",
        "model_version",
        "deployment",
        "check_result",
        "retraining",
    ];
    for folder in &folders {
        let ledger = Ledger::open(&earlier(1, folder.path())).unwrap();
        for table in tables {
            let mut statement = ledger.connection.prepare(&format!("SELECT id FROM {table}")).unwrap();
            let ids: Vec<String> =
                statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
            for id in ids {
                assert!(RowId::parse(&id).is_ok(), "{table}: {id}");
                assert!(seen.insert(id), "{table} has an id twice");
            }
        }
    }
}

#[test]
fn an_imported_model_needs_no_run_and_an_alias_follows_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
    let (late, champion) = (name("late"), name("champion"));
    assert_eq!(ledger.register_model(&late, &hash('a'), None, &[]).unwrap(), 1);
    assert_eq!(ledger.register_model(&late, &hash('b'), None, std::slice::from_ref(&champion)).unwrap(), 2);
    assert_eq!(ledger.register_model(&late, &hash('a'), None, &[]).unwrap(), 1, "the same bundle again");
    assert_eq!(ledger.aliases(&late).unwrap()[0].version, 2);
    assert_eq!(ledger.set_alias(&late, &champion, 1).unwrap(), Some(2));
    assert!(ledger.set_alias(&late, &champion, 9).is_err(), "a version that is not there");
    let versions = ledger.versions_of_model(&late).unwrap();
    assert_eq!((versions[1].aliases.as_slice(), versions[0].aliases.len()), (&[champion][..], 0));
    assert!(versions.iter().all(|v| v.run.is_none()));
    assert_eq!(ledger.versions_of_bundle(&hash('b')).unwrap()[0].version, 2);
    assert_eq!(ledger.models_by_hash(&hash('b').to_string()[..8]).unwrap(), [hash('b')]);
    assert_eq!(ledger.model_names().unwrap(), ["late"]);
    assert!(ledger.remove_alias(&late, &name("champion")).unwrap());
}

#[test]
fn a_deleted_experiment_frees_its_name_and_comes_back_while_that_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
    let first = ledger.create_experiment("churn").unwrap();
    assert!(ledger.create_experiment("churn").is_err() && ledger.create_experiment("Default").is_err());
    ledger.set_experiment_lifecycle(&first, Lifecycle::Deleted).unwrap();
    let second = ledger.create_experiment("churn").unwrap();
    let e = ledger.set_experiment_lifecycle(&first, Lifecycle::Active).unwrap_err();
    assert!(e.message().contains("taken"), "{e}");
    ledger.set_experiment_lifecycle(&second, Lifecycle::Deleted).unwrap();
    ledger.set_experiment_lifecycle(&first, Lifecycle::Active).unwrap();
    let all = ledger.experiments().unwrap();
    let active: Vec<&str> = all.iter().filter(|e| e.lifecycle == Lifecycle::Active).map(|e| e.name.as_str()).collect();
    assert_eq!((active, all.len()), (vec!["Default", "churn"], 3));
    assert!(ledger.set_experiment_lifecycle("nobody", Lifecycle::Deleted).is_err());
}

#[test]
fn the_fingerprint_is_that_of_the_tables() {
    use super::connection::make;
    use super::migrations::FINGERPRINT;
    let found = crate::database::fingerprint(make, MIGRATIONS.len()).unwrap();
    assert_eq!(found, FINGERPRINT, "write the new one in migrations.rs");
}
