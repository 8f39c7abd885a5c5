//! Numbers for Prometheus at `GET /metrics`: requests by route and status, their duration; rows, log failures and look-ups of views by
//! deployment, and which models answer.

use super::deployment::Deployments;
use axum::http::{Method, StatusCode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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
    in_flight: AtomicU64,
}

/// The status of a request whose client went before it was answered, as nginx counts it. It is never sent.
const GONE: u16 = 499;

/// A request at work. It is counted when it ends: with its answer's status, or [`GONE`] if it is dropped without one.
pub(super) struct RequestInFlight<'a> {
    metrics: &'a Metrics,
    method: Method,
    route: &'static str,
    begun: Instant,
    status: u16,
}

impl RequestInFlight<'_> {
    /// Ends it with this status.
    pub(super) fn answered(mut self, status: StatusCode) {
        self.status = status.as_u16();
    }
}

/// What asks for predictions is logged with `-v`, probes of health and the like with `-vv`. A path that is not one of ours is not
/// written: it may hold anything.
impl Drop for RequestInFlight<'_> {
    fn drop(&mut self) {
        let Self { metrics, method, route, begun, status } = self;
        let elapsed = begun.elapsed();
        metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
        metrics.answered(route, *status, elapsed);
        let latency_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        match *route {
            "/invocations" | "/v2/infer" => tracing::info!(%method, route, status, latency_us, "request"),
            _ => tracing::debug!(%method, route, status, latency_us, "request"),
        }
    }
}

impl Metrics {
    /// A request comes.
    pub(super) fn begin(&self, method: Method, route: &'static str) -> RequestInFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        RequestInFlight { metrics: self, method, route, begun: Instant::now(), status: GONE }
    }

    fn answered(&self, route: &'static str, status: u16, took: Duration) {
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
        line("# TYPE mlops_feature_lookups_total counter".into());
        for deployment in deployments.iter() {
            for ((view, status), rows) in deployment.counters.lookups() {
                let (name, status) = (&deployment.name, status.as_str());
                let labels = format!("deployment=\"{name}\",view=\"{view}\",status=\"{status}\"");
                line(format!("mlops_feature_lookups_total{{{labels}}} {rows}"));
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_dropped_unanswered_is_in_flight_no_more_and_counted_as_499() {
        let metrics = Metrics::default();
        let (one, other) = (metrics.begin(Method::POST, "/invocations"), metrics.begin(Method::GET, "/health"));
        assert_eq!(metrics.in_flight.load(Ordering::Relaxed), 2);
        drop(one);
        other.answered(StatusCode::OK);
        assert_eq!(metrics.in_flight.load(Ordering::Relaxed), 0);
        let counted = metrics.requests.lock().unwrap().clone();
        assert_eq!(counted, BTreeMap::from([(("/health", 200), 1), (("/invocations", 499), 1)]));
    }
}
