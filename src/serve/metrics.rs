//! Numbers for Prometheus at `GET /metrics`: requests by route and status, their duration; rows and log failures by deployment,
//! and which models answer.

use super::deployment::Deployments;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper ends of the duration histogram, seconds.
const BUCKETS: [f64; 10] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0];

/// Counters of one server.
#[derive(Default)]
pub(super) struct Metrics {
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    nanos: AtomicU64,
    /// Requests at work.
    pub in_flight: AtomicU64,
}

impl Metrics {
    /// Counts an answered request.
    pub(super) fn answered(&self, route: &'static str, status: u16, took: Duration) {
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner).entry((route, status)).or_default() += 1;
        let seconds = took.as_secs_f64();
        if let Some(bucket) = BUCKETS.iter().position(|end| seconds <= *end) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The page, in Prometheus' text format.
    pub(super) fn page(&self, deployments: &Deployments) -> String {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut out = String::new();
        let mut line = |text: String| {
            let _ = writeln!(out, "{text}");
        };
        line("# TYPE mlops_requests_total counter".into());
        for ((route, status), count) in self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            line(format!("mlops_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}"));
        }
        line("# TYPE mlops_request_duration_seconds histogram".into());
        let mut sum = 0;
        for (end, bucket) in BUCKETS.iter().zip(&self.buckets) {
            sum += get(bucket);
            line(format!("mlops_request_duration_seconds_bucket{{le=\"{end}\"}} {sum}"));
        }
        line(format!("mlops_request_duration_seconds_bucket{{le=\"+Inf\"}} {}", get(&self.count)));
        line(format!("mlops_request_duration_seconds_sum {}", get(&self.nanos) as f64 / 1e9));
        line(format!("mlops_request_duration_seconds_count {}", get(&self.count)));
        line("# TYPE mlops_rows_total counter".into());
        for deployment in deployments.iter() {
            let (name, rows) = (&deployment.name, get(&deployment.counters.rows));
            line(format!("mlops_rows_total{{deployment=\"{name}\"}} {rows}"));
        }
        line("# TYPE mlops_log_errors_total counter".into());
        for deployment in deployments.iter() {
            let (name, errors) = (&deployment.name, get(&deployment.counters.log_errors));
            line(format!("mlops_log_errors_total{{deployment=\"{name}\"}} {errors}"));
        }
        line("# TYPE mlops_requests_in_flight gauge".into());
        line(format!("mlops_requests_in_flight {}", get(&self.in_flight)));
        line("# TYPE mlops_model_info gauge".into());
        for deployment in deployments.iter() {
            for arm in deployment.arms() {
                let (name, arm, model) = (&deployment.name, arm.name, &arm.model);
                let (version, hash) = (model.version_text(), &model.hash_text);
                let labels = format!("deployment=\"{name}\",arm=\"{arm}\",version=\"{version}\",hash=\"{hash}\"");
                line(format!("mlops_model_info{{{labels}}} 1"));
            }
        }
        out
    }
}
