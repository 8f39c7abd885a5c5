//! MLflow's scoring protocol: `POST /invocations` with `dataframe_split`, `dataframe_records`, `instances`, `inputs`, or
//! CSV. The reply is `{"predictions": [{"id", …}, …]}`, each row with the model's answer, and with `"lookups": {"VIEW": "NOT_FOUND"}`
//! where a view had no features for it. With `"explain": true`, at the top or in `params`, each row also says how much each feature
//! moved its answer.

use super::{Question, content};
use crate::data::{Cells, ColumnsOfCells, RecordsOfCells, TableOfCells, cells_from_csv};
use crate::error::{Error, Result};
use crate::features::LackingViews;
use crate::model::{Answer, Explanation};
use crate::predictions::PredictionId;
use crate::serve::answer_rows::Answered;
use crate::serve::body::json::{ColumnSeed, ExplainFlag, ObjectKey, RowSeed, Wrong, read_object};
use crate::serve::limits::MOST_ROWS;
use crate::serve::predictor::Predictor;
use crate::serve::reply::json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use std::fmt;

/// The keys under which rows may stand; a body has exactly one of them.
const KEYS: [&str; 4] = ["dataframe_split", "dataframe_records", "instances", "inputs"];

const SHAPES: &str = "send exactly one of {\"dataframe_split\": {\"columns\", \"data\"}}, {\"dataframe_records\": [{…}]}, {\"instances\": […]}, {\"inputs\": […]}";

/// The reply to a body that is neither JSON nor CSV in UTF-8, in the words of MLflow's own server.
pub(super) fn refused(content_type: &str) -> Option<Response> {
    let taken = content(content_type).is_some_and(|kind| matches!(kind.as_str(), "application/json" | "text/csv"));
    let text = "This predictor only supports the following content types: text/csv, application/json (charset=utf-8)\n";
    let reply = (StatusCode::UNSUPPORTED_MEDIA_TYPE, [(header::CONTENT_TYPE, "text/plain")], text);
    (!taken).then(|| reply.into_response())
}

/// Reads a body of one of the types that are taken.
pub(super) fn parse(body: &[u8], content_type: &str, predictor: &Predictor) -> Result<Question> {
    let (rows, explain) = match content(content_type).as_deref() {
        Some("text/csv") => {
            (cells_from_csv(body, MOST_ROWS, predictor.csv_form(), |name| predictor.kind_of(name))?, false)
        }
        _ => parse_json(body, &predictor.inputs().iter().map(|input| input.name.as_str()).collect::<Vec<_>>())?,
    };
    Ok(Question { rows, id: None, outputs: Vec::new(), explain })
}

/// Reads a JSON body: its rows, and whether answers are to be explained; `columns` name the cells of rows that come without names.
fn parse_json(body: &[u8], columns: &[&str]) -> Result<(Cells, bool)> {
    let wrong = Wrong::default();
    let BodyParts { found, rows, explain } = read_object(body, &wrong, SHAPES, Body { wrong: &wrong })?;
    match (found, rows) {
        (1, Some(Rows::Cells(cells))) => Ok((cells, explain)),
        (1, Some(Rows::Unnamed(table))) => {
            let hint = || format!("the columns in order: {}", columns.join(", "));
            Ok((table.finish(columns.iter().copied()).map_err(|e| e.hint(hint()))?, explain))
        }
        (found, _) => Err(Error::invalid(format!("the body has {found} of {}", KEYS.join(", "))).hint(SHAPES)),
    }
}

/// Rows as they were read.
enum Rows {
    Cells(Cells),
    /// Rows whose columns have no names.
    Unnamed(TableOfCells),
}

/// What a body has.
struct BodyParts {
    /// Keys with rows.
    found: usize,
    /// The rows of the first.
    rows: Option<Rows>,
    /// Whether `explain`, or `explain` in `params`, is true.
    explain: bool,
}

/// The whole body.
struct Body<'a> {
    wrong: &'a Wrong,
}

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = BodyParts;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = BodyParts;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let (mut found, mut rows, mut explain) = (0, None, false);
        while let Some(key) = map.next_key::<ObjectKey>()? {
            if ["explain", "params"].contains(&key.0.as_ref()) {
                explain |= map.next_value::<ExplainFlag>()?.0;
                continue;
            }
            let key = KEYS.into_iter().find(|known| *known == key.0);
            found += usize::from(key.is_some());
            match key.filter(|_| found == 1) {
                Some("dataframe_split") => rows = Some(map.next_value_seed(Split { wrong: self.wrong })?),
                Some(key) => rows = Some(map.next_value_seed(Plain { key, wrong: self.wrong })?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(BodyParts { found, rows, explain })
    }
}

/// `{"columns": [names], "data": [[cells], …]}`, in either order.
struct Split<'a> {
    wrong: &'a Wrong,
}

