//! Columns between Polars and memory, both ways. Whole numbers, booleans and times keep their bits; a decimal becomes a
//! float; a list of numbers, as many in each row, becomes a vector.

use super::column::Column;
use super::frame::Frame;
use super::kind::Kind;
use super::polars_calls::from_polars;
use super::value::Value;
use super::written_cell::WrittenCell;
use crate::error::{Error, Result};
use polars::prelude::{
    BooleanChunked, DataFrame, DataType, Float64Chunked, Int64Chunked, IntoColumn, ListBuilderTrait,
    ListPrimitiveChunkedBuilder, NamedFrom, Series, TimeUnit, TimeZone, UInt64Chunked,
};

/// A Polars table as a frame of all its columns.
pub fn frame_from(table: &DataFrame) -> Result<Frame> {
    let columns = table.columns().iter().map(|c| Ok((c.name().to_string(), column_from(c)?))).collect::<Result<_>>()?;
    Frame::new(columns)
}

/// A column whatever its type: one that is no feature, such as lengths of time, as texts.
pub fn column_of_any(column: &polars::prelude::Column) -> Result<Column> {
    if let Ok(known) = column_from(column) {
        return Ok(known);
    }
    let text = |row: usize| {
        let cell = WrittenCell::of(&column.get(row).map_err(from_polars)?);
        Ok((cell != WrittenCell::Missing).then(|| cell.csv()))
    };
    let texts = (0..column.len()).map(text).collect::<Result<Vec<Option<String>>>>()?;
    Ok(Column::texts(texts.iter().map(Option::as_deref)))
}

/// A Polars column as ours.
pub fn column_from(column: &polars::prelude::Column) -> Result<Column> {
    let cast = |dtype: &DataType| column.cast(dtype).map_err(from_polars);
    let dtype = column.dtype().clone();
    match &dtype {
        DataType::String => {
            let texts = column.str().map_err(from_polars)?;
            Ok(Column::texts(texts.iter()))
        }
        DataType::Categorical(..) | DataType::Enum(..) => column_from(&cast(&DataType::String)?),
        DataType::Datetime(..) | DataType::Date => {
            let raw = cast(&DataType::Datetime(TimeUnit::Microseconds, None))?.cast(&DataType::Int64);
            let raw = raw.map_err(from_polars)?;
            let times = raw.i64().map_err(from_polars)?;
            Ok(Column::times(times.iter().map(|t| t.unwrap_or(Column::NO_TIME)).collect()))
        }
        DataType::Boolean => {
            let cells = column.bool().map_err(from_polars)?;
            Ok(Column::booleans(cells.iter()))
        }
        DataType::Null => Ok(Column::nulls(Kind::Float, column.len())),
        DataType::UInt64 => {
            let cells = column.u64().map_err(from_polars)?;
            Ok(Column::integers(cells.iter().map(|cell| cell.map(i128::from))))
        }
        DataType::Int128 | DataType::UInt128 => wide(column),
        other if other.is_integer() => {
            let raw = cast(&DataType::Int64)?;
            let cells = raw.i64().map_err(from_polars)?;
            let missing = cells.iter().map(|cell| cell.is_none()).collect();
            Ok(Column::integers_64(cells.iter().map(|cell| cell.unwrap_or(0)).collect(), missing))
        }
        other if other.is_primitive_numeric() || other.is_decimal() => {
            let raw = cast(&DataType::Float64)?;
            let numbers = raw.f64().map_err(from_polars)?;
            Ok(Column::floats(numbers.iter().map(|x| x.unwrap_or(f64::NAN)).collect()))
        }
        DataType::List(inner) | DataType::Array(inner, _) if inner.is_primitive_numeric() => {
            vectors(&cast(&DataType::List(Box::new(DataType::Float64)))?)
        }
        other => {
            Err(Error::invalid(format!("column \"{}\" is of type {other}, which is not a feature", column.name()))
                .hint("leave it out, or make numbers, texts or times of it in a query"))
        }
    }
}

/// Whole numbers of 128 bits, cell by cell.
fn wide(column: &polars::prelude::Column) -> Result<Column> {
    let cell = |row: usize| {
        let cell = column.get(row).map_err(from_polars)?;
        if cell.is_null() {
            return Ok(None);
        }
        let text = cell.to_string();
        let number = text.parse::<i128>();
        number.map(Some).map_err(|_| {
            Error::invalid(format!("column \"{}\", row {}: {text} is beyond 127 bits", column.name(), row + 1))
                .hint("make a text of it in a query: CAST(column AS VARCHAR)")
        })
    };
    Ok(Column::integers((0..column.len()).map(cell).collect::<Result<Vec<_>>>()?))
}

fn vectors(column: &polars::prelude::Column) -> Result<Column> {
    let lists = column.list().map_err(from_polars)?;
    let row = |list: Option<Series>| -> Result<Option<Vec<f64>>> {
        let Some(list) = list else { return Ok(None) };
        let numbers = list.f64().map_err(from_polars)?;
        Ok(Some(numbers.iter().map(|x| x.unwrap_or(f64::NAN)).collect()))
    };
    let rows = (0..lists.len()).map(|at| row(lists.get_as_series(at))).collect::<Result<Vec<_>>>()?;
    Column::vectors(rows).map_err(|e| e.at(format!("column \"{}\"", column.name())))
}

