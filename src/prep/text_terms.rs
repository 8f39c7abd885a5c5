//! The terms of a text: words, runs of words, or runs of characters, as scikit-learn's `CountVectorizer` cuts them.
//!
//! - `word`: runs of two or more letters, digits and `_`; n-grams of words are joined by a space
//! - `char`: n-grams of characters, several white spaces counting as one
//! - `char_wb`: n-grams of characters within a word, with a space before and after it; a word shorter than n counts once
//!
//! A letter is what Unicode calls alphabetic, which takes in the vowel signs of Indian scripts; Python's `\w` leaves them out.

use crate::error::{Error, Result};
use crate::learn::params::ParamReader;
use serde::{Deserialize, Serialize};

/// The longest n-grams.
const LONGEST: usize = 10;

/// What a text is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Analyzer {
    /// Words.
    Word,
    /// Characters.
    Char,
    /// Characters within words.
    CharWb,
}

/// Their words.
const ANALYZERS: &[(&str, Analyzer)] =
    &[("word", Analyzer::Word), ("char", Analyzer::Char), ("char_wb", Analyzer::CharWb)];

/// How texts are cut into terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextTerms {
    /// What a text is cut into.
    pub analyzer: Analyzer,
    /// The shortest and the longest n-grams.
    pub ngram_range: (usize, usize),
    /// Whether capitals count as small letters.
    pub lowercase: bool,
}

impl TextTerms {
    /// Reads the parameters.
    pub(super) fn parse(reader: &ParamReader) -> Result<TextTerms> {
        let range = match reader.raw("ngram_range") {
            None => (1, 1),
            Some(value) => {
                let ends: Vec<Option<u64>> = value.as_array().into_iter().flatten().map(|end| end.as_u64()).collect();
                match ends.as_slice() {
                    [Some(low), Some(high)] if 1 <= *low && low <= high && *high <= LONGEST as u64 => {
                        (*low as usize, *high as usize)
                    }
                    _ => {
                        return Err(Error::invalid(format!("parameter \"ngram_range\" is {value}"))
                            .hint(format!("it takes two whole numbers from 1 to {LONGEST}, the lower first: [1, 2]")));
                    }
                }
            }
        };
        Ok(TextTerms {
            analyzer: reader.choice("analyzer", Analyzer::Word, ANALYZERS)?,
            ngram_range: range,
            lowercase: reader.flag("lowercase", true)?,
        })
    }

    /// Whether a bundle's range makes sense.
    pub(super) fn is_sound(&self) -> bool {
        let (low, high) = self.ngram_range;
        1 <= low && low <= high && high <= LONGEST
    }

    /// Calls `term` with each term of a text, as often as it occurs.
    pub(super) fn each(&self, text: &str, mut term: impl FnMut(&str)) {
        let lower;
        let text = if self.lowercase {
            lower = text.to_lowercase();
            lower.as_str()
        } else {
            text
        };
        match self.analyzer {
            Analyzer::Word => self.words(text, &mut term),
            Analyzer::Char => self.runs(&single_spaced(text), &mut term),
            Analyzer::CharWb => {
                text.split_whitespace().for_each(|word| self.runs_of_word(&format!(" {word} "), &mut term));
            }
        }
    }

    fn words(&self, text: &str, term: &mut impl FnMut(&str)) {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let words: Vec<&str> = words.filter(|word| word.chars().nth(1).is_some()).collect();
        for n in self.ngram_range.0..=self.ngram_range.1 {
            words.windows(n).for_each(|words| match words {
                [word] => term(word),
                several => term(&several.join(" ")),
            });
        }
    }

    fn runs(&self, text: &str, term: &mut impl FnMut(&str)) {
        let starts = starts(text);
        for n in self.ngram_range.0..=self.ngram_range.1 {
            starts.windows(n + 1).for_each(|ends| term(&text[ends[0]..ends[n]]));
        }
    }

    fn runs_of_word(&self, word: &str, term: &mut impl FnMut(&str)) {
        let starts = starts(word);
        for n in self.ngram_range.0..=self.ngram_range.1 {
            if starts.len() <= n + 1 {
                // As long as the word or longer: the whole word, once.
                term(word);
                break;
            }
            starts.windows(n + 1).for_each(|ends| term(&word[ends[0]..ends[n]]));
        }
    }
}

/// Where the characters of a text start, and its end.
fn starts(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

/// The text with a space for each run of two or more white spaces.
fn single_spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain([char::REPLACEMENT_CHARACTER]) {
        if c.is_whitespace() {
            run.push(c);
            continue;
        }
        spaced.push_str(if run.chars().nth(1).is_some() { " " } else { &run });
        run.clear();
        spaced.push(c);
    }
    spaced.pop();
    spaced
}

/// How the numbers of a text are made of like size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// Their squares sum to 1.
    L2,
    /// Their sizes sum to 1.
    L1,
    /// They stay as they are.
    None,
}

/// Their words.
pub(super) const NORMS: &[(&str, Norm)] = &[("l2", Norm::L2), ("l1", Norm::L1), ("none", Norm::None)];

impl Norm {
    /// Divides the numbers of a text; those that are all 0 stay so.
    pub(super) fn apply(self, values: &mut [f64]) {
        let size = match self {
            Norm::L2 => values.iter().fold(0.0, |sum, x| sum + x * x).sqrt(),
            Norm::L1 => values.iter().fold(0.0, |sum, x| sum + x.abs()),
            Norm::None => 1.0,
        };
        if size > 0.0 {
            values.iter_mut().for_each(|x| *x /= size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(analyzer: Analyzer, ngram_range: (usize, usize), text: &str) -> Vec<String> {
        let mut found = Vec::new();
        TextTerms { analyzer, ngram_range, lowercase: true }.each(text, |term| found.push(term.to_owned()));
        found
    }

    /// `CountVectorizer(analyzer=…, ngram_range=…).build_analyzer()(text)` of scikit-learn 1.9.1.
    #[test]
    fn terms_are_those_of_scikit_learn() {
        let text = "Don't  be a_b x, Öl!";
        assert_eq!(terms(Analyzer::Word, (1, 2), text), ["don", "be", "a_b", "öl", "don be", "be a_b", "a_b öl"]);
        assert_eq!(terms(Analyzer::Char, (2, 2), "a  bc"), ["a ", " b", "bc"]);
        assert_eq!(terms(Analyzer::CharWb, (3, 4), "ab c"), [" ab", "ab ", " ab ", " c "]);
        assert!(terms(Analyzer::Char, (3, 5), "ab").is_empty() && terms(Analyzer::Word, (1, 1), "a b").is_empty());
    }
}