impl<'de> DeserializeSeed<'de> for Split<'_> {
    type Value = Rows;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Rows, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Split<'_> {
    type Value = Rows;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("dataframe_split as {\"columns\": [names], \"data\": [[cells], …]}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Rows, A::Error> {
        let (mut names, mut table, mut index) = (None::<Vec<ObjectKey>>, None, None::<Vec<IgnoredAny>>);
        while let Some(key) = map.next_key::<ObjectKey>()? {
            match key.0.as_ref() {
                "columns" => names = Some(map.next_value()?),
                "data" => table = Some(map.next_value_seed(Data { wrong: self.wrong })?),
                "index" => index = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let (Some(names), Some(table)) = (names, table) else {
            let text = "dataframe_split is {\"columns\": [names], \"data\": [[cells], …]}";
            return Err(self.wrong.with(Error::invalid(text)));
        };
        let cells = table.finish(names.iter().map(|name| name.0.as_ref())).and_then(|cells| match index {
            Some(index) if index.len() != cells.rows() => {
                let (index, rows) = (index.len(), cells.rows());
                Err(Error::invalid(format!("dataframe_split has {rows} rows of data and an index of {index}")))
            }
            _ => Ok(cells),
        });
        cells.map(Rows::Cells).map_err(|e| self.wrong.with(e))
    }
}

/// The rows of `dataframe_split`.
struct Data<'a> {
    wrong: &'a Wrong,
}

impl<'de> DeserializeSeed<'de> for Data<'_> {
    type Value = TableOfCells;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<TableOfCells, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Data<'_> {
    type Value = TableOfCells;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the data of dataframe_split as [[cells], …]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<TableOfCells, A::Error> {
        let mut table = TableOfCells::new(MOST_ROWS);
        let expected = "a row of dataframe_split as a list of cells";
        while let Some(()) =
            list.next_element_seed(RowSeed { table: Some(&mut table), records: None, wrong: self.wrong, expected })?
        {
        }
        Ok(table)
    }
}

/// Records, rows in the order of the model's columns, or columns by name; `dataframe_records` has records only.
struct Plain<'a> {
    key: &'static str,
    wrong: &'a Wrong,
}

impl Plain<'_> {
    fn records_only(&self) -> bool {
        self.key == "dataframe_records"
    }
}

impl<'de> DeserializeSeed<'de> for Plain<'_> {
    type Value = Rows;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Rows, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain<'_> {
    type Value = Rows;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} as a list of records", self.key)?;
        if self.records_only() { Ok(()) } else { f.write_str(", a list of rows, or columns by name") }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Rows, A::Error> {
        let (mut table, mut records) = (TableOfCells::new(MOST_ROWS), RecordsOfCells::new(MOST_ROWS));
        let expected = format!("every row of {} as a record, or as a list of cells", self.key);
        loop {
            // What the first row is, all must be.
            let seed = RowSeed {
                table: (!self.records_only() && records.is_empty()).then_some(&mut table),
                records: None,
                wrong: self.wrong,
                expected: &expected,
            };
            let seed = match seed.table.as_ref().is_none_or(|table| table.is_empty()) {
                true => RowSeed { records: Some(&mut records), ..seed },
                false => seed,
            };
            if list.next_element_seed(seed)?.is_none() {
                break;
            }
        }
        match table.is_empty() {
            false => Ok(Rows::Unnamed(table)),
            true => records.finish().map(Rows::Cells).map_err(|e| self.wrong.with(e)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Rows, A::Error> {
        if self.records_only() {
            return Err(serde::de::Error::invalid_type(serde::de::Unexpected::Map, &self));
        }
        let mut columns = ColumnsOfCells::new(MOST_ROWS);
        while let Some(name) = map.next_key::<ObjectKey>()? {
            map.next_value_seed(ColumnSeed {
                columns: &mut columns,
                wrong: self.wrong,
                unwrap: false,
                list_only: None,
            })?;
            columns.end_column(&name.0).map_err(|e| self.wrong.with(e))?;
        }
        Ok(Rows::Cells(columns.finish()))
    }
}

/// A row of the reply.
#[derive(Serialize)]
struct ReplyRow<'a> {
    id: PredictionId<'a>,
    #[serde(flatten)]
    answer: &'a Answer,
    #[serde(skip_serializing_if = "Option::is_none")]
    lookups: Option<LackingViews<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'a Explanation>,
}

#[derive(Serialize)]
struct Reply<'a> {
    predictions: Predictions<'a>,
}

struct Predictions<'a>(&'a Answered);

