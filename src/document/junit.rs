//! A document's checks as JUnit XML, which Jenkins, GitLab, GitHub's actions and most other CI systems read.
//!
//! A group becomes a suite, a check a test case. The shape is the one that the Jenkins schema describes
//! (<https://llg.cubic.org/docs/junit/>); times are left out, since a result is not slow or fast.

use super::blocks::{Document, TestCase, TestResult};
use super::escape::markup;

impl Document {
    /// The checks; a document without any gives an empty list of suites.
    pub fn to_junit(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let name = if self.title.is_empty() { "mlops" } else { &self.title };
        out.push_str(&format!("<testsuites name=\"{}\" {}>\n", markup(name), counts(&self.cases)));
        for suite in self.cases.chunk_by(|a, b| a.group == b.group) {
            let group = suite.first().map_or("", |case| &case.group);
            out.push_str(&format!("  <testsuite name=\"{}\" {}>\n", markup(group), counts(suite)));
            suite.iter().for_each(|case| out.push_str(&test_case(case)));
            out.push_str("  </testsuite>\n");
        }
        out + "</testsuites>\n"
    }
}

fn counts(cases: &[TestCase]) -> String {
    let failed = cases.iter().filter(|case| matches!(case.result, TestResult::Failed(_))).count();
    let skipped = cases.iter().filter(|case| matches!(case.result, TestResult::Skipped(_))).count();
    format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"{skipped}\"", cases.len())
}

/// A failure has its message as text too: some readers show the attribute, some the text.
fn test_case(case: &TestCase) -> String {
    let start = format!("    <testcase classname=\"{}\" name=\"{}\"", markup(&case.group), markup(&case.name));
    match &case.result {
        TestResult::Passed => format!("{start}/>\n"),
        TestResult::Failed(message) => {
            let message = markup(message);
            format!("{start}>\n      <failure message=\"{message}\">{message}</failure>\n    </testcase>\n")
        }
        TestResult::Skipped(message) => {
            format!("{start}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", markup(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{nasty, sample};

    #[test]
    fn checks_become_test_cases() {
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="flights · delay" tests="3" failures="1" errors="0" skipped="1">
  <testsuite name="drift" tests="3" failures="1" errors="0" skipped="1">
    <testcase classname="drift" name="temp">
      <failure message="Wasserstein 1.8651, drift at ≥ 0.1">Wasserstein 1.8651, drift at ≥ 0.1</failure>
    </testcase>
    <testcase classname="drift" name="dest"/>
    <testcase classname="drift" name="gate">
      <skipped message="no values"/>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(sample().to_junit(), expected);
    }

    #[test]
    fn without_checks_there_is_no_suite() {
        let text = Document::default().to_junit();
        assert!(text.contains("<testsuites name=\"mlops\" tests=\"0\"") && !text.contains("<testsuite "));
    }

    #[test]
    fn no_text_closes_an_element_or_an_attribute() {
        let plain = nasty("x").to_junit();
        let odd = nasty("\"/><failure>]]>&\u{0}\u{1b}").to_junit();
        for sign in ['<', '>', '"'] {
            assert_eq!(odd.matches(sign).count(), plain.matches(sign).count(), "{sign}\n{odd}");
        }
        assert!(!odd.contains(['\u{0}', '\u{1b}']));
    }
}
