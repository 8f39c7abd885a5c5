//! The Open Inference Protocol, version 2, over REST: every input tensor is one column; so is every output:
//! `prediction` (BYTES of classes, FP64 of numbers), `probability` of two classes, `probability_CLASS` of several (FP64).

use super::answer::{Answered, Served};
use super::request::Rows;
use crate::data::Kind;
use crate::error::{Error, Result};
use crate::model::{Answer, OutputColumn, Signature};
use serde_json::{Value as Json, json};

/// Reads a request: its rows, and its id if it has one.
pub(super) fn parse(body: &[u8]) -> Result<(Rows, Option<String>)> {
    let value: Json = serde_json::from_slice(body).map_err(|e| Error::invalid(format!("the body is not JSON: {e}")))?;
    let id = match value.get("id") {
        None | Some(Json::Null) => None,
        Some(Json::String(id)) => Some(id.clone()),
        Some(_) => return Err(Error::invalid("id is a text")),
    };
    let inputs = value.get("inputs").and_then(Json::as_array).ok_or_else(|| {
        Error::invalid("inputs is a list of tensors")
            .hint("{\"inputs\": [{\"name\", \"shape\": [n], \"datatype\", \"data\"}]}")
    })?;
    let columns = inputs.iter().map(column).collect::<Result<Vec<_>>>()?;
    Ok((Rows::columns(columns)?, id))
}

fn column(tensor: &Json) -> Result<(String, Vec<Json>)> {
    let name = tensor.get("name").and_then(Json::as_str).ok_or_else(|| Error::invalid("an input has no name"))?;
    let place = |text: &str| Error::invalid(format!("input \"{name}\": {text}"));
    let shape = tensor.get("shape").and_then(Json::as_array).ok_or_else(|| place("shape is a list of numbers"))?;
    let shape = shape
        .iter()
        .map(Json::as_u64)
        .collect::<Option<Vec<u64>>>()
        .ok_or_else(|| place("shape is a list of numbers"))?;
    let rows = match shape.as_slice() {
        [n] | [n, 1] => *n,
        _ => return Err(place("its shape is [n] or [n, 1]: one tensor is one column")),
    };
    let kind = tensor.get("datatype").and_then(Json::as_str).ok_or_else(|| place("datatype is missing"))?;
    let fits: fn(&Json) -> bool = match kind {
        "BOOL" => Json::is_boolean,
        "UINT8" | "UINT16" | "UINT32" | "UINT64" | "INT8" | "INT16" | "INT32" | "INT64" | "FP32" | "FP64" => {
            Json::is_number
        }
        "BYTES" => Json::is_string,
        other => return Err(place(&format!("datatype {other} is not known here"))),
    };
    let data = tensor.get("data").and_then(Json::as_array).ok_or_else(|| place("data is a list"))?;
    let flat: Vec<Json> = data
        .iter()
        .map(|cell| match cell {
            Json::Array(one) if one.len() == 1 => one[0].clone(),
            other => other.clone(),
        })
        .collect();
    if flat.len() as u64 != rows {
        return Err(place(&format!("{} values, its shape says {rows}", flat.len())));
    }
    match flat.iter().position(|cell| !cell.is_null() && !fits(cell)) {
        Some(at) => Err(place(&format!("value {at} is not {kind}"))),
        None => Ok((name.to_owned(), flat)),
    }
}

/// The reply's body.
pub(super) fn reply(served: &Served, answered: &Answered, id: Option<String>) -> Vec<u8> {
    let body = json!({
        "model_name": served.deployment.as_str(),
        "model_version": version(served),
        "id": id.unwrap_or_else(|| answered.request.clone()),
        "outputs": outputs(&served.scorer.bundle.signature, answered),
    });
    serde_json::to_vec(&body).unwrap_or_default()
}

/// The protocol's word for a column's type.
fn datatype(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean | Kind::Integer | Kind::Float => "FP64",
        Kind::Text | Kind::Time | Kind::Vector => "BYTES",
    }
}

/// One tensor a column of the answers.
fn outputs(signature: &Signature, answered: &Answered) -> Vec<Json> {
    let rows = || answered.rows.iter().map(|(_, scored)| &scored.answer);
    let cell = |answer: &Answer, name: &str| match name {
        "probability" => answer.probability.into(),
        "prediction" => answer.prediction.to_json(),
        class => {
            let of = |(known, _): &&(String, f64)| class.strip_prefix("probability_") == Some(known);
            answer.probabilities.iter().find(of).map(|(_, p)| *p).into()
        }
    };
    let tensor = |column: OutputColumn| {
        let data: Vec<Json> = rows().map(|answer| cell(answer, &column.name)).collect();
        json!({ "name": column.name, "shape": [data.len()], "datatype": datatype(column.kind), "data": data })
    };
    signature.columns().into_iter().map(tensor).collect()
}

/// The version as the protocol shows it: a text.
pub(super) fn version(served: &Served) -> String {
    served.version.map_or_else(|| served.hash.short(), |v| v.to_string())
}

/// What the model takes and gives.
pub(super) fn metadata(served: &Served) -> Json {
    let plan = &served.scorer.bundle.features;
    let tensor = |name: &str, kind: Kind| json!({ "name": name, "datatype": datatype(kind), "shape": [-1] });
    let kind = |name: &String| plan.inputs.iter().find(|i| i.name == *name).map_or(Kind::Text, |i| i.kind);
    let inputs: Vec<Json> = served.scorer.request_columns().iter().map(|name| tensor(name, kind(name))).collect();
    let outputs = served.scorer.bundle.signature.columns();
    let outputs: Vec<Json> = outputs.iter().map(|column| tensor(&column.name, column.kind)).collect();
    json!({
        "name": served.deployment.as_str(),
        "versions": [version(served)],
        "platform": "mlops",
        "inputs": inputs,
        "outputs": outputs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_and_nested_data_are_columns() {
        let body = r#"{"id":"7","inputs":[{"name":"a","shape":[2],"datatype":"FP64","data":[1,2]},{"name":"b","shape":[2,1],"datatype":"BYTES","data":[["x"],["y"]]}]}"#;
        let (rows, id) = parse(body.as_bytes()).unwrap();
        assert_eq!((rows.len(), id.as_deref()), (2, Some("7")));
    }

    #[test]
    fn tensors_that_are_no_columns_are_refused() {
        for input in [
            r#"{"shape":[1],"datatype":"FP64","data":[1]}"#,
            r#"{"name":"a","shape":[2,2],"datatype":"FP64","data":[1,2,3,4]}"#,
            r#"{"name":"a","shape":[2],"datatype":"FP64","data":[1]}"#,
            r#"{"name":"a","shape":[1],"datatype":"FP16","data":[1]}"#,
            r#"{"name":"a","shape":[1],"datatype":"FP64","data":["x"]}"#,
        ] {
            assert!(parse(format!("{{\"inputs\":[{input}]}}").as_bytes()).is_err(), "{input}");
        }
    }
}
