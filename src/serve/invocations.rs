//! MLflow's scoring protocol: `POST /invocations` with `dataframe_split`, `dataframe_records`, `instances`, `inputs`, or
//! CSV. The reply is `{"predictions": [{"id", …}, …]}`, each row with the model's answer.

use super::answer::Answered;
use super::request::Rows;
use crate::error::{Error, Result};
use crate::model::Answer;
use serde::Serialize;
use serde_json::Value as Json;

/// Reads a JSON body; `columns` name the cells of rows that come without names.
pub(super) fn parse_json(body: &[u8], columns: &[String]) -> Result<Rows> {
    let value: Json = serde_json::from_slice(body).map_err(|e| Error::invalid(format!("the body is not JSON: {e}")))?;
    let Json::Object(mut object) = value else {
        return Err(Error::invalid("the body is not an object").hint(SHAPES));
    };
    const KEYS: [&str; 4] = ["dataframe_split", "dataframe_records", "instances", "inputs"];
    let present: Vec<&str> = KEYS.into_iter().filter(|k| object.contains_key(*k)).collect();
    let [key] = present.as_slice() else {
        return Err(Error::invalid(format!("the body has {} of {}", present.len(), KEYS.join(", "))).hint(SHAPES));
    };
    let rows = object.remove(*key).unwrap_or_default();
    match *key {
        "dataframe_split" => split(rows),
        _ => plain(key, rows, columns),
    }
}

const SHAPES: &str = "send exactly one of {\"dataframe_split\": {\"columns\", \"data\"}}, {\"dataframe_records\": [{…}]}, {\"instances\": […]}, {\"inputs\": […]}";

fn split(value: Json) -> Result<Rows> {
    let wrong = || Error::invalid("dataframe_split is {\"columns\": [names], \"data\": [[cells], …]}");
    let Json::Object(mut object) = value else { return Err(wrong()) };
    let names = match object.remove("columns") {
        Some(Json::Array(names)) => {
            names.into_iter().map(|n| n.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<Vec<_>>>()?
        }
        _ => return Err(wrong()),
    };
    match object.remove("data") {
        Some(Json::Array(rows)) => {
            Rows::table(names, rows.into_iter().map(|r| list(r).ok_or_else(wrong)).collect::<Result<_>>()?)
        }
        _ => Err(wrong()),
    }
}

fn list(value: Json) -> Option<Vec<Json>> {
    match value {
        Json::Array(cells) => Some(cells),
        _ => None,
    }
}

/// Records, rows in the order of the model's columns, or columns by name.
fn plain(key: &str, value: Json, columns: &[String]) -> Result<Rows> {
    match value {
        Json::Array(rows) if rows.iter().all(Json::is_object) => {
            let records = rows.into_iter().filter_map(|r| if let Json::Object(map) = r { Some(map) } else { None });
            Rows::records(records.collect())
        }
        Json::Array(rows) if key != "dataframe_records" && rows.iter().all(Json::is_array) => {
            let cells = rows.into_iter().filter_map(list).collect();
            Rows::table(columns.to_vec(), cells)
                .map_err(|e| e.hint(format!("the columns in order: {}", columns.join(", "))))
        }
        Json::Object(map) if key != "dataframe_records" => {
            let column = |(name, cells): (String, Json)| match cells {
                Json::Array(cells) => (name, cells),
                one => (name, vec![one]),
            };
            Rows::columns(map.into_iter().map(column).collect())
        }
        _ => Err(Error::invalid(format!("{key} is not a list of records")).hint(SHAPES)),
    }
}

/// Reads CSV with a header line. An empty cell is missing; one that reads as a number is one, unless `is_text` says that
/// its column holds texts.
pub(super) fn parse_csv(body: &[u8], is_text: impl Fn(&str) -> bool) -> Result<Rows> {
    let text = std::str::from_utf8(body).map_err(|e| Error::invalid(format!("the body is not UTF-8: {e}")))?;
    let mut lines = records(text)?.into_iter();
    let names = lines.next().ok_or_else(|| Error::invalid("the body is empty").hint("send a header line and rows"))?;
    let texts: Vec<bool> = names.iter().map(|name| is_text(name)).collect();
    let number = |text: &str| text.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
    let cell = |(at, text): (usize, String)| match number(&text).filter(|_| texts.get(at) != Some(&true)) {
        _ if text.is_empty() => Json::Null,
        Some(number) => Json::Number(number),
        None => Json::String(text),
    };
    Rows::table(names, lines.map(|line| line.into_iter().enumerate().map(cell).collect()).collect())
}

/// RFC 4180: quotes around cells, doubled inside; line ends inside quotes belong to the cell.
fn records(text: &str) -> Result<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => record.push(std::mem::take(&mut cell)),
            ('\r', false) if chars.peek() == Some(&'\n') => {}
            ('\n', false) => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            (c, _) => cell.push(c),
        }
    }
    if quoted {
        return Err(Error::invalid("a quote is never closed"));
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    records.retain(|r: &Vec<String>| !(r.len() == 1 && r[0].is_empty()));
    Ok(records)
}

/// A row of the reply.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    #[serde(flatten)]
    answer: &'a Answer,
}

/// The reply's body.
pub(super) fn reply(answered: &Answered) -> Vec<u8> {
    let rows: Vec<Row> = answered.rows.iter().map(|(id, scored)| Row { id, answer: &scored.answer }).collect();
    serde_json::to_vec(&serde_json::json!({ "predictions": rows })).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_gives_the_same_rows() {
        let columns = ["a".to_owned(), "b".to_owned()];
        for body in [
            r#"{"dataframe_split": {"columns": ["a", "b"], "data": [[1, "x"]]}}"#,
            r#"{"dataframe_records": [{"a": 1, "b": "x"}]}"#,
            r#"{"instances": [[1, "x"]]}"#,
            r#"{"instances": [{"a": 1, "b": "x"}]}"#,
            r#"{"inputs": {"a": [1], "b": ["x"]}}"#,
        ] {
            let rows = parse_json(body.as_bytes(), &columns).unwrap();
            let mut seen = Vec::new();
            rows.row(0).unwrap().each(|n, v| seen.push(format!("{n}={v}")));
            assert_eq!((rows.len(), seen.join(" ")), (1, "a=1 b=\"x\"".to_owned()), "{body}");
        }
        assert_eq!(parse_csv(b"a,b\r\n1,\"x, \"\"y\"\"\n\"\n", |_| false).unwrap().len(), 1);
    }

    #[test]
    fn other_bodies_are_refused() {
        for body in [
            "",
            "[1]",
            "{}",
            r#"{"inputs": 1}"#,
            r#"{"inputs": [], "instances": []}"#,
            r#"{"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}"#,
        ] {
            assert!(parse_json(body.as_bytes(), &["a".to_owned()]).is_err(), "{body}");
        }
        let deep = format!("{{\"inputs\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(parse_json(deep.as_bytes(), &[]).is_err());
        assert!(parse_csv(b"a\n\"x", |_| false).is_err());
    }
}
