//! The operations of preparation by name: their checked parameters, and how each is fitted.

use super::cross::Cross;
use super::fitted_step::{Content, Step};
use super::number_columns::NumberColumns;
use super::ordinal::Ordinal;
use super::working_column::{FittedColumns, Working, applied};
use super::{
    bin, clip, count, cross, date_parts, hash, hash_text, impute, impute_knn, log, one_hot, ordinal, pca, polynomial,
    power, quantile_transform, scale, select_correlation, select_model, select_mutual_info, select_rfe,
    select_univariate, select_variance, spline, svd, target_encode, tfidf, weight_of_evidence,
};
use crate::error::{Error, Result};
use crate::learn::Target;
use crate::learn::params::ParamReader;

/// Every operation with the names of its parameters.
pub(super) const OPERATIONS: [(&str, &[&str]); 28] = [
    ("impute", impute::PARAMETERS),
    ("clip", clip::PARAMETERS),
    ("scale", scale::PARAMETERS),
    ("log", log::PARAMETERS),
    ("power", power::PARAMETERS),
    ("quantile_transform", quantile_transform::PARAMETERS),
    ("bin", bin::PARAMETERS),
    ("one_hot", one_hot::PARAMETERS),
    ("ordinal", ordinal::PARAMETERS),
    ("target_encode", target_encode::PARAMETERS),
    ("weight_of_evidence", weight_of_evidence::PARAMETERS),
    ("count", count::PARAMETERS),
    ("hash", hash::PARAMETERS),
    ("spline", spline::PARAMETERS),
    ("polynomial", polynomial::PARAMETERS),
    ("pca", pca::PARAMETERS),
    ("svd", svd::PARAMETERS),
    ("tfidf", tfidf::PARAMETERS),
    ("hash_text", hash_text::PARAMETERS),
    ("select_correlation", select_correlation::PARAMETERS),
    ("select_univariate", select_univariate::PARAMETERS),
    ("select_mutual_info", select_mutual_info::PARAMETERS),
    ("select_model", select_model::PARAMETERS),
    ("select_rfe", select_rfe::PARAMETERS),
    ("impute_knn", impute_knn::PARAMETERS),
    ("date_parts", date_parts::PARAMETERS),
    ("cross", cross::PARAMETERS),
    ("select_variance", select_variance::PARAMETERS),
];

/// An operation with its checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StepKind {
    Impute(impute::ImputeParams),
    Clip(clip::ClipParams),
    Scale(scale::ScaleParams),
    Log(log::LogParams),
    Power(power::PowerParams),
    QuantileTransform(quantile_transform::QuantileTransformParams),
    Bin(bin::BinParams),
    OneHot(one_hot::OneHotParams),
    Ordinal,
    TargetEncode(target_encode::TargetEncodeParams),
    WeightOfEvidence(weight_of_evidence::EvidenceParams),
    Count(count::CountParams),
    Hash(hash::HashParams),
    Spline(spline::SplineParams),
    Polynomial(polynomial::PolynomialParams),
    Pca(pca::PcaParams),
    Svd(svd::SvdParams),
    Tfidf(tfidf::TfidfParams),
    HashText(hash_text::HashTextParams),
    SelectCorrelation(select_correlation::CorrelationParams),
    SelectUnivariate(select_univariate::UnivariateParams),
    SelectMutualInfo(select_mutual_info::MutualInfoParams),
    SelectModel(select_model::SelectModelParams),
    SelectRfe(select_rfe::RfeParams),
    ImputeKnn(impute_knn::ImputeKnnParams),
    DateParts(date_parts::DatePartsParams),
    Cross,
    SelectVariance(select_variance::VarianceParams),
}

