//! The decision tree (CART, Breiman and others 1984) on binned data, with scikit-learn's parameters: of classes by Gini impurity or
//! entropy, of numbers by their squared distance.
//!
//! `GrowthParams` holds what a single tree and the trees of a forest have in common.

use crate::error::{Error, Result};
use crate::learn::binning::{Binned, MAX_BINS};
use crate::learn::class_counts::{ClassCounts, ClassRow};
use crate::learn::ensemble::{Ensemble, Link, Tree, tables};
use crate::learn::fitted::Fitted;
use crate::learn::grow::{Draw, Limits, grow};
use crate::learn::histogram::{Criterion, Purity};
use crate::learn::histogram_pool::Pool;
use crate::learn::learner::{Learner, Needs};
use crate::learn::matrix::Matrix;
use crate::learn::params::{Amount, FeatureLimit, ParamReader, object};
use crate::learn::random::{Stream, stream};
use crate::learn::squared_distance::{NumberRow, SquaredDistance};
use crate::learn::task::{Target, Task};
use crate::progress::Progress;
use serde_json::{Map, Value};

/// How mixed the classes of a node are, or how far apart its numbers; a split lowers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Impurity {
    /// Gini of classes, the squared distance of numbers.
    Auto,
    Gini,
    Entropy,
    SquaredError,
}

/// Their words.
const IMPURITIES: [(&str, Impurity); 4] = [
    ("auto", Impurity::Auto),
    ("gini", Impurity::Gini),
    ("entropy", Impurity::Entropy),
    ("squared_error", Impurity::SquaredError),
];

/// Classes that a tree tells apart at most.
const MOST_CLASSES: usize = 64;

/// Parameters that decide the shape of a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthParams {
    max_depth: Option<usize>,
    min_samples_leaf: Amount,
    min_samples_split: Amount,
    max_leaf_nodes: Option<usize>,
    /// None: the square root of their number for classes, all for numbers.
    max_features: Option<FeatureLimit>,
    criterion: Impurity,
    pub(crate) max_bins: usize,
}

/// The rows that a tree is grown on.
pub(crate) struct TreeSample<'a> {
    /// What is learned.
    pub target: &'a Target,
    /// How often each row is drawn.
    pub times: &'a [u32],
    /// A number in the middle of those to learn, 0 for classes.
    pub centre: f64,
}

/// Where draws come from, and whether cuts are drawn too.
pub(crate) struct Chance {
    pub random: Stream,
    pub cuts: bool,
}

impl GrowthParams {
    /// The names of the parameters read here.
    pub const NAMES: [&str; 7] = [
        "max_depth",
        "min_samples_leaf",
        "min_samples_split",
        "max_leaf_nodes",
        "max_features",
        "criterion",
        "max_bins",
    ];

    /// Reads and checks them; `max_features` is the default of the model, none for "auto".
    pub fn parse(reader: &ParamReader, max_features: Option<FeatureLimit>) -> Result<GrowthParams> {
        Ok(GrowthParams {
            max_depth: reader.limit("max_depth", None, 1)?,
            min_samples_leaf: reader.amount("min_samples_leaf", 1, 1)?,
            min_samples_split: reader.amount("min_samples_split", 2, 2)?,
            max_leaf_nodes: reader.limit("max_leaf_nodes", None, 2)?,
            max_features: reader.features_or_auto("max_features", max_features)?,
            criterion: reader.choice("criterion", Impurity::Auto, &IMPURITIES)?,
            max_bins: reader.integer("max_bins", MAX_BINS, 2, MAX_BINS)?,
        })
    }

    /// All parameters, as `parse` takes them.
    pub fn json(&self) -> Map<String, Value> {
        let criterion = IMPURITIES.iter().find(|(_, criterion)| *criterion == self.criterion).map(|(word, _)| *word);
        object([
            ("max_depth", self.max_depth.into()),
            ("min_samples_leaf", self.min_samples_leaf.json()),
            ("min_samples_split", self.min_samples_split.json()),
            ("max_leaf_nodes", self.max_leaf_nodes.into()),
            ("max_features", self.max_features.map_or("auto".into(), FeatureLimit::json)),
            ("criterion", criterion.into()),
            ("max_bins", self.max_bins.into()),
        ])
    }

