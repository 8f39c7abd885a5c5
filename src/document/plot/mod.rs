//! Plots as SVG: distributions side by side, metrics over time.
//!
//! - `axis`: round ticks, how numbers are written, scales
//! - `svg`: the elements used here, every text escaped
//! - `distribution`: a column's two samples as a picture needs them
//! - `bars`: histograms and category shares
//! - `lines`: values over time, with limits and gaps
//!
//! For example, `lines` of the weekly AUC 0.72, missing, 0.69 with a limit at 0.70 below which values are bad draws two dots with a
//! gap between them, a dashed line at 0.70 on an axis from 0.68 to 0.73, and marks the second dot.
//!
//! Colours are CSS variables with a light and a dark value from the palette of Okabe & Ito, which all kinds of colour
//! vision tell apart; reference and current differ in form too (filled, outlined). Hovering shows the numbers.

mod axis;
mod bars;
mod distribution;
mod lines;
mod svg;

pub use axis::{nice_step, number, percent};
pub use bars::{categories, histogram, thumbnail};
pub use distribution::{CategoryShares, Distribution, Histogram};
pub use lines::{Base, Limit, Series, lines};
pub use svg::{STYLE, Svg};
