//! A profile as a document: a table of all columns, and a picture of each.

use super::profile::{ColumnProfile, ColumnSpread, DataProfile};
use crate::document::plot;
use crate::document::{Block, Details, Document, Figure, Section, TableBlock, TableCell, TableColumn};
use crate::project::time_text;

/// Most different numbers that are also shown by how frequent they are.
const FEW: usize = 20;

impl DataProfile {
    /// The page.
    pub fn document(&self) -> Document {
        let columns = Section { heading: "Columns".to_owned(), intro: self.intro(), blocks: vec![self.table()] };
        let figures = self.columns.iter().filter_map(|column| self.details(column)).collect();
        let each = Section {
            heading: "Column by column".to_owned(),
            intro: String::new(),
            blocks: vec![Block::Grid(figures)],
        };
        let missing: usize = self.columns.iter().map(|column| column.missing).sum();
        let cells = self.rows * self.columns.len();
        let facts = [
            ("rows", plot::number(self.rows as f64)),
            ("columns", self.columns.len().to_string()),
            ("missing", plot::percent(if cells == 0 { 0.0 } else { missing as f64 / cells as f64 })),
        ];
        Document {
            title: self.name.clone(),
            facts: facts.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            sections: vec![columns, each],
            ..Document::default()
        }
    }

    fn intro(&self) -> String {
        self.target.as_ref().map_or_else(String::new, |target| {
            format!(
                "The last column says how closely each goes with \"{target}\": two columns of numbers by Pearson's correlation (−1 to 1), \
                 numbers and groups by η, groups by Cramér's V (0 to 1)."
            )
        })
    }

    fn table(&self) -> Block {
        let mut columns = vec![TableColumn::text("column"), TableColumn::text("type")];
        columns.extend(["missing", "different", "least", "median", "greatest"].map(TableColumn::numeric));
        columns.extend([TableColumn::text("most frequent"), TableColumn::text("")]);
        if self.target.is_some() {
            columns.push(TableColumn::numeric("with target"));
        }
        let rows = self.columns.iter().map(|column| {
            let at = |share: &str| column.quantile(share).unwrap_or_default();
            let mut cells: Vec<TableCell> = vec![
                column.name.as_str().into(),
                column.kind.as_str().into(),
                if column.missing == 0 {
                    "".into()
                } else {
                    plot::percent(column.missing as f64 / self.rows.max(1) as f64).into()
                },
                column.distinct.to_string().into(),
                at("0").into(),
                at("50").into(),
                at("100").into(),
                column.most_frequent(1).into(),
                TableCell::Picture(plot::small_bars(&column.name, &column.heights())),
            ];
            if self.target.is_some() {
                cells.push(column.with_target().into());
            }
            cells
        });
        Block::Table(TableBlock { columns, rows: rows.collect() })
    }

    fn details(&self, column: &ColumnProfile) -> Option<Block> {
        let frequent: Vec<(String, usize)> =
            column.frequent.iter().map(|value| (value.value.clone(), value.rows)).collect();
        let mut blocks = Vec::new();
        if let Some(spread) = &column.spread {
            let is_time = spread.mean.is_none();
            let label = |edge: f64| {
                if is_time { time_text(edge as i64).chars().take(10).collect() } else { plot::number(edge) }
            };
            let svg = plot::sample_histogram(&column.name, &spread.edges, &spread.counts, label);
            blocks.push(Block::Figure(Figure { caption: spread.caption(), svg }));
        }
        let most = if column.spread.is_some() { FEW } else { usize::MAX };
        if !frequent.is_empty() && column.distinct <= most {
            let svg = plot::frequencies(&column.name, &frequent, self.rows);
            blocks.push(Block::Figure(Figure { caption: String::new(), svg }));
        }
        let summary = format!("{} ({})", column.name, column.kind);
        (!blocks.is_empty()).then_some(Block::Details(Details { summary, badge: None, open: true, blocks }))
    }
}

impl ColumnProfile {
    /// A quantile as people read it; none of a column without numbers or times.
    pub fn quantile(&self, share: &str) -> Option<String> {
        let found = self.spread.as_ref()?.quantiles.get(share);
        found.map(|value| match value.as_f64() {
            Some(number) => plot::number(number),
            None => value.as_str().unwrap_or_default().chars().take(10).collect(),
        })
    }

    /// The most frequent values with their rows: `good (700), bad (300)`.
    pub fn most_frequent(&self, count: usize) -> String {
        let shown = |text: &str| match text.chars().count() {
            0..=24 => text.to_owned(),
            _ => text.chars().take(23).chain(['…']).collect(),
        };
        let each = self
            .frequent
            .iter()
            .take(count)
            .map(|value| format!("{} ({})", shown(&value.value), plot::number(value.rows as f64)));
        each.collect::<Vec<_>>().join(", ")
    }

    /// How closely it goes with the target: `0.31 η`.
    pub fn with_target(&self) -> String {
        self.target.map_or_else(String::new, |found| match found.method {
            "pearson" => format!("{:+.3}", found.value),
            "eta" => format!("{:.3} η", found.value),
            _ => format!("{:.3} V", found.value),
        })
    }

    /// The rows of each bin, or of the most frequent values.
    pub fn heights(&self) -> Vec<usize> {
        match &self.spread {
            Some(spread) => spread.counts.clone(),
            None => self.frequent.iter().map(|value| value.rows).collect(),
        }
    }
}

impl ColumnSpread {
    fn caption(&self) -> String {
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), plot::number);
        match self.mean {
            Some(_) => format!("mean {}, standard deviation {}", number(self.mean), number(self.deviation)),
            None => String::new(),
        }
    }
}
