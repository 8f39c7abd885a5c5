//! Which part of a set a row belongs to: by time, by a stable hash of its key, group or place in the table, by such hashes within each
//! class, or by a column that says it.

use crate::data::{Column, Frame, Key, Value};
use crate::error::{Error, Result};
use crate::project::{Split, parse_time};
use serde::Serialize;
use std::collections::BTreeMap;

/// A label with more different values is no class.
const MOST_CLASSES: usize = 1000;

/// A part of a training set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Rows that the model is fitted on.
    Train,
    /// Rows by which candidates of a search are compared.
    Validation,
    /// Rows on which the finished model is measured.
    Test,
    /// Rows that are used for nothing, such as those without a label.
    None,
}

impl Part {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Validation => "validation",
            Part::Test => "test",
            Part::None => "none",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Part::Train, Part::Validation, Part::Test, Part::None].into_iter().find(|p| p.name() == word)
    }
}

/// What splitting looks at.
pub(super) struct SplitRows<'a> {
    pub frame: &'a Frame,
    pub times: Option<&'a [i64]>,
    pub keys: Option<&'a [Option<Key>]>,
    pub label: Option<&'a Column>,
    pub seed: u64,
}

/// The part of each row.
pub(super) fn parts(split: Option<&Split>, rows: &SplitRows) -> Result<Vec<Part>> {
    let count = rows.frame.rows();
    match split {
        None => Ok(vec![Part::Train; count]),
        Some(Split::Time { validation, test, end }) => {
            let times = rows.times.ok_or_else(|| {
                Error::invalid("split by time needs the set's event_time").hint("give event_time in the set")
            })?;
            let limit = |text: &Option<String>| text.as_deref().map_or(Ok(i64::MAX), parse_time);
            let (test, end) = (limit(test)?, limit(end)?);
            let validation = limit(validation)?.min(test);
            Ok(times.iter().map(|t| by_time(*t, validation, test, end)).collect())
        }
        Some(Split::Hash { validation, test, .. }) => {
            check_shares(*validation, *test)?;
            let part = |key: &Option<Key>| by_share(hashed(key.as_ref(), rows.seed), *validation, *test);
            Ok(keys(rows)?.iter().map(part).collect())
        }
        Some(Split::Random { validation, test }) => {
            check_shares(*validation, *test)?;
            let place = |row: usize| (row as u128).to_le_bytes();
            Ok((0..count).map(|row| by_share(hashed(Some(&place(row)), rows.seed), *validation, *test)).collect())
        }
        Some(Split::Group { validation, test, .. }) => {
            check_shares(*validation, *test)?;
            let part = |key: &Key| by_share(hashed(Some(key), rows.seed), *validation, *test);
            // A row without a group may belong to any.
            Ok(keys(rows)?.iter().map(|key| key.as_ref().map_or(Part::None, part)).collect())
        }
        Some(Split::Stratified { validation, test, .. }) => {
            check_shares(*validation, *test)?;
            let label = rows.label.ok_or_else(|| {
                Error::invalid("split by stratified needs the set's label")
                    .hint("give label in the set, or split by hash")
            })?;
            let hashes: Vec<u64> = keys(rows)?.iter().map(|key| hashed(key.as_ref(), rows.seed)).collect();
            by_class(label, &hashes, *validation, *test)
        }
        Some(Split::Column { column }) => {
            let words = rows.frame.column(column)?;
            (0..count)
                .map(|row| match words.get(row) {
                    Value::Text(word) => Part::parse(word).ok_or_else(|| {
                        Error::invalid(format!("row {}: \"{word}\" in split column \"{column}\"", row + 1))
                            .hint("it says train, validation or test")
                    }),
                    _ => Ok(Part::None),
                })
                .collect()
        }
    }
}

fn by_time(t: i64, validation: i64, test: i64, end: i64) -> Part {
    match t {
        Column::NO_TIME => Part::None,
        t if t >= end => Part::None,
        t if t >= test => Part::Test,
        t if t >= validation => Part::Validation,
        _ => Part::Train,
    }
}

fn keys<'a>(rows: &SplitRows<'a>) -> Result<&'a [Option<Key>]> {
    rows.keys.ok_or_else(|| {
        Error::invalid("a split by hashes needs a key").hint("give the dataset's key, or key in the split")
    })
}

fn check_shares(validation: f64, test: f64) -> Result<()> {
    if (0.0..=1.0).contains(&validation) && (0.0..=1.0).contains(&test) && validation + test < 1.0 {
        return Ok(());
    }
    Err(Error::invalid("validation and test are shares from 0 to 1 that leave some for training")
        .hint("for example validation = 0.15, test = 0.15"))
}

