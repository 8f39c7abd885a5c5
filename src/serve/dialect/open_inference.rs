//! The Open Inference Protocol, version 2, over REST: every input tensor is one column; so is every output:
//! `prediction` (BYTES of classes, FP64 of numbers), `probability` of two classes, `probability_CLASS` of several (FP64). Where views had no
//! features for some rows, the reply's parameters say for how many: `{"weather:NOT_FOUND": 2}`.

use super::{Question, content};
use crate::data::{Cell, ColumnsOfCells, Kind};
use crate::error::{Error, Result};
use crate::features::LookupStatus;
use crate::model::{Answer, OutputColumn, Predicted, set_text};
use crate::serve::answer_rows::Answered;
use crate::serve::body::json::{ColumnSeed, ExplainFlag, ObjectKey, Short, Wrong, read_object};
use crate::serve::deployment::{Arm, Deployment, Deployments};
use crate::serve::limits::MOST_ROWS;
use crate::serve::reply::json as json_response;
use crate::serve::served_model::ServedModel;
use axum::http::StatusCode;
use axum::response::Response;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt;

const SHAPE: &str = "{\"inputs\": [{\"name\", \"shape\": [n], \"datatype\", \"data\"}]}";

fn no_tensors() -> Error {
    Error::invalid("inputs is a list of tensors").hint(SHAPE)
}

/// The reply to a body that is not JSON in UTF-8.
pub(super) fn refused(content_type: &str) -> Option<Response> {
    let taken = content(content_type).is_some_and(|kind| kind == "application/json");
    let text = "the body is JSON, with Content-Type: application/json; tensors in binary are not read";
    (!taken).then(|| failure(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
}

/// Reads a request: its rows, its id if it has one, and which of the model's outputs it asks for.
pub(super) fn parse(body: &[u8], known: &[OutputColumn]) -> Result<Question> {
    let wrong = Wrong::default();
    let read = read_object(body, &wrong, "inputs is a list of tensors", Body { wrong: &wrong })?;
    let BodyParts { columns, id, outputs, explain } = read;
    let id = match id {
        None | Some(Short::Null) => None,
        Some(Short::Text(id)) => Some(id),
        Some(_) => return Err(Error::invalid("id is a text")),
    };
    let columns = columns.ok_or_else(no_tensors)?;
    let outputs: Vec<String> = outputs.unwrap_or_default().into_iter().map(|output| output.name).collect();
    match outputs.iter().find(|name| !known.iter().any(|column| column.name == **name)) {
        Some(name) => Err(Error::unknown("output", name, known.iter().map(|column| column.name.as_str()))),
        None => Ok(Question { rows: columns.finish(), id, outputs, explain }),
    }
}

/// An output that a request asks for.
#[derive(Deserialize)]
struct WantedOutput {
    name: String,
}

/// What a body has.
#[derive(Default)]
struct BodyParts {
    columns: Option<ColumnsOfCells>,
    id: Option<Short>,
    outputs: Option<Vec<WantedOutput>>,
    /// Whether `explain` in `parameters` is true.
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
        let mut parts = BodyParts::default();
        while let Some(key) = map.next_key::<ObjectKey>()? {
            match key.0.as_ref() {
                "id" => parts.id = Some(map.next_value()?),
                "inputs" if parts.columns.is_some() => {
                    return Err(self.wrong.with(Error::invalid("the body has inputs twice")));
                }
                "inputs" => parts.columns = Some(map.next_value_seed(Tensors { wrong: self.wrong })?),
                "outputs" => parts.outputs = map.next_value()?,
                "parameters" => parts.explain |= map.next_value::<ExplainFlag>()?.0,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(parts)
    }
}

/// The list of tensors.
struct Tensors<'a> {
    wrong: &'a Wrong,
}

impl<'de> DeserializeSeed<'de> for Tensors<'_> {
    type Value = ColumnsOfCells;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<ColumnsOfCells, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Tensors<'_> {
    type Value = ColumnsOfCells;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("inputs as a list of tensors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<ColumnsOfCells, A::Error> {
        let mut columns = ColumnsOfCells::new(MOST_ROWS);
        while let Some(()) = list.next_element_seed(Tensor { columns: &mut columns, wrong: self.wrong })? {}
        Ok(columns)
    }
}

/// One tensor, which becomes one column.
struct Tensor<'a> {
    columns: &'a mut ColumnsOfCells,
    wrong: &'a Wrong,
}