impl Serialize for Predictions<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let mut rows = to.serialize_seq(Some(self.0.answers.len()))?;
        for (row, answer) in self.0.answers.iter().enumerate() {
            let id = PredictionId { request: &self.0.request, row };
            let (lookups, explanation) = (self.0.lookups.lacking(row), self.0.explanations.get(row));
            rows.serialize_element(&ReplyRow { id, answer, lookups, explanation })?;
        }
        rows.end()
    }
}

/// The reply's body.
pub(super) fn reply(answered: &Answered) -> Vec<u8> {
    serde_json::to_vec(&Reply { predictions: Predictions(answered) }).unwrap_or_default()
}

/// An error as MLflow's clients read it.
pub(in crate::serve) fn failure(status: StatusCode, message: &str) -> Response {
    let code = match status.as_u16() {
        400 => "INVALID_PARAMETER_VALUE",
        401 => "UNAUTHENTICATED",
        404 => "ENDPOINT_NOT_FOUND",
        503 => "TEMPORARILY_UNAVAILABLE",
        500 => "INTERNAL_ERROR",
        _ => "BAD_REQUEST",
    };
    json(status, serde_json::json!({ "error_code": code, "message": message }).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &str) -> Result<String> {
        let (cells, _) = parse_json(body.as_bytes(), &["a", "b"])?;
        let mut seen = Vec::new();
        for row in 0..cells.rows() {
            cells.each(row, |column, _| {
                let value = cells.value(row, column).unwrap().unwrap();
                seen.push(format!("{}={}", cells.name(column), value.to_json()));
            });
        }
        Ok(seen.join(" "))
    }

    #[test]
    fn every_shape_gives_the_same_rows() {
        for body in [
            r#"{"dataframe_split": {"columns": ["a", "b"], "data": [[1, "x"]]}}"#,
            r#"{"dataframe_split": {"index": [[0]], "data": [[1, "x"]], "columns": ["a", "b"]}}"#,
            r#"{"dataframe_records": [{"a": 1, "b": "x"}]}"#,
            r#"{"params": {"deep": [[[]]]}, "instances": [[1, "x"]]}"#,
            r#"{"instances": [{"a": 1, "b": "x"}]}"#,
            r#"{"inputs": {"a": [1], "b": ["x"]}}"#,
            r#"{"inputs": {"a": 1, "b": "x"}}"#,
        ] {
            assert_eq!(rows(body).unwrap(), "a=1 b=\"x\"", "{body}");
        }
        assert_eq!(rows(r#"{"inputs": {"a\n": [1.5, null, true, -1]}}"#).unwrap(), "a\n=1.5 a\n=null a\n=true a\n=-1");
    }

    #[test]
    fn an_explanation_is_asked_for_by_true_alone() {
        let asks = |more: &str| parse_json(format!(r#"{{{more} "inputs": {{"a": 1}}}}"#).as_bytes(), &["a"]).unwrap().1;
        assert!(asks(r#""explain": true,"#) && asks(r#""params": {"x": [1], "explain": true},"#));
        for not in [
            "",
            r#""explain": false,"#,
            r#""explain": "yes","#,
            r#""params": null,"#,
            r#""params": {"explain": [true]},"#,
        ] {
            assert!(!asks(not), "{not}");
        }
    }

    #[test]
    fn other_bodies_are_refused() {
        for (body, said) in [
            ("", "not JSON"),
            ("[1]", "not an object"),
            ("{}", "the body has 0 of"),
            (r#"{"inputs": 1}"#, "inputs as a list of records"),
            (r#"{"inputs": [], "instances": []}"#, "the body has 2 of"),
            (r#"{"inputs": [[1, 2], {"a": 1}]}"#, "every row of inputs"),
            (r#"{"inputs": [{"a": 1}, [1, 2]]}"#, "every row of inputs"),
            (r#"{"dataframe_records": [[1, 2]]}"#, "dataframe_records"),
            (r#"{"dataframe_records": {"a": 1}}"#, "dataframe_records as a list of records"),
            (r#"{"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}"#, "row 1 has 2 cells"),
            (r#"{"dataframe_split": {"columns": ["a"]}}"#, "dataframe_split is"),
            (r#"{"dataframe_split": {"columns": ["a"], "data": 1}}"#, "the data of dataframe_split"),
        ] {
            let error = rows(body).unwrap_err();
            assert!(error.message().contains(said), "{said:?} is not in {error}, for {body}");
        }
        let long = format!("{{\"inputs\": \"{}\"}}", "x".repeat(5000));
        assert!(rows(&long).unwrap_err().message().len() < 400);
        let deep = format!("{{\"inputs\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(rows(&deep).is_err());
    }

    #[test]
    fn a_list_or_object_as_a_cell_is_kept_as_such() {
        let (cells, _) = parse_json(br#"{"inputs": [{"a": [1], "b": {"c": 2}}]}"#, &[]).unwrap();
        assert!(cells.value(0, 0).is_err() && cells.value(0, 1).is_err());
    }
}
