//! What a look-up of a view's features came by, and the same for the rows of a request: which of its views had nothing for a row, or
//! nothing new enough.

use crate::project::Name;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// Whether a look-up found a row that was new enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LookupStatus {
    /// A row was found.
    Present,
    /// The newest row is older than the ttl, so the view's columns are missing; of a view of windows alone, no row is in the longest.
    OutsideMaxAge,
    /// There is no row of this key.
    NotFound,
    /// The time asked for is from before what the online store keeps.
    BeforeHistory,
}

impl LookupStatus {
    const ALL: [LookupStatus; 4] =
        [LookupStatus::Present, LookupStatus::OutsideMaxAge, LookupStatus::NotFound, LookupStatus::BeforeHistory];

    /// As JSON and metrics have it: `NOT_FOUND`.
    pub fn as_str(self) -> &'static str {
        match self {
            LookupStatus::Present => "PRESENT",
            LookupStatus::OutsideMaxAge => "OUTSIDE_MAX_AGE",
            LookupStatus::NotFound => "NOT_FOUND",
            LookupStatus::BeforeHistory => "BEFORE_HISTORY",
        }
    }
}

/// What the look-ups of a request came by: for each of the model's views a status a row. A row that brings all of a view's
/// features itself counts as present.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lookups {
    views: Vec<(Name, Vec<LookupStatus>)>,
}

impl Lookups {
    /// Of these views, of no row yet.
    pub(super) fn new<'a>(views: impl Iterator<Item = &'a Name>) -> Lookups {
        Lookups { views: views.map(|name| (name.clone(), Vec::new())).collect() }
    }

    /// One more row of the view at this place.
    pub(super) fn push(&mut self, view: usize, status: LookupStatus) {
        if let Some((_, statuses)) = self.views.get_mut(view) {
            statuses.push(status);
        }
    }

    /// The views that had nothing for this row; none if all had.
    pub fn lacking(&self, row: usize) -> Option<LackingViews<'_>> {
        let lacks = |(_, statuses): &(Name, Vec<LookupStatus>)| {
            statuses.get(row).is_some_and(|status| *status != LookupStatus::Present)
        };
        self.views.iter().any(lacks).then_some(LackingViews { lookups: self, row })
    }

    /// How many rows of each view have each status that any has.
    pub fn counts(&self) -> BTreeMap<(Name, LookupStatus), u64> {
        let count = |statuses: &[LookupStatus], one: LookupStatus| {
            statuses.iter().filter(|status| **status == one).count() as u64
        };
        let of_view = |(view, statuses): &'_ (Name, Vec<LookupStatus>)| {
            LookupStatus::ALL.map(|status| ((view.clone(), status), count(statuses, status)))
        };
        self.views.iter().flat_map(of_view).filter(|(_, rows)| *rows > 0).collect()
    }
}

/// The views that had nothing for a row. As JSON: `{"weather": "NOT_FOUND"}`.
#[derive(Debug, Clone, Copy)]
pub struct LackingViews<'a> {
    lookups: &'a Lookups,
    row: usize,
}

impl Serialize for LackingViews<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let of_row = |(view, statuses): &'_ (Name, Vec<LookupStatus>)| Some((view.clone(), *statuses.get(self.row)?));
        let all = self.lookups.views.iter().filter_map(of_row);
        to.collect_map(all.filter(|(_, status)| *status != LookupStatus::Present))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lacks_is_said_of_a_row_and_everything_is_counted() {
        let names = ["weather", "plane"].map(|name| Name::parse(name).unwrap());
        let mut lookups = Lookups::new(names.iter());
        for (view, status) in [
            (0, LookupStatus::Present),
            (1, LookupStatus::Present),
            (0, LookupStatus::NotFound),
            (1, LookupStatus::Present),
        ] {
            lookups.push(view, status);
        }
        assert!(lookups.lacking(0).is_none() && lookups.lacking(2).is_none());
        assert_eq!(serde_json::to_string(&lookups.lacking(1)).unwrap(), r#"{"weather":"NOT_FOUND"}"#);
        let counts: Vec<u64> = lookups.counts().into_values().collect();
        assert_eq!(counts, [2, 1, 1]);
        for status in
            [LookupStatus::Present, LookupStatus::OutsideMaxAge, LookupStatus::NotFound, LookupStatus::BeforeHistory]
        {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