impl StepKind {
    /// The operation called `name` with its parameters checked.
    pub(super) fn parse(name: &str, reader: &ParamReader) -> Result<StepKind> {
        Ok(match name {
            "impute" => StepKind::Impute(impute::ImputeParams::parse(reader)?),
            "clip" => StepKind::Clip(clip::ClipParams::parse(reader)?),
            "scale" => StepKind::Scale(scale::ScaleParams::parse(reader)?),
            "log" => StepKind::Log(log::LogParams::parse(reader)?),
            "power" => StepKind::Power(power::PowerParams::parse(reader)?),
            "quantile_transform" => {
                StepKind::QuantileTransform(quantile_transform::QuantileTransformParams::parse(reader)?)
            }
            "bin" => StepKind::Bin(bin::BinParams::parse(reader)?),
            "one_hot" => StepKind::OneHot(one_hot::OneHotParams::parse(reader)?),
            "ordinal" => StepKind::Ordinal,
            "target_encode" => StepKind::TargetEncode(target_encode::TargetEncodeParams::parse(reader)?),
            "weight_of_evidence" => StepKind::WeightOfEvidence(weight_of_evidence::EvidenceParams::parse(reader)?),
            "count" => StepKind::Count(count::CountParams::parse(reader)?),
            "hash" => StepKind::Hash(hash::HashParams::parse(reader)?),
            "spline" => StepKind::Spline(spline::SplineParams::parse(reader)?),
            "polynomial" => StepKind::Polynomial(polynomial::PolynomialParams::parse(reader)?),
            "pca" => StepKind::Pca(pca::PcaParams::parse(reader)?),
            "svd" => StepKind::Svd(svd::SvdParams::parse(reader)?),
            "tfidf" => StepKind::Tfidf(tfidf::TfidfParams::parse(reader)?),
            "hash_text" => StepKind::HashText(hash_text::HashTextParams::parse(reader)?),
            "select_correlation" => StepKind::SelectCorrelation(select_correlation::CorrelationParams::parse(reader)?),
            "select_univariate" => StepKind::SelectUnivariate(select_univariate::UnivariateParams::parse(reader)?),
            "select_mutual_info" => StepKind::SelectMutualInfo(select_mutual_info::MutualInfoParams::parse(reader)?),
            "select_model" => StepKind::SelectModel(select_model::SelectModelParams::parse(reader)?),
            "select_rfe" => StepKind::SelectRfe(select_rfe::RfeParams::parse(reader)?),
            "impute_knn" => StepKind::ImputeKnn(impute_knn::ImputeKnnParams::parse(reader)?),
            "date_parts" => StepKind::DateParts(date_parts::DatePartsParams::parse(reader)?),
            "cross" => StepKind::Cross,
            "select_variance" => StepKind::SelectVariance(select_variance::VarianceParams::parse(reader)?),
            other => return Err(Error::unknown("step", other, OPERATIONS.iter().map(|(name, _)| *name))),
        })
    }

    /// Whether it is fitted on all chosen columns at once, not on each by itself.
    pub(super) fn reads_several(&self) -> bool {
        matches!(
            self,
            StepKind::Cross
                | StepKind::ImputeKnn(_)
                | StepKind::Polynomial(_)
                | StepKind::Pca(_)
                | StepKind::Svd(_)
                | StepKind::SelectVariance(_)
                | StepKind::SelectCorrelation(_)
                | StepKind::SelectUnivariate(_)
                | StepKind::SelectMutualInfo(_)
                | StepKind::SelectModel(_)
                | StepKind::SelectRfe(_)
        )
    }

