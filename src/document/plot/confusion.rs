//! How often each class is called which: a square of counts, the darker the larger the share of the row.

use super::svg::{Anchor, Canvas, Svg, shortened};

const WIDTH: f64 = 480.0;
const TOP: f64 = 62.0;

/// `counts[class][called]` over `classes`, which name rows and columns.
pub fn confusion(title: &str, classes: &[String], counts: &[Vec<u64>]) -> Svg {
    let count = classes.len().max(1);
    let longest = classes.iter().map(|class| class.chars().count().min(18)).max().unwrap_or(0);
    let left = (40.0 + 6.4 * longest as f64).min(170.0);
    let side = ((WIDTH - left - 12.0) / count as f64).min(150.0);
    let height = (side * 0.62).clamp(24.0, 92.0);
    let mut canvas = Canvas::new(WIDTH, TOP + height * count as f64 + 10.0);
    let room = (side / 6.4).max(2.0) as usize;
    for (at, class) in classes.iter().enumerate() {
        let (x, y) = (left + side * (at as f64 + 0.5), TOP + height * (at as f64 + 0.5));
        canvas.text("name", (x, TOP - 7.0), Anchor::Middle, &shortened(class, room));
        canvas.text("name", (left - 8.0, y + 4.0), Anchor::End, &shortened(class, 18));
    }
    canvas.text("tick", (left + side * count as f64 / 2.0, TOP - 24.0), Anchor::Middle, "called");
    canvas.upright_text("tick", (12.0, TOP + height * count as f64 / 2.0), "is");
    for (row, line) in counts.iter().enumerate() {
        let all = line.iter().sum::<u64>().max(1) as f64;
        for (column, cell) in line.iter().enumerate() {
            let at = (left + side * column as f64, TOP + height * row as f64);
            let share = *cell as f64 / all;
            let named = |at: usize| classes.get(at).map_or("", String::as_str);
            let title = format!("{} called {}: {cell} ({:.1} %)", named(row), named(column), share * 100.0);
            let colour = if row == column { "s2" } else { "s1" };
            canvas.shade(colour, (at.0 + 1.0, at.1 + 1.0), (side - 2.0, height - 2.0), 0.06 + 0.54 * share, &title);
            let middle = (at.0 + side / 2.0, at.1 + height / 2.0);
            let two_lines = height >= 40.0 && side >= 44.0;
            canvas.text(
                "cell",
                (middle.0, middle.1 + if two_lines { -1.0 } else { 4.0 }),
                Anchor::Middle,
                &cell.to_string(),
            );
            if two_lines {
                canvas.text("tick", (middle.0, middle.1 + 14.0), Anchor::Middle, &format!("{:.0} %", share * 100.0));
            }
        }
    }
    canvas.text("title", (14.0, 17.0), Anchor::Start, &shortened(title, 60));
    canvas.finish("confusion", title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_classes_has_its_count_and_share() {
        let classes = ["no", "yes"].map(str::to_owned);
        let svg = confusion("calls", &classes, &[vec![30, 10], vec![0, 7]]);
        assert_eq!(svg.inline().matches("<rect").count(), 4);
        assert!(svg.inline().contains("no called yes: 10 (25.0 %)") && svg.inline().contains(">100 %<"));
    }
}