    /// The tasks of its criterion.
    pub(crate) fn tasks(&self) -> &'static [Task] {
        match self.criterion {
            Impurity::Auto => &Task::ALL,
            Impurity::Gini | Impurity::Entropy => &[Task::Binary, Task::Multiclass],
            Impurity::SquaredError => &[Task::Regression],
        }
    }

    /// Refuses a task that its criterion is not for.
    pub(crate) fn check_task(&self, task: Task, model: &str) -> Result<()> {
        if self.tasks().contains(&task) {
            return Ok(());
        }
        let (right, learned) = if task == Task::Regression { ("classes", "numbers") } else { ("numbers", "classes") };
        Err(Error::invalid(format!("{model} parameter \"criterion\" is for {right}, and {learned} are learned"))
            .hint("leave it out: \"auto\" is gini for classes, squared_error for numbers"))
    }

    /// Refuses more classes than a tree tells apart.
    pub(crate) fn check(&self, target: &Target, model: &str) -> Result<()> {
        if target.classes() <= MOST_CLASSES {
            return Ok(());
        }
        Err(Error::invalid(format!("{} classes are too many for {model}", target.classes()))
            .hint(format!("it takes up to {MOST_CLASSES}: use model = \"boosting\", or put rare classes together")))
    }

    /// Grows a tree on the rows that are drawn at least once and have a weight.
    pub(crate) fn grow(&self, binned: &Binned, sample: &TreeSample, chance: Chance) -> Tree {
        let target = sample.target;
        let rows = 0..target.len();
        let min_leaf = self.min_samples_leaf.of(target.len()).max(1);
        let entropy = self.criterion == Impurity::Entropy;
        let drawn = |row: usize| (sample.times[row], f64::from(sample.times[row]) * target.weight(row));
        let labelled = target.values();
        match target.task() {
            Task::Regression => {
                let number = |row: usize| {
                    let (times, weight) = drawn(row);
                    NumberRow { number: labelled[row] - sample.centre, weight, times }
                };
                let criterion = SquaredDistance { centre: sample.centre, min_leaf };
                self.grow_by(binned, &criterion, &rows.map(number).collect::<Vec<_>>(), sample, chance)
            }
            Task::Binary if target.weights().is_none() => {
                let values: Vec<u64> = rows.map(|row| Purity::row(labelled[row] == 1.0, sample.times[row])).collect();
                self.grow_by(binned, &Purity { entropy, min_leaf }, &values, sample, chance)
            }
            Task::Binary | Task::Multiclass => {
                let class = |row: usize| {
                    let (times, weight) = drawn(row);
                    ClassRow { class: labelled[row] as u32, times, weight }
                };
                let (values, classes) = (rows.map(class).collect::<Vec<_>>(), target.classes());
                let single = target.task() == Task::Binary;
                // Sums of a length that is known when they are compiled; the shortest that has room.
                match classes {
                    0..=2 => self.grow_by(
                        binned,
                        &ClassCounts::<2> { entropy, min_leaf, classes, single },
                        &values,
                        sample,
                        chance,
                    ),
                    3..=4 => self.grow_by(
                        binned,
                        &ClassCounts::<4> { entropy, min_leaf, classes, single },
                        &values,
                        sample,
                        chance,
                    ),
                    5..=8 => self.grow_by(
                        binned,
                        &ClassCounts::<8> { entropy, min_leaf, classes, single },
                        &values,
                        sample,
                        chance,
                    ),
                    9..=16 => self.grow_by(
                        binned,
                        &ClassCounts::<16> { entropy, min_leaf, classes, single },
                        &values,
                        sample,
                        chance,
                    ),
                    17..=32 => self.grow_by(
                        binned,
                        &ClassCounts::<32> { entropy, min_leaf, classes, single },
                        &values,
                        sample,
                        chance,
                    ),
                    _ => self.grow_by(
                        binned,
                        &ClassCounts::<MOST_CLASSES> { entropy, min_leaf, classes, single },
                        &values,
                        sample,
                        chance,
                    ),
                }
            }
        }
    }

    fn grow_by<C: Criterion>(
        &self,
        binned: &Binned,
        criterion: &C,
        values: &[C::Row],
        sample: &TreeSample,
        chance: Chance,
    ) -> Tree {
        let limits = Limits {
            depth: self.max_depth.unwrap_or(usize::MAX),
            leaves: self.max_leaf_nodes,
            split: self.min_samples_split.of(sample.target.len()).max(2),
        };
        let usual = if sample.target.task() == Task::Regression { FeatureLimit::All } else { FeatureLimit::Sqrt };
        let features = self.max_features.unwrap_or(usual).of(binned.columns.len());
        let Chance { random, cuts } = chance;
        let draw = (cuts || features < binned.columns.len()).then_some(Draw { features, random, cuts });
        let counts = |row: &u32| sample.times[*row as usize] > 0 && sample.target.weight(*row as usize) > 0.0;
        let rows = (0..sample.target.len() as u32).filter(counts).collect();
        grow(binned, criterion, values, rows, &limits, draw, &mut Pool::default()).tree
    }
}

