//! A fitted step of any kind: the columns it reads and writes, and what it makes of them. Plain data, so that a bundle can
//! hold it. A new step is a variant of [`Step`] whose type implements [`FittedStep`].

use super::computation::{Computation, Places, RowOut};
use super::{
    bin, clip, count, cross, date_parts, hash, hash_text, impute, impute_knn, log, one_hot, ordinal, polynomial, power,
    projection, quantile_transform, scale, select, spline, target_encode, tfidf, weight_of_evidence,
};
use crate::data::{Column, Value};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A fitted step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Step {
    /// Missing values become one that was fitted.
    Impute(impute::Impute),
    /// Values beyond two ends become the ends.
    Clip(clip::Clip),
    /// `(x - center) / scale`.
    Scale(scale::Scale),
    /// A logarithm.
    Log(log::Log),
    /// Bent towards a normal distribution by a power.
    Power(power::Power),
    /// Bent by the quantiles of the training rows.
    QuantileTransform(quantile_transform::QuantileTransform),
    /// The bin it falls in.
    Bin(bin::Bin),
    /// A column a category.
    OneHot(one_hot::OneHot),
    /// A category's number.
    Ordinal(ordinal::Ordinal),
    /// The target's mean in the category.
    TargetEncode(target_encode::TargetEncode),
    /// How much a category speaks for a class.
    WeightOfEvidence(weight_of_evidence::WeightOfEvidence),
    /// How many training rows have the category.
    Count(count::Count),
    /// The column that a category's hash says.
    HashCategory(hash::HashCategory),
    /// Smooth bumps between knots.
    Spline(spline::Spline),
    /// Products of columns.
    Polynomial(polynomial::Polynomial),
    /// Sums of columns: principal components or singular directions.
    Projection(projection::Projection),
    /// A number a term of a text.
    Tfidf(tfidf::Tfidf),
    /// The columns that the hashes of a text's terms say.
    HashText(hash_text::HashText),
    /// Missing numbers become those of the nearest rows.
    ImputeKnn(impute_knn::ImputeKnn),
    /// The calendar's and the clock's numbers of a time.
    DateParts(date_parts::DateParts),
    /// One category of several columns' categories.
    Cross(cross::Cross),
    /// Some of the columns.
    Select(select::Select),
}

/// What a fitted step says of itself.
pub(super) trait FittedStep: Sync {
    /// The columns it reads, each once.
    fn inputs(&self) -> Vec<&str>;

    /// What stands in all of them.
    fn takes(&self) -> Content;

    /// The columns it writes, in order. They take the place of those that it reads.
    fn outputs(&self) -> Vec<Output>;

    /// What it computes.
    fn computation(&self) -> Computation<'_>;

    /// What makes no sense in it, if anything; a bundle may hold any numbers. Called before anything else.
    fn check(&self) -> std::result::Result<(), &'static str> {
        Ok(())
    }

    /// The categories or terms that it looks up, sorted by name.
    fn categories(&self) -> &[String] {
        &[]
    }

    /// The places of what it looks up.
    fn places(&self) -> Places {
        self.categories().iter().cloned().enumerate().map(|(place, name)| (name, place)).collect()
    }
}

/// What stands in a column between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Number,
    Text,
    Time,
    /// Numbers of categories, for learners that take categories.
    Category,
}

impl Content {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Content::Number => "numbers",
            Content::Text => "texts",
            Content::Time => "times",
            Content::Category => "numbered categories",
        }
    }
}

/// A column that a step writes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Output {
    pub name: String,
    pub content: Content,
    pub role: OutputRole,
}

/// What a written column still needs of what estimators ask for: no missing values, and like scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputRole {
    /// Of size 1 and never missing, as an indicator: needs neither, and `columns = "numeric"` does not mean it where a step
    /// changes column by column.
    Flag,
    /// A quantity that may be missing and of any size.
    Quantity,
    /// A quantity of any size, never missing.
    Complete,
    /// The same column that was read under this name.
    Unchanged,
    /// What it was before: complete and scaled if all columns read were.
    Same,
    /// The same column that was read under this name, never missing now.
    Filled,
    /// Scaled now; complete if it was.
    Scaled,
}

impl Output {
    /// A column of numbers.
    pub(super) fn number(name: impl Into<String>, role: OutputRole) -> Output {
        Output { name: name.into(), content: Content::Number, role }
    }

    /// Columns of numbers.
    pub(super) fn numbers(names: impl IntoIterator<Item = String>, role: OutputRole) -> Vec<Output> {
        names.into_iter().map(|name| Output::number(name, role)).collect()
    }
}

impl Step {
    /// The step as what every step is.
    pub(super) fn fitted(&self) -> &dyn FittedStep {
        match self {
            Step::Impute(step) => step,
            Step::Clip(step) => step,
            Step::Scale(step) => step,
            Step::Log(step) => step,
            Step::Power(step) => step,
            Step::QuantileTransform(step) => step,
            Step::Bin(step) => step,
            Step::OneHot(step) => step,
            Step::Ordinal(step) => step,
            Step::TargetEncode(step) => step,
            Step::WeightOfEvidence(step) => step,
            Step::Count(step) => step,
            Step::HashCategory(step) => step,
            Step::Spline(step) => step,
            Step::Polynomial(step) => step,
            Step::Projection(step) => step,
            Step::Tfidf(step) => step,
            Step::HashText(step) => step,
            Step::ImputeKnn(step) => step,
            Step::DateParts(step) => step,
            Step::Cross(step) => step,
            Step::Select(step) => step,
        }
    }

    /// The columns it reads; what it writes takes their place.
    pub fn inputs(&self) -> Vec<&str> {
        self.fitted().inputs()
    }

    /// An error if what a bundle says of it makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        let step = self.fitted();
        let sorted = step.categories().windows(2).all(|pair| pair[0] < pair[1]);
        let found = if sorted { step.check() } else { Err("its categories are not sorted") };
        found.map_err(|what| Error::corrupt(format!("preparation of \"{}\": {what}", step.inputs().join("\", \""))))
    }

    /// The values it writes for one row.
    pub(super) fn row<'a>(&'a self, cells: &[Value<'a>], places: &Places, width: usize, out: &mut RowOut<'a>) {
        self.fitted().computation().row(cells, places, width, out);
    }

    /// The columns it writes for all rows.
    pub(super) fn columns(&self, columns: Vec<Column>, places: &Places, width: usize) -> Vec<Column> {
        self.fitted().computation().columns(columns, places, width)
    }
}