impl<'de> DeserializeSeed<'de> for Tensor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Tensor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a tensor as {\"name\", \"shape\": [n], \"datatype\", \"data\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        let (mut name, mut shape, mut datatype, mut data) = (None, None, None, false);
        while let Some(key) = map.next_key::<ObjectKey>()? {
            match key.0.as_ref() {
                "name" => name = Some(map.next_value()?),
                "shape" => shape = Some(map.next_value()?),
                "datatype" => datatype = Some(map.next_value()?),
                "data" if data => return Err(self.wrong.with(Error::invalid("an input has data twice"))),
                "data" => {
                    data = true;
                    map.next_value_seed(ColumnSeed {
                        columns: self.columns,
                        wrong: self.wrong,
                        unwrap: true,
                        list_only: Some(|| Error::invalid("data is a list")),
                    })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let Some(Short::Text(name)) = name else {
            return Err(self.wrong.with(Error::invalid("an input has no name")));
        };
        let checked = check(self.columns, shape.as_ref(), datatype.as_ref(), data);
        let checked = checked.map_err(|text| Error::invalid(format!("input \"{name}\": {text}")));
        checked.and_then(|()| self.columns.end_column(&name)).map_err(|e| self.wrong.with(e))
    }
}

/// Whether the cells of the column that was read are what its tensor says.
fn check(
    columns: &ColumnsOfCells,
    shape: Option<&Short>,
    datatype: Option<&Short>,
    data: bool,
) -> std::result::Result<(), String> {
    let Some(Short::List(Some(shape))) = shape else {
        return Err(
            "its shape is a list of whole numbers: [n] for n rows, where the model's description has -1".to_owned()
        );
    };
    let rows = match shape.as_slice() {
        [n] | [n, 1] => *n,
        _ => return Err("its shape is [n] or [n, 1]: one tensor is one column".to_owned()),
    };
    let Some(Short::Text(kind)) = datatype else { return Err("datatype is missing".to_owned()) };
    let fits: fn(&Cell) -> bool = match kind.as_str() {
        "BOOL" => |cell| matches!(cell, Cell::Boolean(_)),
        "UINT8" => |cell| whole(cell).is_some_and(|n| u8::try_from(n).is_ok()),
        "UINT16" => |cell| whole(cell).is_some_and(|n| u16::try_from(n).is_ok()),
        "UINT32" => |cell| whole(cell).is_some_and(|n| u32::try_from(n).is_ok()),
        "UINT64" => |cell| whole(cell).is_some_and(|n| u64::try_from(n).is_ok()),
        "INT8" => |cell| whole(cell).is_some_and(|n| i8::try_from(n).is_ok()),
        "INT16" => |cell| whole(cell).is_some_and(|n| i16::try_from(n).is_ok()),
        "INT32" => |cell| whole(cell).is_some_and(|n| i32::try_from(n).is_ok()),
        "INT64" => |cell| whole(cell).is_some_and(|n| i64::try_from(n).is_ok()),
        "FP32" | "FP64" => |cell| matches!(cell, Cell::Whole(_) | Cell::Large(_) | Cell::Float(_)),
        "BYTES" => |cell| matches!(cell, Cell::Text(_)),
        other => return Err(format!("datatype {other} is not known here")),
    };
    if !data {
        return Err("data is a list of its values; tensors in binary, with a binary_data_size, are not read".to_owned());
    }
    let (cells, count) = columns.column();
    if count as u64 != rows {
        return Err(format!("{count} values, its shape says {rows}"));
    }
    match cells.iter().position(|cell| *cell != Cell::Null && !fits(cell)) {
        Some(at) => Err(format!("value {} is not {kind}", at + 1)),
        None => Ok(()),
    }
}

/// The whole number that a cell is, also one written as 1.0.
fn whole(cell: &Cell) -> Option<i128> {
    match cell {
        Cell::Whole(number) => Some(i128::from(*number)),
        Cell::Large(number) => Some(i128::from(*number)),
        Cell::Float(number) if number.fract() == 0.0 && number.abs() < 2f64.powi(64) => Some(*number as i128),
        _ => None,
    }
}

/// The protocol's word for a column's type.
fn datatype(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean | Kind::Integer | Kind::Float => "FP64",
        Kind::Text | Kind::Time | Kind::Vector => "BYTES",
    }
}

#[derive(Serialize)]
struct Reply<'a> {
    model_name: &'a str,
    model_version: String,
    id: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, u64>,
    outputs: Vec<OutputTensor<'a>>,
}

