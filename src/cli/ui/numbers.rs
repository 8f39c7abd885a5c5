//! Numbers, sizes and times as people read them: `166,158`, `2.5 MiB`, `0.8123`.

use crate::project::time_text;

/// A count with separators: `166,158`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A length in bytes: `2.5 MiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// An instant to the second, for a column whose head says UTC.
pub fn when(micros: i64) -> String {
    time_text(micros).chars().take(19).collect()
}

/// A metric: four digits, `-` where it is not defined.
pub fn metric(value: Option<f64>) -> String {
    value.filter(|v| !v.is_nan()).map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"))
}

/// A column's name as it is shown among words: in quotes where it would be lost between them.
pub fn shown_name(name: &str) -> String {
    let is_plain = !name.is_empty() && !name.contains([',', '"', '\'']) && name.trim() == name;
    if is_plain { name.to_owned() } else { crate::error::quoted(name) }
}
