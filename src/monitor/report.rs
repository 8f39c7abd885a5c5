//! The report of a monitor: one HTML page with drift and performance.

use super::drift::DriftOutcome;
use super::html::{Report, Verdict};
use super::performance::PerformanceOutcome;
use super::plot::Limit;
use super::sections::{drift_section, performance_section};
use crate::project::{now_micros, time_text};

/// Makes the page's content.
pub fn report(
    title: &str,
    facts: Vec<(String, String)>,
    drift: Option<&DriftOutcome>,
    performance: Option<&PerformanceOutcome>,
    limits: &[(String, f64, bool)],
) -> Report {
    let mut sections = Vec::new();
    let mut alarms = Vec::new();
    let mut good = Vec::new();
    if let Some(p) = performance {
        let limits: Vec<(String, Limit)> = limits
            .iter()
            .map(|(metric, value, below)| {
                let name = format!("{} {value}", if *below { "at least" } else { "at most" });
                (metric.clone(), Limit { name, value: *value, bad_below: *below })
            })
            .collect();
        sections.push(performance_section(&p.for_report(), &limits));
        let auc = p.metrics.get("auc").map_or_else(String::new, |auc| format!(", AUC {auc:.3}"));
        let text = format!("{} of {} predictions have their label{auc}", p.labelled, p.rows);
        if p.passed { good.push(text) } else { alarms.push(format!("performance is beyond its limit ({text})")) }
    }
    if let Some(d) = drift {
        sections.push(drift_section(&d.details));
        let count = d.columns.iter().filter(|c| c.drifted).count();
        let text = format!("{count} of {} columns drifted", d.columns.len());
        if d.drifted { alarms.push(text) } else { good.push(text) }
    }
    let verdict = match (alarms.is_empty(), good.is_empty()) {
        (false, _) => Verdict::Alert(alarms.join("; ")),
        (true, false) => Verdict::Ok(good.join("; ")),
        (true, true) => Verdict::Unknown("nothing to look at yet".to_owned()),
    };
    Report { title: title.to_owned(), subtitle: format!("made {}", time_text(now_micros())), facts, verdict, sections }
}