#[derive(Serialize)]
struct OutputTensor<'a> {
    name: &'a str,
    shape: [usize; 1],
    datatype: &'static str,
    data: Vec<OutputValue<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OutputValue<'a> {
    Number(Option<f64>),
    Text(&'a str),
    Owned(String),
}

/// The reply's body.
pub(super) fn reply<'a>(deployment: &'a Deployment, answered: &'a Answered, question: &'a Question) -> Vec<u8> {
    let tensor = |column: &'a OutputColumn| OutputTensor {
        name: &column.name,
        shape: [answered.answers.len()],
        datatype: datatype(column.kind),
        data: answered.answers.iter().map(|answer| value(answer, &column.name)).collect(),
    };
    let wanted = |column: &&OutputColumn| question.outputs.is_empty() || question.outputs.contains(&column.name);
    // The protocol has tensors only: an explanation is the text of a JSON object.
    let explanation = question.explain.then(|| OutputTensor {
        name: "explanation",
        shape: [answered.explanations.len()],
        datatype: "BYTES",
        data: answered
            .explanations
            .iter()
            .map(|one| OutputValue::Owned(serde_json::to_string(one).unwrap_or_default()))
            .collect(),
    });
    let lacking = answered.lookups.counts().into_iter().filter(|((_, status), _)| *status != LookupStatus::Present);
    let reply = Reply {
        model_name: deployment.name.as_str(),
        model_version: answered.model.version_text(),
        id: question.id.as_ref().unwrap_or(&answered.request),
        parameters: lacking.map(|((view, status), rows)| (format!("{view}:{}", status.as_str()), rows)).collect(),
        outputs: answered.model.predictor.outputs().iter().filter(wanted).map(tensor).chain(explanation).collect(),
    };
    serde_json::to_vec(&reply).unwrap_or_default()
}

/// What an answer says in the column of this name.
fn value<'a>(answer: &'a Answer, name: &str) -> OutputValue<'a> {
    match (name, &answer.prediction) {
        ("probability", _) => OutputValue::Number(answer.probability),
        ("prediction", Predicted::Number(number)) => OutputValue::Number(Some(*number)),
        ("prediction", Predicted::Class(class)) => OutputValue::Text(class),
        ("lower", _) => OutputValue::Number(answer.lower),
        ("upper", _) => OutputValue::Number(answer.upper),
        ("prediction_set", _) => OutputValue::Owned(set_text(answer.prediction_set.as_deref().unwrap_or_default())),
        (column, _) => {
            let of = |(class, _): &&(String, f64)| column.strip_prefix("probability_") == Some(class);
            OutputValue::Number(answer.probabilities.iter().find(of).map(|(_, p)| *p))
        }
    }
}

/// An error as the protocol has it.
pub(in crate::serve) fn failure(status: StatusCode, message: &str) -> Response {
    json_response(status, json!({ "error": message }).to_string().into_bytes())
}

/// What the server is.
pub(in crate::serve) fn server_metadata() -> Json {
    json!({ "name": "mlops", "version": env!("CARGO_PKG_VERSION"), "extensions": [] })
}

/// The models of a server, first the one that paths without a name mean.
pub(in crate::serve) fn repository_index(deployments: &Deployments) -> Json {
    let first = deployments.first();
    let others = deployments.iter().filter(|one| first.as_ref().is_none_or(|first| first.name != one.name));
    let models = first.iter().chain(others).flat_map(|one| {
        let model = |arm: &Arm| {
            let version = arm.model.version_text();
            json!({ "name": one.name.as_str(), "version": version, "state": "READY", "reason": "" })
        };
        one.arms().iter().map(model).collect::<Vec<_>>()
    });
    Json::Array(models.collect())
}