/// A number in the middle of those to learn, their median; 0 for classes. Less it they keep their digits, also beside a huge one.
pub(crate) fn centre_of(target: &Target) -> f64 {
    if target.task() != Task::Regression || target.is_empty() {
        return 0.0;
    }
    let mut values = target.values().to_vec();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Trees that were grown on a target, as a model.
pub(crate) fn ensemble_of(trees: Vec<Tree>, binned: Binned, target: &Target) -> Result<Ensemble> {
    let (link, outputs) = match target.task() {
        Task::Regression => (Link::MeanNumber, 1),
        Task::Binary => (Link::Mean, 1),
        Task::Multiclass => (Link::Mean, target.classes()),
    };
    Ensemble::new(trees, tables(binned.edges), vec![0.0; outputs], link)
}

/// Checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    shape: GrowthParams,
}

impl Params {
    /// Reads and checks the parameters; those not given have scikit-learn's defaults.
    pub fn parse(values: &Map<String, Value>) -> Result<Params> {
        let reader = ParamReader::new("tree", values, &GrowthParams::NAMES)?;
        Ok(Params { shape: GrowthParams::parse(&reader, Some(FeatureLimit::All))? })
    }

    /// Fits checked data.
    fn fit_tree(&self, x: &Matrix, target: &Target, seed: u64, progress: &Progress) -> Result<Ensemble> {
        self.shape.check(target, "tree")?;
        progress.check()?;
        let binned = Binned::new(x, self.shape.max_bins, seed)?;
        let sample = TreeSample { target, times: &vec![1; target.len()], centre: centre_of(target) };
        let chance = Chance { random: stream(seed, "tree", 0), cuts: false };
        let tree = self.shape.grow(&binned, &sample, chance);
        progress.advance(1);
        ensemble_of(vec![tree], binned, target)
    }
}

impl Learner for Params {
    fn name(&self) -> &'static str {
        "tree"
    }

    fn json(&self) -> Map<String, Value> {
        self.shape.json()
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    fn tasks(&self) -> &'static [Task] {
        self.shape.tasks()
    }

    fn check_task(&self, task: Task) -> Result<()> {
        self.shape.check_task(task, self.name())
    }

    fn steps(&self) -> Option<u64> {
        Some(1)
    }

    fn fit(&self, x: &Matrix, target: &Target, seed: u64, step: &Progress) -> Result<Fitted> {
        self.fit_tree(x, target, seed, step).map(Fitted::Trees)
    }
}
