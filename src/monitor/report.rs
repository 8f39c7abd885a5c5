//! The report of a monitor: drift and performance, with a verdict over both.

use super::drift::DriftOutcome;
use super::performance::PerformanceOutcome;
use super::sections::{drift_section, performance_section};
use super::test_cases::{drift_cases, performance_cases};
use super::watched_model::Watched;
use crate::document::plot::Limit;
use crate::document::{Document, Verdict};
use crate::features::LookupStatus;
use crate::learn::Metric;
use crate::project::{minute_text, now_micros};

/// Makes the report: `facts` stand on top, `limits` are those of the performance, by metric.
pub fn report(
    title: &str,
    mut facts: Vec<(String, String)>,
    drift: &DriftOutcome,
    performance: &PerformanceOutcome,
    limits: &[(String, Limit)],
) -> Document {
    let (mut alarms, mut good) = (Vec::new(), Vec::new());
    let found = &performance.performance;
    let metric = Metric::default_for(found.task).name();
    let value = found.metrics.get(metric).map_or_else(String::new, |value| format!(", {metric} {value:.3}"));
    let text = format!("{} of {} predictions have their label{value}", found.labelled, found.rows);
    match performance.passed {
        true if performance.measured => good.push(text),
        true => good.push(format!("{text}, so its limit was compared with nothing")),
        false => alarms.push(format!("performance is beyond its limit ({text})")),
    }
    let count = drift.columns.iter().filter(|c| c.drifted).count();
    let text = format!("{count} of {} columns drifted", drift.columns.len());
    if drift.drifted {
        alarms.push(text)
    } else {
        good.push(text)
    }
    if let Some(first) = drift.untested.first() {
        let more = drift.untested.len() - 1;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        alarms.push(format!("not tested: {}{more} ({})", first.column, first.reason));
    }
    // A line may be of use to one of the two only.
    let watched = drift
        .watched
        .iter()
        .chain([&performance.watched])
        .max_by_key(|watched| (watched.unreadable.lines, watched.lookups.len()));
    facts.extend(watched.map(read_facts).unwrap_or_default());
    let verdict = if alarms.is_empty() { Verdict::Ok(good.join("; ")) } else { Verdict::Alert(alarms.join("; ")) };
    let mut cases = performance_cases(performance, limits);
    cases.extend(drift_cases(drift, false));
    Document {
        title: title.to_owned(),
        subtitle: format!("made {}", minute_text(now_micros())),
        facts,
        verdict: Some(verdict),
        cases,
        sections: vec![performance_section(&found.chunks, limits), drift_section(&drift.details)],
    }
}

/// What was left out of the log, if anything was.
fn read_facts(watched: &Watched) -> Vec<(String, String)> {
    let left_out = |rows: u64, what: &str| (rows > 0).then(|| (what.to_owned(), rows.to_string()));
    let others = left_out(watched.rows_other_models, "rows of other models, left out");
    let unreadable = left_out(watched.unreadable.lines, "lines of the log that could not be read or used");
    let lookups = watched.lookups.iter().flat_map(|(view, statuses)| {
        let lacking = move |(status, rows): (&LookupStatus, &u64)| {
            (format!("rows answered without view {view}"), format!("{rows} ({})", status.as_str()))
        };
        statuses.iter().map(lacking)
    });
    others.into_iter().chain(unreadable).chain(lookups).collect()
}