/// The column of a table called `name`, or an error that offers the nearest.
pub fn column_named<'a>(table: &'a DataFrame, name: &str) -> Result<&'a polars::prelude::Column> {
    let known = || table.get_column_names().into_iter().map(|n| n.as_str());
    table.column(name).map_err(|_| Error::unknown("column", name, known()))
}

/// Our column as Polars'; what is missing becomes null.
pub fn column_to(name: &str, column: &Column) -> polars::prelude::Column {
    match column.kind() {
        Kind::Boolean => {
            let cells = column.cells().map(|cell| if let Value::Boolean(b) = cell { Some(b) } else { None });
            cells.collect::<BooleanChunked>().with_name(name.into()).into_column()
        }
        Kind::Integer => integers_to(name, column),
        Kind::Float => {
            let cells = column.cells().map(|cell| Some(cell.as_number()).filter(|x| !x.is_nan()));
            cells.collect::<Float64Chunked>().with_name(name.into()).into_column()
        }
        Kind::Text => {
            let cells = column.cells().map(|cell| if let Value::Text(t) = cell { Some(t) } else { None });
            Series::new(name.into(), cells.collect::<Vec<_>>()).into_column()
        }
        Kind::Time => {
            let cells = column.cells().map(|cell| if let Value::Time(t) = cell { Some(t) } else { None });
            let series = Series::new(name.into(), cells.collect::<Vec<Option<i64>>>());
            let zoned = series.cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)));
            zoned.unwrap_or(series).into_column()
        }
        Kind::Vector => {
            let mut lists = ListPrimitiveChunkedBuilder::<polars::prelude::Float64Type>::new(
                name.into(),
                column.len(),
                column.len(),
                DataType::Float64,
            );
            for cell in column.cells() {
                match cell {
                    Value::Vector(values) => lists.append_slice(values),
                    _ => lists.append_null(),
                }
            }
            lists.finish().into_column()
        }
    }
}

/// Signed where that holds all, else unsigned; texts of what 64 bits don't hold.
fn integers_to(name: &str, column: &Column) -> polars::prelude::Column {
    let cells = || column.cells().map(|cell| if let Value::Integer(n) = cell { Some(n) } else { None });
    let fits = |fit: fn(i128) -> bool| cells().flatten().all(fit);
    if fits(|n| i64::try_from(n).is_ok()) {
        let cells = cells().map(|n| n.and_then(|n| i64::try_from(n).ok()));
        return cells.collect::<Int64Chunked>().with_name(name.into()).into_column();
    }
    if fits(|n| u64::try_from(n).is_ok()) {
        let cells = cells().map(|n| n.and_then(|n| u64::try_from(n).ok()));
        return cells.collect::<UInt64Chunked>().with_name(name.into()).into_column();
    }
    Series::new(name.into(), cells().map(|n| n.map(|n| n.to_string())).collect::<Vec<_>>()).into_column()
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::df;

    #[test]
    fn every_type_of_polars_keeps_its_values() {
        let table = df!(
            "small" => [1i8, -2, 3], "large" => [u64::MAX, 0, 1], "id" => [Some(9_007_199_254_740_993i64), None, Some(1)],
            "yes" => [Some(true), None, Some(false)], "x" => [0.5f32, f32::NAN, 2.0], "word" => [Some("a"), None, Some("b")],
        )
        .unwrap();
        let frame = frame_from(&table).unwrap();
        let kinds: Vec<Kind> = frame.columns().iter().map(|(_, column)| column.kind()).collect();
        assert_eq!(kinds, [Kind::Integer, Kind::Integer, Kind::Integer, Kind::Boolean, Kind::Float, Kind::Text]);
        assert_eq!(frame.get("large").unwrap().get(0), Value::Integer(u64::MAX.into()));
        assert_eq!(frame.get("id").unwrap().get(0), Value::Integer(9_007_199_254_740_993));
        assert_eq!(frame.get("yes").unwrap().get(2), Value::Boolean(false));
        assert_eq!(frame.get("x").unwrap().get(1), Value::Null);
        for (name, column) in frame.columns() {
            let again = column_from(&column_to(name, column)).unwrap();
            assert!(again.kind() == column.kind() && again.cells().eq(column.cells()), "{name}: {again:?}");
        }
    }

    #[test]
    fn lists_of_numbers_are_vectors_if_they_are_of_one_length() {
        let lists = |rows: [&[f64]; 2]| {
            let series = rows.map(|row| Series::new("".into(), row));
            Series::new("v".into(), series).into_column()
        };
        let column = column_from(&lists([&[1.0, 2.0], &[3.0, 4.0]])).unwrap();
        assert_eq!((column.kind(), column.get(1)), (Kind::Vector, Value::Vector(&[3.0, 4.0])));
        assert_eq!(column_from(&column_to("v", &column)).unwrap(), column);
        let error = column_from(&lists([&[1.0, 2.0], &[3.0]])).unwrap_err();
        assert!(error.message().contains("column \"v\": row 2: a list of 1 numbers"), "{error}");
    }
}
