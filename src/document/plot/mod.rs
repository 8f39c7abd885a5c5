//! Plots as SVG: distributions side by side, metrics over time.
//!
//! - `axis`: round ticks, how numbers are written, scales
//! - `svg`: the elements used here, every text escaped
//! - `two_samples`: the data of such a picture, made in `monitor::picture_bins`
//! - `histogram`: drawing it: as a histogram, as shares of categories, small for a table
//! - `sample`: one sample as a histogram, bars or characters
//! - `xy`: curves and dots over two axes; `ranges`: values with how far they may be off; `confusion`: classes and what they are called;
//!   `swarm`: many values a line
//! - `lines`: values over time, with limits and gaps
//!
//! For example, `lines` of the weekly AUC 0.72, missing, 0.69 with a limit at 0.70 below which values are bad draws two dots with a
//! gap between them, a dashed line at 0.70 on an axis from 0.68 to 0.73, and marks the second dot.
//!
//! Colours are CSS variables with a light and a dark value from the palette of Okabe & Ito, which all kinds of colour
//! vision tell apart; reference and current differ in form too (filled, outlined). Hovering shows the numbers.

mod axis;
mod confusion;
mod histogram;
mod lines;
mod ranges;
mod sample;
mod svg;
mod swarm;
mod two_samples;
mod xy;

pub use axis::{nice_step, number, percent};
pub use confusion::confusion;
pub use histogram::{categories, histogram, thumbnail};
pub use lines::{Base, Limit, Series, lines};
pub use ranges::{RangeRow, ranges};
pub use sample::{frequencies, sample_histogram, small_bars, spark};
pub use svg::{STYLE, Svg};
pub use swarm::{SwarmRow, swarm};
pub use two_samples::{CategoryShares, Distribution, Histogram};
pub use xy::{XyAxis, XyForm, XySeries, xy};
