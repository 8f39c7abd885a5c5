//! Plots as SVG: distributions side by side, metrics over time.
//!
//! - `axis`: round ticks, how numbers are written, scales
//! - `svg`: the elements used here, every text escaped
//! - `distribution`: a column's two samples as a picture needs them
//! - `bars`: histograms and category shares
//! - `lines`: values over time, with limits and gaps
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
