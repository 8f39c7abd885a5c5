//! How many, how large and how long: what a server takes, beside what the flags of `mlops serve` say.

use std::time::Duration;

/// Connections at once; below the 1,024 files a process may usually open, for the log and the stores need some.
pub(super) const CONNECTIONS: usize = 800;
/// Connections beyond those, which get answers about the server's health only.
pub(super) const PROBES: usize = 64;
/// The same of one peer: the others must get theirs whatever one does.
pub(super) const PROBES_OF_A_PEER: usize = 16;
/// Large requests worked on at once.
pub(super) const LARGE_AT_ONCE: usize = 2;

/// From so many bytes on, a body is large.
pub(super) const LARGE_BODY: usize = 16 << 10;
/// Largest body, bytes. Its cells take up to eight times as much memory, sixteen times those of a CSV text that is commas alone.
pub(super) const LARGEST_BODY: usize = 16 << 20;
/// Longest head of a request, bytes, twice as much where it comes at once: heads are not counted with the bodies.
pub(super) const LONGEST_HEAD: usize = 64 << 10;
/// Most rows of a request: their log lines are held in memory until all are answered.
pub(super) const MOST_ROWS: usize = 100_000;
/// Longest name of a request's column, bytes.
pub(super) const LONGEST_NAME: usize = 1024;
/// Bytes of log that a request may write, texts aside, of which there are no more than its body has.
pub(super) const MOST_LOG: u64 = 512 << 20;

/// How long the head of a request may take to arrive.
pub(super) const HEAD: Duration = Duration::from_secs(10);
/// The same for a probe of health where there is no other place.
pub(super) const PROBE_HEAD: Duration = Duration::from_secs(2);
/// Bytes a second that a client has to take of a large answer.
pub(super) const LEAST_RATE: u32 = 16 << 10;
/// How long requests in flight may go on after the stop.
pub(super) const DRAIN: Duration = Duration::from_secs(20);
