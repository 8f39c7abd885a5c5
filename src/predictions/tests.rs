//! The log of two servers over three days, written and read again.

use super::summary::Summary;
use super::{
    Line, LoggedCell, PredictionId, PredictionStatus, Query, ReadOutcome, WhichModel, Writer, count, find, read,
    segments,
};
use crate::model::{Answer, Predicted};
use crate::progress::Progress;
use crate::project;
use crate::project::{Name, Project, now_micros, time_text};
use crate::store::Hash;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;

struct Trial {
    _folder: tempfile::TempDir,
    project: Project,
    deployment: Name,
}

impl Trial {
    fn new() -> Trial {
        let folder = tempfile::tempdir().unwrap();
        project::init(folder.path()).unwrap();
        let project = Project::find(folder.path()).unwrap();
        Trial { _folder: folder, project, deployment: Name::parse("late").unwrap() }
    }

    fn writer(&self) -> Writer {
        Writer::open(&self.project, &self.deployment).unwrap()
    }

    /// Logs a prediction of `model`, answered at `at` about a row of `row_time`.
    fn log(&self, writer: &Writer, at: i64, row_time: i64, version: u32) -> String {
        let request = writer.next_request();
        let id = PredictionId { request: &request, row: 0 };
        let outputs = Answer {
            probability: None,
            prediction: Predicted::Number(0.5),
            probabilities: Vec::new(),
            lower: None,
            upper: None,
            prediction_set: None,
        };
        let line = Line {
            id,
            at: &time_text(at),
            deployment: "late",
            arm: "champion",
            model: &format!("late@{version}"),
            version: Some(version),
            hash: &hash(version).to_string(),
            time: Some(&time_text(row_time)),
            key: &BTreeMap::<&str, LoggedCell>::new(),
            features: &BTreeMap::from([("x", LoggedCell::Float(1.0))]),
            lookups: None,
            outputs: &outputs,
            latency_us: 1,
            status: PredictionStatus::Answered,
        };
        let mut text = Vec::new();
        line.write(&mut text).unwrap();
        writer.append(at, &[&text]).unwrap();
        id.to_string()
    }

    fn read(&self, query: Query) -> (Vec<String>, ReadOutcome) {
        let mut ids = Vec::new();
        let outcome = read(&self.project, &query, &Progress::quiet(), |record| {
            ids.push(record.id.clone().into_owned());
            Ok(())
        });
        (ids, outcome.unwrap())
    }

    fn all(&self) -> Query {
        Query::all(&self.deployment)
    }

    fn summaries(&self) -> usize {
        let all = segments::segments(&self.project, &self.deployment).unwrap();
        all.iter().filter(|segment| Summary::load(segment).is_some()).count()
    }
}

fn hash(version: u32) -> Hash {
    Hash::of(&version.to_le_bytes())
}

/// Three days of one server, of which the last has a new model, and one of another; rows are two days older than answers.
fn three_days() -> (Trial, Vec<String>) {
    let trial = Trial::new();
    let (first, second) = (trial.writer(), trial.writer());
    let mut ids = Vec::new();
    for (day, version) in [(10, 1), (11, 1), (12, 2)] {
        for hour in 0..3 {
            let at = day * DAY + hour * HOUR;
            ids.push(trial.log(&first, at, at - 2 * DAY, version));
        }
    }
    ids.push(trial.log(&second, 10 * DAY, 8 * DAY, 1));
    (trial, ids)
}

fn counts(outcome: &ReadOutcome) -> (u64, u64, usize, usize) {
    (outcome.records, outcome.other_models, outcome.segments_read, outcome.segments_skipped)
}

#[test]
fn a_window_of_rows_opens_only_the_segments_that_have_some() {
    let (trial, ids) = three_days();
    let window = || trial.all().between(Some(9 * DAY), Some(9 * DAY + 2 * HOUR));
    let (found, outcome) = trial.read(window());
    assert_eq!((found.as_slice(), counts(&outcome)), (&ids[3..5], (2, 0, 4, 0)), "nothing is known of them yet");
    assert_eq!(trial.summaries(), 4);
    let (found, outcome) = trial.read(window());
    assert_eq!((found.as_slice(), counts(&outcome)), (&ids[3..5], (2, 0, 1, 3)));
    assert_eq!(trial.read(trial.all()).0.len(), 10);
}

#[test]
fn answers_of_a_time_are_found_by_the_names_of_the_files_alone() {
    let (trial, ids) = three_days();
    let query = Query { answered_from: Some(12 * DAY + HOUR), answered_to: Some(20 * DAY), ..trial.all() };
    let (found, outcome) = trial.read(query);
    assert_eq!((found.as_slice(), counts(&outcome)), (&ids[7..9], (2, 0, 1, 3)));
    let servers = BTreeSet::from([ids[9][..16].to_owned()]);
    let (found, outcome) = trial.read(Query { servers: Some(servers), ..trial.all() });
    assert_eq!((found.as_slice(), counts(&outcome)), (&ids[9..], (1, 0, 1, 3)));
}