/// BLAKE3 of seed and key: new rows never move old ones between the parts.
fn hashed(key: Option<&Key>, seed: u64) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"mlops split");
    hasher.update(&seed.to_le_bytes());
    hasher.update(key.unwrap_or(&[0; 16]));
    let mut bytes = [0u8; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// Of each class the rows with the smallest hashes are the test, the next ones the validation. Rows of one hash stay
/// together within a class.
fn by_class(label: &Column, hashes: &[u64], validation: f64, test: f64) -> Result<Vec<Part>> {
    let mut classes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, class) in label.cells().enumerate().filter(|(_, class)| *class != Value::Null) {
        classes.entry(class.to_json().to_string()).or_default().push(row);
    }
    if classes.len() > MOST_CLASSES {
        return Err(Error::invalid(format!("split by stratified: the label has {} different values", classes.len()))
            .hint("it is no class: split by hash"));
    }
    let mut parts = vec![Part::None; hashes.len()];
    for mut rows in classes.into_values() {
        rows.sort_by_key(|row| hashes[*row]);
        // The nearest place where the hash changes: a class whose rows are all equal stays whole.
        let is_end = |at: &usize| *at == 0 || *at >= rows.len() || hashes[rows[*at]] != hashes[rows[at - 1]];
        let end = |share: f64| {
            let wanted = (share * rows.len() as f64).round() as usize;
            let before = (0..=wanted).rev().find(is_end).unwrap_or(0);
            let after = (wanted..=rows.len()).find(is_end).unwrap_or(rows.len());
            if after - wanted < wanted - before || wanted == after { after } else { before }
        };
        let (test, validation) = (end(test), end(test + validation));
        for (at, row) in rows.iter().enumerate() {
            parts[*row] = match at {
                at if at < test => Part::Test,
                at if at < validation => Part::Validation,
                _ => Part::Train,
            };
        }
    }
    Ok(parts)
}