/// What a model takes and gives, and under `parameters` how the CSV files are written that it was trained on, where `mlops.toml` said it.
pub(in crate::serve) fn model_metadata(deployment: &Deployment, model: &ServedModel) -> Json {
    let tensor = |name: &str, kind: Kind| json!({ "name": name, "datatype": datatype(kind), "shape": [-1] });
    let inputs: Vec<Json> = model.predictor.inputs().iter().map(|input| tensor(&input.name, input.kind)).collect();
    let outputs = model.predictor.outputs();
    let outputs: Vec<Json> = outputs.iter().map(|column| tensor(&column.name, column.kind)).collect();
    let mut metadata = json!({
        "name": deployment.name.as_str(),
        "versions": [model.version_text()],
        "platform": "mlops",
        "inputs": inputs,
        "outputs": outputs,
    });
    let csv = model.predictor.csv_said();
    if !csv.is_empty() {
        metadata["parameters"] = json!({ "csv": csv });
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_is_asked_for_has_to_be_one_of_the_models() {
        let asked = |outputs: &str| {
            let body = format!(
                r#"{{"inputs":[{{"name":"a","shape":[1],"datatype":"FP64","data":[1]}}],"outputs":{outputs}}}"#
            );
            parse(body.as_bytes(), &[OutputColumn { name: "prediction".to_owned(), kind: Kind::Text }])
        };
        assert_eq!(asked(r#"[{"name":"prediction","parameters":{"x":1}}]"#).unwrap().outputs, ["prediction"]);
        assert!(asked("null").unwrap().outputs.is_empty() && asked("[]").unwrap().outputs.is_empty());
        assert!(
            asked(r#"[{"name":"predicted"}]"#).unwrap_err().message().contains("output \"predicted\" is not known")
        );
        assert!(asked(r#"[7]"#).is_err());
    }

    #[test]
    fn flat_and_nested_data_are_columns_in_whatever_order_their_keys_come() {
        let body = r#"{"id":"7","inputs":[{"name":"a","shape":[2],"datatype":"FP64","data":[1,2]},{"data":[["x"],["y"]],"datatype":"BYTES","parameters":{"p":[1]},"shape":[2,1],"name":"b"}]}"#;
        let question = parse(body.as_bytes(), &[]).unwrap();
        assert_eq!((question.rows.rows(), question.id.as_deref()), (2, Some("7")));
        let value = |row: usize, column: usize| question.rows.value(row, column).unwrap().unwrap().to_json();
        assert_eq!((value(1, 0), value(1, 1)), (json!(2), json!("y")));
    }

    #[test]
    fn tensors_that_are_no_columns_are_refused() {
        for (input, said) in [
            (r#"{"shape":[1],"datatype":"FP64","data":[1]}"#, "an input has no name"),
            (r#"{"name":"a","shape":[2,2],"datatype":"FP64","data":[1,2,3,4]}"#, "[n] or [n, 1]"),
            (r#"{"name":"a","shape":[2],"datatype":"FP64","data":[1]}"#, "1 values, its shape says 2"),
            (r#"{"name":"a","shape":[1],"datatype":"FP16","data":[1]}"#, "datatype FP16"),
            (r#"{"name":"a","shape":[1],"datatype":"FP64","data":["x"]}"#, "value 1 is not FP64"),
            (r#"{"name":"a","shape":[2],"datatype":"UINT8","data":[7,300]}"#, "value 2 is not UINT8"),
            (r#"{"name":"a","shape":[2],"datatype":"INT64","data":[1.0,1.5]}"#, "value 2 is not INT64"),
            (r#"{"name":"a","shape":[2],"datatype":"FP64","data":[1],"data":[2]}"#, "data twice"),
            (r#"{"name":"a","shape":[1],"datatype":"UINT64","data":[-1]}"#, "value 1 is not UINT64"),
            (r#"{"name":"a","shape":[1],"datatype":"FP64","data":[[1,2]]}"#, "value 1 is not FP64"),
            (r#"{"name":"a","shape":[-1],"datatype":"FP64","data":[1]}"#, "[n] for n rows"),
            (r#"{"name":"a","shape":[1],"datatype":"FP64","parameters":{"binary_data_size":8}}"#, "binary_data_size"),
            (r#"{"name":"a","shape":[1],"datatype":"FP64"}"#, "data is a list"),
            (r#"{"name":"a","shape":[1],"datatype":"FP64","data":1}"#, "data is a list"),
        ] {
            let error = parse(format!("{{\"inputs\":[{input}]}}").as_bytes(), &[]).unwrap_err();
            assert!(error.message().contains(said), "{said:?} is not in {error}");
        }
    }
}