#[test]
fn answers_of_other_models_are_counted_whether_their_segments_are_opened_or_not() {
    let (trial, ids) = three_days();
    for model in [WhichModel::Hash(hash(2)), WhichModel::Version(2)] {
        let (found, outcome) = trial.read(trial.all().of_model(model));
        assert_eq!((found.as_slice(), outcome.other_models), (&ids[6..9], 7));
        let (found, outcome) = trial.read(trial.all().of_model(model));
        assert_eq!((found.as_slice(), counts(&outcome)), (&ids[6..9], (3, 7, 1, 3)));
        // Of a segment that lies only partly in the window the rows in it are counted.
        let part = trial.all().of_model(model).between(Some(9 * DAY + HOUR), None);
        assert_eq!(counts(&trial.read(part).1), (3, 2, 2, 2));
    }
    let other_arm = Query { arm: Some("canary".to_owned()), ..trial.all() };
    assert_eq!(trial.read(other_arm).1.records, 0);
}

#[test]
fn a_summary_that_is_missing_damaged_or_stale_is_made_again_and_harms_nothing() {
    let (trial, ids) = three_days();
    let window = || trial.all().between(Some(9 * DAY), Some(10 * DAY));
    trial.read(window());
    let all = segments::segments(&trial.project, &trial.deployment).unwrap();
    let files: Vec<_> = all.iter().map(|segment| segment.path.with_extension("summary.json")).collect();
    let good = std::fs::read_to_string(&files[0]).unwrap();
    for damage in [String::new(), "{}".to_owned(), good[..40].to_owned(), good.replace("segment\":1", "segment\":9")] {
        std::fs::write(&files[0], damage).unwrap();
        std::fs::remove_file(&files[3]).unwrap();
        assert_eq!(trial.summaries(), 2);
        assert_eq!(trial.read(window()).0, ids[3..6]);
        assert_eq!(trial.summaries(), 4);
        assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), good);
    }
    // A line that came after the summary is seen.
    let path = &all.iter().find(|s| s.day == "1970-01-13").unwrap().path;
    let line = std::fs::read_to_string(path).unwrap().lines().next().unwrap().replace("1970-01-11T", "1970-01-10T");
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, (line + "\n").as_bytes()).unwrap();
    assert_eq!(trial.read(window()).0.len(), 4);
    // Where none can be kept, reading goes on.
    files.iter().for_each(|path| {
        std::fs::remove_file(path).unwrap();
        std::fs::create_dir(path).unwrap();
    });
    assert_eq!((trial.read(window()).0.len(), trial.summaries()), (4, 0));
}

#[test]
fn the_day_being_written_has_no_summary() {
    let trial = Trial::new();
    trial.log(&trial.writer(), now_micros(), 0, 1);
    assert_eq!((trial.read(trial.all()).0.len(), trial.summaries()), (1, 0));
}

#[test]
fn lines_that_cannot_be_read_are_counted_and_named_and_the_rest_is_read() {
    let (trial, ids) = three_days();
    let all = segments::segments(&trial.project, &trial.deployment).unwrap();
    let path = &all.iter().find(|s| s.day == "1970-01-12").unwrap().path;
    let text = std::fs::read_to_string(path).unwrap();
    let time = text.lines().next().unwrap().replace("1970-01-10T00:00:00Z", "soon");
    let torn = text.lines().nth(1).unwrap()[..50].to_owned();
    std::fs::write(path, format!("garbage\n[]\n{{}}\n{time}\n{text}{torn}")).unwrap();
    for _ in 0..2 {
        let (found, outcome) = trial.read(trial.all());
        assert_eq!((found.len(), outcome.unreadable.lines), (10, 4));
        let first = outcome.unreadable.first.unwrap();
        assert_eq!(first.place, format!("{} line 1", path.display()));
        assert!(found.contains(&ids[3]) && found.contains(&ids[5]), "{found:?}");
    }
}

#[test]
fn predictions_are_counted_without_reading_what_has_a_summary() {
    let (trial, _) = three_days();
    let counted = || count(&trial.project, &trial.deployment, &Progress::quiet()).unwrap();
    assert_eq!((counted(), trial.summaries()), (10, 4));
    for segment in segments::segments(&trial.project, &trial.deployment).unwrap() {
        let mut summary = Summary::load(&segment).unwrap();
        summary.rows = 100;
        summary.keep(&segment);
    }
    assert_eq!(counted(), 400, "the summaries' word is taken");
}

#[test]
fn a_prediction_is_found_by_its_id_and_a_request_by_its_own() {
    let (trial, ids) = three_days();
    let found = |id: &str| find(&trial.project, id).unwrap().map(|p| (p.id, p.model));
    assert_eq!(found(&ids[8]), Some((ids[8].clone(), hash(2))));
    assert_eq!(found(ids[0].trim_end_matches("-0")), Some((ids[0].clone(), hash(1))));
    for other in ["late", "0123456789abcdef-0", "", &ids[0][..20], "é0123456789abcdef"] {
        assert_eq!(found(other), None, "{other}");
    }
}

#[test]
fn an_error_of_the_work_ends_the_reading() {
    let (trial, _) = three_days();
    let mut seen = 0;
    let result = read(&trial.project, &trial.all(), &Progress::quiet(), |_| {
        seen += 1;
        Err(crate::error::Error::invalid("enough"))
    });
    assert_eq!((result.unwrap_err().message(), seen), ("enough", 1));
}
