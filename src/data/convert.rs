//! Columns between Polars and memory, both ways.

use super::frame::{Column, Frame, Value};
use super::guard::from_polars;
use crate::error::{Error, Result};
use polars::prelude::{DataFrame, DataType, Float64Chunked, IntoColumn, NamedFrom, Series, TimeUnit, TimeZone};

/// A Polars table as a frame of all its columns.
pub fn frame_from(table: &DataFrame) -> Result<Frame> {
    let columns = table.columns().iter().map(|c| Ok((c.name().to_string(), column_from(c)?))).collect::<Result<_>>()?;
    Frame::new(columns)
}

/// A Polars column as ours: integers, floats and booleans are numbers, dates and times are instants.
pub fn column_from(column: &polars::prelude::Column) -> Result<Column> {
    let dtype = column.dtype().clone();
    match &dtype {
        DataType::String => {
            let texts = column.str().map_err(from_polars)?;
            Ok(Column::texts(texts.iter()))
        }
        DataType::Categorical(..) | DataType::Enum(..) => {
            column_from(&column.cast(&DataType::String).map_err(from_polars)?)
        }
        DataType::Datetime(..) | DataType::Date => {
            let micros = column.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).map_err(from_polars)?;
            let raw = micros.cast(&DataType::Int64).map_err(from_polars)?;
            let times = raw.i64().map_err(from_polars)?;
            Ok(Column::Time(times.iter().map(|t| t.unwrap_or(Column::NO_TIME)).collect()))
        }
        DataType::Null => Ok(Column::Number(vec![f64::NAN; column.len()])),
        other if other.is_primitive_numeric() || other.is_decimal() || *other == DataType::Boolean => {
            let cast = column.cast(&DataType::Float64).map_err(from_polars)?;
            let numbers = cast.f64().map_err(from_polars)?;
            Ok(Column::Number(numbers.iter().map(|x| x.unwrap_or(f64::NAN)).collect()))
        }
        other => Err(Error::invalid(format!("column \"{}\" is of type {other}, which is no feature", column.name()))
            .hint("leave it out, or make numbers, texts or times of it in a query")),
    }
}

/// The column of a table called `name`, or an error that offers the nearest.
pub fn column_named<'a>(table: &'a DataFrame, name: &str) -> Result<&'a polars::prelude::Column> {
    let known = || table.get_column_names().into_iter().map(|n| n.as_str());
    table.column(name).map_err(|_| Error::unknown("column", name, known()))
}

/// Our column as Polars'; NaN and the marks of missing values become null.
pub fn column_to(name: &str, column: &Column) -> polars::prelude::Column {
    match column {
        Column::Number(v) => {
            let cells = v.iter().map(|x| (!x.is_nan()).then_some(*x));
            cells.collect::<Float64Chunked>().with_name(name.into()).into_column()
        }
        Column::Text(..) => {
            let cells = (0..column.len()).map(|row| match column.get(row) {
                Value::Text(t) => Some(t),
                _ => None,
            });
            Series::new(name.into(), cells.collect::<Vec<_>>()).into_column()
        }
        Column::Time(v) => {
            let cells: Vec<Option<i64>> = v.iter().map(|t| (*t != Column::NO_TIME).then_some(*t)).collect();
            let series = Series::new(name.into(), cells);
            let zoned = series.cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)));
            zoned.unwrap_or(series).into_column()
        }
    }
}
