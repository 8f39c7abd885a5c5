//! Axes: round ticks (Heckbert's nice numbers, Graphics Gems 1990), numbers as people write them, and scales.

/// The smallest of 1, 2, 5 times a power of ten that is at least `rough` > 0.
pub fn nice_step(rough: f64) -> f64 {
    if !(rough.is_finite() && rough > 0.0) {
        return 1.0;
    }
    let exponent = rough.log10().floor();
    let power = 10f64.powf(exponent);
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= rough * (1.0 - 1e-9));
    // Dividing by a whole power keeps steps below one exact in print (0.1, not 0.10000000000000001).
    let (factor, exponent) = factor.map_or((1.0, exponent + 1.0), |factor| (factor, exponent));
    let step = if exponent < 0.0 { factor / 10f64.powf(-exponent) } else { factor * 10f64.powf(exponent) };
    if step.is_finite() && step > 0.0 { step } else { rough }
}

/// A linear map from values to places on the canvas.
#[derive(Debug, Clone, Copy)]
pub(super) struct AxisScale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl AxisScale {
    /// `low`..`high` onto `from`..`to`; an empty range is widened.
    pub fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
        AxisScale { low, high, from, to }
    }

    /// A range widened to round ticks, about `count` of them.
    pub fn round(low: f64, high: f64, count: usize, from: f64, to: f64) -> Self {
        let plain = AxisScale::new(low, high, from, to);
        let step = nice_step((plain.high - plain.low) / count as f64);
        let (first, last) = ((plain.low / step + 1e-9).floor() * step, (plain.high / step - 1e-9).ceil() * step);
        AxisScale::new(first, last, from, to)
    }

    /// Where a value lies.
    pub fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// Whether a value lies within the range.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// About `count` round values within the range, with their text.
    pub fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let step = nice_step((self.high - self.low) / count as f64);
        let first = (self.low / step - 1e-9).ceil();
        let last = (self.high / step + 1e-9).floor();
        let total = (last - first).clamp(-1.0, 100.0) as i64;
        (0..=total).map(|i| (first + i as f64) * step).map(|value| (value, tick(value, step))).collect()
    }
}

/// A tick with as many decimals as its step needs: `1,500`, `0.25`, `2.5M`, `1e-7`.
fn tick(value: f64, step: f64) -> String {
    let value = if value.abs() < step / 2.0 { 0.0 } else { value };
    let large = value.abs().max(step);
    if large >= 1e12 || step < 1e-6 {
        return if value == 0.0 { "0".to_string() } else { format!("{:e}", rounded(value, step)) };
    }
    let (divisor, suffix) = if step >= 1e6 { (1e6, "M") } else { (1.0, "") };
    let decimals = (-(step / divisor).log10() - 1e-9).ceil().max(0.0) as usize;
    let text = grouped(&format!("{:.decimals$}", value / divisor));
    if value == 0.0 { text } else { text + suffix }
}

/// A tick value without the dust of multiplication.
fn rounded(value: f64, step: f64) -> f64 {
    let digits = (value.abs().log10().floor() - step.log10().floor()).clamp(0.0, 15.0) as usize;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

/// A number with about four significant digits: `0.0237`, `1,238`, `3.2e-7`.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".to_string() } else { "–".to_string() };
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.1e}");
    }
    let decimals = (3.0 - size.log10().floor()).clamp(0.0, 7.0) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    grouped(text)
}

/// A share in 0..=1 as a percentage with one decimal, `<0.1 %` for a trace.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.0005 { "<0.1 %".to_string() } else { format!("{:.1} %", share * 100.0) }
}

/// Commas between thousands, a true minus sign.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("−", rest));
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        let cases = [(0.07, 0.1), (1.0, 1.0), (1.1, 2.0), (3.0, 5.0), (7.0, 10.0), (1234.0, 2000.0), (0.0, 1.0)];
        for (rough, step) in cases {
            assert_eq!(nice_step(rough), step);
        }
    }

    #[test]
    fn ticks_read_well() {
        let texts = |low, high| -> Vec<String> {
            AxisScale::new(low, high, 0.0, 1.0).ticks(4).into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(texts(0.0, 1.0), ["0.0", "0.5", "1.0"]);
        assert_eq!(texts(-20.0, 20.0), ["−20", "−10", "0", "10", "20"]);
        assert_eq!(texts(0.0, 4e3), ["0", "1,000", "2,000", "3,000", "4,000"]);
        assert_eq!(texts(0.0, 4e7), ["0", "10M", "20M", "30M", "40M"]);
        assert_eq!(texts(0.0, 4e-7), ["0", "1e-7", "2e-7", "3e-7", "4e-7"]);
        assert_eq!(texts(0.71, 0.74), ["0.71", "0.72", "0.73", "0.74"]);
    }

    #[test]
    fn numbers_have_four_digits() {
        let cases = [(0.0237376, "0.02374"), (1238.4, "1,238"), (0.1, "0.1"), (-2.5, "−2.5"), (3.21e-7, "3.2e-7")];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(
            (percent(0.1234).as_str(), percent(0.0001).as_str(), percent(0.0).as_str()),
            ("12.3 %", "<0.1 %", "0.0 %")
        );
    }
}