/// The part of a hash, as a number from 0 to 1.
fn by_share(hash: u64, validation: f64, test: f64) -> Part {
    match (hash >> 11) as f64 / (1u64 << 53) as f64 {
        s if s < test => Part::Test,
        s if s < test + validation => Part::Validation,
        _ => Part::Train,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// The parts that a hash split gives to rows with these keys.
    fn hashed(keys: &[Option<u64>], seed: u64, validation: f64, test: f64) -> Vec<Part> {
        let frame = Frame::new(vec![("x".to_owned(), Column::floats(vec![0.0; keys.len()]))]).unwrap();
        let key = |k: &Option<u64>| k.map(|k| u128::from(k).to_le_bytes());
        let keys: Vec<Option<Key>> = keys.iter().map(key).collect();
        let split = Split::Hash { validation, test, key: None };
        parts(Some(&split), &SplitRows { frame: &frame, times: None, keys: Some(&keys), label: None, seed }).unwrap()
    }

    #[test]
    fn each_class_gives_its_share_and_equal_rows_stay_together() {
        let classes: Vec<&str> = (0..1000).map(|row| if row % 10 == 0 { "rare" } else { "common" }).collect();
        let label = Column::texts(classes.iter().map(|class| Some(*class)));
        let frame = Frame::new(vec![("x".to_owned(), Column::floats(vec![0.0; 1000]))]).unwrap();
        let split = Split::Stratified { validation: 0.1, test: 0.2, key: None };
        let of = |key: &dyn Fn(u128) -> u128| {
            let keys: Vec<Option<Key>> = (0..1000).map(|row| Some(key(row).to_le_bytes())).collect();
            let rows = SplitRows { frame: &frame, times: None, keys: Some(&keys), label: Some(&label), seed: 7 };
            parts(Some(&split), &rows).unwrap()
        };
        let count = |parts: &[Part], class: &str, part: Part| {
            parts.iter().zip(&classes).filter(|(one, of)| **one == part && **of == class).count()
        };
        let found = of(&|row| row);
        assert_eq!((count(&found, "rare", Part::Test), count(&found, "rare", Part::Validation)), (20, 10));
        assert_eq!((count(&found, "common", Part::Test), count(&found, "common", Part::Train)), (180, 630));
        // The rows of each half have one key.
        let found = of(&|row| row / 500);
        for half in [0..500, 500..1000] {
            for class in ["rare", "common"] {
                let parts: std::collections::BTreeSet<&str> =
                    half.clone().filter(|row| classes[*row] == class).map(|row| found[row].name()).collect();
                assert_eq!(parts.len(), 1, "{class}: {parts:?}");
            }
        }
        let found = of(&|_| 7);
        assert!(found.iter().all(|part| *part == Part::Train), "a class of equal rows is learned from");
        let group = Split::Group { columns: vec!["x".to_owned()], validation: 0.0, test: 0.5 };
        let keys = [None, Some([7; 16]), Some([7; 16])];
        let rows = SplitRows { frame: &frame, times: None, keys: Some(&keys), label: None, seed: 7 };
        let found = parts(Some(&group), &rows).unwrap();
        assert!(found[0] == Part::None && found[1] == found[2] && found[1] != Part::None);
        let random = Split::Random { validation: 0.1, test: 0.2 };
        let of_rows = |count: usize| {
            let frame = Frame::new(vec![("x".to_owned(), Column::floats(vec![0.0; count]))]).unwrap();
            parts(Some(&random), &SplitRows { frame: &frame, times: None, keys: None, label: None, seed: 7 }).unwrap()
        };
        let (few, more) = (of_rows(1000), of_rows(1500));
        assert_eq!(few, more[..1000], "rows behind them move none");
        let share = few.iter().filter(|part| **part == Part::Test).count();
        assert!((150..250).contains(&share), "{share}");
        let none = SplitRows { frame: &frame, times: None, keys: Some(&[None]), label: None, seed: 7 };
        assert!(parts(Some(&split), &none).unwrap_err().message().contains("needs the set's label"));
    }

    fn shares() -> impl Strategy<Value = (f64, f64)> {
        (0.0..0.5f64, 0.0..0.49f64)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_hash_split_gives_a_key_one_part_whatever_the_other_rows_are(
            (keys, shuffled) in vec(proptest::option::weighted(0.9, 0..50u64), 1..40)
                .prop_flat_map(|keys| (Just(keys.clone()), Just(keys).prop_shuffle())),
            more in vec(proptest::option::of(any::<u64>()), 0..40),
            seed in any::<u64>(),
            (validation, test) in shares(),
        ) {
            let part_of: std::collections::BTreeMap<_, _> =
                keys.iter().copied().zip(hashed(&keys, seed, validation, test).into_iter().map(Part::name)).collect();
            let grown: Vec<Option<u64>> = more.iter().chain(&shuffled).copied().collect();
            for (key, part) in grown.iter().zip(hashed(&grown, seed, validation, test)) {
                prop_assert!(part != Part::None, "every row is in a part");
                prop_assert!(part_of.get(key).is_none_or(|known| *known == part.name()), "{:?}", key);
            }
        }

        #[test]
        fn a_larger_share_only_adds_to_a_part(keys in vec(any::<u64>(), 1..60), seed in any::<u64>(), (share, more) in shares()) {
            let keys: Vec<Option<u64>> = keys.into_iter().map(Some).collect();
            let (small, large) = (hashed(&keys, seed, 0.0, share), hashed(&keys, seed, 0.0, (share + more).min(0.99)));
            for (small, large) in small.into_iter().zip(large) {
                prop_assert!(small != Part::Test || large == Part::Test);
            }
        }

        #[test]
        fn a_time_split_puts_each_row_where_its_time_says(
            times in vec(prop_oneof![1 => Just(Column::NO_TIME), 9 => -20..20i64], 1..40),
            mut cuts in vec(proptest::option::of(-20..20i64), 3),
        ) {
            cuts.sort();
            let at = |cut: Option<i64>| cut.map(crate::project::time_text);
            let split = Split::Time { validation: at(cuts[0]), test: at(cuts[1]), end: at(cuts[2]) };
            let frame = Frame::new(vec![("x".to_owned(), Column::floats(vec![0.0; times.len()]))]).unwrap();
            let found = parts(Some(&split), &SplitRows { frame: &frame, times: Some(&times), keys: None, label: None, seed: 0 }).unwrap();
            prop_assert_eq!(found.len(), times.len());
            for (t, part) in times.iter().zip(found) {
                let from = |cut: Option<i64>| cut.is_some_and(|cut| *t >= cut);
                let expected = match () {
                    () if *t == Column::NO_TIME || from(cuts[2]) => Part::None,
                    () if from(cuts[1]) => Part::Test,
                    () if from(cuts[0]) => Part::Validation,
                    () => Part::Train,
                };
                prop_assert_eq!(part, expected, "{} in {:?}", t, cuts);
            }
        }
    }
}
