//! Which of the known names somebody meant who misspelt one: what "did you mean" offers.

/// The known name closest to `name`, when it is close enough to be a slip of the finger.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.is_empty() {
        return None;
    }
    let limit = (name.chars().count() / 3).max(1);
    let near = known.iter().map(|k| (distance(name, k), *k)).filter(|(d, _)| *d <= limit).min_by_key(|(d, _)| *d);
    let is_begun = |k: &str| name.chars().count() >= 3 && k.starts_with(name);
    let related = |k: &&str| is_part_of(name, k) || is_part_of(k, name) || is_begun(k);
    let longer = || known.iter().copied().filter(related).min_by_key(|k| k.len());
    near.map(|(_, k)| k).or_else(longer)
}

/// Whether a name is another one without its first or last words: `auc` of `roc_auc` and `test.auc`.
fn is_part_of(short: &str, long: &str) -> bool {
    let is_rest = |rest: Option<&str>, at_end: bool| {
        rest.is_some_and(|rest| {
            let next = if at_end { rest.chars().next_back() } else { rest.chars().next() };
            matches!(next, Some('_' | '.' | '-'))
        })
    };
    !short.is_empty() && (is_rest(long.strip_suffix(short), true) || is_rest(long.strip_prefix(short), false))
}

/// Edits (insert, delete, replace, swap of neighbours) between two names.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut table = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in table.iter_mut().enumerate() {
        row[0] = i;
    }
    table[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(table[i - 2][j - 2] + 1);
            }
            table[i][j] = best;
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swapped_letter_is_near_and_another_word_is_not() {
        assert_eq!(nearest("dep_dealy", &["arr_delay", "dep_delay"]), Some("dep_delay"));
        assert_eq!(nearest("carrier", &["origin", "dest"]), None);
        assert_eq!(nearest("roc_auc", &["log_loss", "auc", "auc_ovr_macro"]), Some("auc"));
        assert_eq!(nearest("auc", &["test.accuracy", "train.auc", "test.auc"]), Some("test.auc"));
        assert_eq!(nearest("age", &["wage", "age_in_years"]), Some("wage"));
        assert_eq!((nearest("", &["a_b"]), nearest("ag", &["lag_2", "aged"])), (None, None));
    }
}