    /// What the columns that `columns = "all"` means may hold.
    pub(super) fn takes(&self) -> &'static [Content] {
        match self {
            StepKind::Cross => &[Content::Text],
            StepKind::DateParts(_) => &[Content::Time],
            several if several.reads_several() => &[Content::Number],
            // Those for one of the two refuse the other by name.
            _ => &[Content::Number, Content::Text],
        }
    }

    /// The step fitted on the columns that it reads, of which there is at least one, and what it makes of them.
    pub(super) fn fit(&self, columns: &[&Working], target: &Target, seed: u64) -> Result<FittedColumns> {
        let Some(column) = columns.first() else { return Err(Error::invalid("it is given no column")) };
        let (name, numbers) = (column.name.as_str(), || NumberColumns::of(columns));
        let step = match self {
            StepKind::Impute(params) => match column.content {
                Content::Number | Content::Text => Step::Impute(params.fit(name, &column.column)?),
                Content::Category => return Err(column.wrong("impute before ordinal")),
                Content::Time => return Err(column.wrong("turn it into numbers first: op = \"date_parts\"")),
            },
            StepKind::Clip(params) => Step::Clip(params.fit(name, &column.numbers()?)),
            StepKind::Scale(params) => Step::Scale(params.fit(name, &column.numbers()?)),
            StepKind::Log(params) => Step::Log(params.fit(name, &column.numbers()?)?),
            StepKind::Power(params) => Step::Power(params.fit(name, &column.numbers()?)?),
            StepKind::QuantileTransform(params) => Step::QuantileTransform(params.fit(name, &column.numbers()?)),
            StepKind::Bin(params) => Step::Bin(params.fit(name, &column.numbers()?)),
            StepKind::OneHot(params) => Step::OneHot(params.fit(name, column.texts()?)),
            StepKind::Ordinal => Step::Ordinal(Ordinal::fit(name, column.texts()?)),
            StepKind::TargetEncode(params) => {
                let (step, training) = params.fit(name, column.texts()?, target, seed)?;
                return Ok((Step::TargetEncode(step), training));
            }
            StepKind::WeightOfEvidence(params) => {
                let (step, training) = params.fit(name, column.texts()?, target, seed)?;
                return Ok((Step::WeightOfEvidence(step), training));
            }
            StepKind::Count(params) => Step::Count(params.fit(name, column.texts()?)),
            StepKind::Hash(params) => {
                column.texts()?;
                Step::HashCategory(params.fit(name))
            }
            StepKind::Spline(params) => Step::Spline(params.fit(name, &column.numbers()?)),
            StepKind::DateParts(_) if column.content != Content::Time => {
                return Err(column.wrong("choose columns = \"time\""));
            }
            StepKind::DateParts(params) => Step::DateParts(params.fit(name)),
            StepKind::Tfidf(params) => Step::Tfidf(params.fit(name, column.texts()?)?),
            StepKind::HashText(params) => {
                column.texts()?;
                Step::HashText(params.fit(name))
            }
            StepKind::Polynomial(params) => Step::Polynomial(params.fit(numbers()?.names)?),
            StepKind::Pca(params) => Step::Projection(params.fit(&numbers()?)?),
            StepKind::Svd(params) => Step::Projection(params.fit(&numbers()?)?),
            StepKind::SelectCorrelation(params) => Step::Select(params.fit(&numbers()?)?),
            StepKind::SelectUnivariate(params) => Step::Select(params.fit(&numbers()?, target)?),
            StepKind::SelectMutualInfo(params) => Step::Select(params.fit(&numbers()?, target)?),
            StepKind::SelectModel(params) => Step::Select(params.fit(&numbers()?, target, seed)?),
            StepKind::SelectRfe(params) => Step::Select(params.fit(&numbers()?, target, seed)?),
            StepKind::ImputeKnn(params) => Step::ImputeKnn(params.fit(&numbers()?, seed)),
            StepKind::Cross => Step::Cross(Cross::fit(columns)?),
            StepKind::SelectVariance(params) => Step::Select(params.fit(&numbers()?)?),
        };
        Ok(applied(step, columns.iter().map(|column| column.column.clone()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use crate::prep::StepDefinition;

    #[test]
    fn every_operation_parses_under_its_own_name() {
        for (name, _) in super::OPERATIONS {
            let definition = serde_json::from_value(serde_json::json!({ "op": name, "columns": "all" })).unwrap();
            assert_eq!(StepDefinition::parse_all(&[definition]).unwrap()[0].name, name);
        }
    }
}
