//! The few SVG elements the plots use. A text enters a picture only through [`escape`].

use crate::document::escape::markup as escape;
use std::fmt::Write;

/// The style of all plots, to be put once into the page that holds them.
pub const STYLE: &str = include_str!("plot.css");

/// A finished picture: well-formed, every text in it escaped, since only the builders of [`super`] make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg(String);

impl Svg {
    /// The element to put into an HTML page that has [`STYLE`].
    pub fn inline(&self) -> &str {
        &self.0
    }

    /// The picture as a file of its own, with its style and a background; it follows the reader's light or dark preference.
    pub fn standalone(&self) -> String {
        let (head, body) = self.0.split_at(self.0.find('>').map_or(0, |end| end + 1));
        let head = head.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1);
        format!(
            "{head}<style>{STYLE}</style><rect width=\"100%\" height=\"100%\" style=\"fill:var(--paper)\"/>{body}\n"
        )
    }
}

/// At most `most` characters, the end replaced by `…`.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Where a text is held.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture being drawn, `width` × `height` units.
#[derive(Debug)]
pub(super) struct Canvas {
    pub width: f64,
    pub height: f64,
    body: String,
}

impl Canvas {
    pub fn new(width: f64, height: f64) -> Self {
        Canvas { width, height, body: String::new() }
    }

    /// The finished picture, `label` being what a screen reader says.
    pub fn finish(self, class: &str, label: &str) -> Svg {
        let (w, h) = (short(self.width), short(self.height));
        let label = escape(label);
        Svg(format!(
            "<svg class=\"plot {class}\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" \
             aria-label=\"{label}\">{}</svg>",
            self.body
        ))
    }

    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let (x1, y1, x2, y2) = (short(x1), short(y1), short(x2), short(y2));
        self.push(format_args!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
    }

    /// A rectangle, with a tooltip when `title` is not empty.
    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (w, h): (f64, f64), title: &str) {
        let (x, y, w, h) = (short(x), short(y), short(w.max(0.0)), short(h.max(0.0)));
        self.push(format_args!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\""));
        self.end("rect", title);
    }

    /// A circle, with a tooltip when `title` is not empty.
    pub fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64, title: &str) {
        let (x, y, r) = (short(x), short(y), short(radius));
        self.push(format_args!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\""));
        self.end("circle", title);
    }

    /// Straight lines through points; nothing for fewer than two.
    pub fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        if points.len() < 2 {
            return;
        }
        self.push(format_args!("<path class=\"{class}\" d=\""));
        for (i, (x, y)) in points.iter().enumerate() {
            self.push(format_args!("{}{} {}", if i == 0 { 'M' } else { 'L' }, short(*x), short(*y)));
        }
        self.push(format_args!("\"/>"));
    }

    pub fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, text) = (short(x), short(y), escape(text));
        self.push(format_args!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"));
    }

    /// A text that runs upwards around its middle.
    pub fn upright_text(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        let (x, y, text) = (short(x), short(y), escape(text));
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\">{text}</text>"
        ));
    }

    /// A rectangle of a series' colour, `depth` of it from 0 to 1, with a tooltip.
    pub fn shade(&mut self, series: &str, (x, y): (f64, f64), (w, h): (f64, f64), depth: f64, title: &str) {
        let (x, y, w, h) = (short(x), short(y), short(w.max(0.0)), short(h.max(0.0)));
        let depth = format!("{:.2}", depth.clamp(0.0, 1.0));
        self.push(format_args!(
            "<rect class=\"fill {series}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill-opacity=\"{depth}\""
        ));
        self.end("rect", title);
    }

    fn end(&mut self, element: &str, title: &str) {
        if title.is_empty() {
            self.push(format_args!("/>"));
        } else {
            self.push(format_args!("><title>{}</title></{element}>", escape(title)));
        }
    }

    fn push(&mut self, piece: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.body.write_fmt(piece);
    }
}

/// A coordinate with at most one decimal.
fn short(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_string();
    }
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_leave_its_place() {
        let mut canvas = Canvas::new(10.0, 10.0);
        canvas.rect("bar", (0.0, 0.0), (1.0, 1.0), "a</title><script>");
        canvas.text("tick", (0.0, 0.0), Anchor::Start, "\"<b>&\u{0}");
        let svg = canvas.finish("x", "\"><script>alert(1)</script>");
        assert!(!svg.inline().contains("<script") && !svg.inline().contains("<b>"));
        assert!(svg.inline().contains("&quot;&lt;b&gt;&amp;</text>"));
    }

    #[test]
    fn a_file_of_its_own_brings_namespace_and_style() {
        let mut canvas = Canvas::new(10.0, 10.0);
        canvas.upright_text("name", (1.0, 2.0), "a < b");
        canvas.shade("s1", (0.0, 0.0), (2.0, 2.0), 7.0, "<");
        let file = canvas.finish("x", "a > b").standalone();
        assert!(
            file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot x\"")
                && file.ends_with("</svg>\n")
        );
        assert!(
            file.contains("--series-0") && file.contains("a &lt; b</text>") && file.contains("fill-opacity=\"1.00\"")
        );
    }

    #[test]
    fn long_texts_end_in_dots() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdefg", 6), "abcde…");
    }
}
