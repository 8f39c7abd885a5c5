//! A Parquet file is checked before its pages are read: Polars trusts the numbers in page headers, and ends the process
//! where they are negative or more than the footer says. Only the headers are read, a few bytes a page.

use crate::error::{Error, Result};
use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{ColumnMetaData, FieldRepetitionType, FileMetaData, LogicalType, PageHeader};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Largest header of a page, and memory for a footer in multiples of its length.
const HEADER: usize = 1 << 24;
const FOOTER: usize = 256;

/// Refuses a file whose page headers contradict its footer, whose footer can't be read, or that has a type Polars is built
/// without. One that does not end as a
/// Parquet file does is left to Polars, which refuses it well.
pub(super) fn check(file: File) -> Result<()> {
    let mut reader = BufReader::with_capacity(1 << 12, file);
    let Some((bytes, pages_end)) = footer(&mut reader) else { return Ok(()) };
    let mut protocol = TCompactInputProtocol::new(bytes.as_slice(), bytes.len().saturating_mul(FOOTER));
    let meta = FileMetaData::read_from_in_protocol(&mut protocol);
    let meta = meta.map_err(|e| Error::invalid(format!("its footer can't be read: {e}")))?;
    if let Some(half) = meta.schema.iter().find(|e| matches!(e.logical_type, Some(LogicalType::FLOAT16(_)))) {
        let what = format!("column \"{}\" has 16-bit floats, which are not read", half.name);
        return Err(Error::invalid(what).hint("write it as 32-bit floats: in pandas astype(\"float32\")"));
    }
    let repeated = meta.schema.iter().any(|e| e.repetition_type == Some(FieldRepetitionType::REPEATED));
    let rows = meta.row_groups.iter().try_fold(0i64, |sum, group| sum.checked_add(count(group.num_rows)?));
    if rows.is_none_or(|rows| rows != meta.num_rows) {
        return Err(Error::invalid("its footer contradicts itself in the number of rows"));
    }
    for group in &meta.row_groups {
        for column in group.columns.iter().filter_map(|column| column.meta_data.as_ref()) {
            let flat = !repeated && column.path_in_schema.len() == 1;
            let sound =
                (!flat || column.num_values == group.num_rows) && pages(&mut reader, column, pages_end).is_some();
            if !sound {
                let name = column.path_in_schema.join(".");
                return Err(Error::invalid(format!("the pages of column \"{name}\" contradict the footer")));
            }
        }
    }
    Ok(())
}

fn count(number: i64) -> Option<i64> {
    (number >= 0).then_some(number)
}

/// The footer's bytes, and where the pages end.
fn footer(reader: &mut BufReader<File>) -> Option<(Vec<u8>, u64)> {
    let end = reader.seek(SeekFrom::End(-8)).ok()?;
    let mut tail = [0u8; 8];
    reader.read_exact(&mut tail).ok()?;
    let [a, b, c, d, magic @ ..] = tail;
    let length = u32::from_le_bytes([a, b, c, d]);
    let start = end.checked_sub(u64::from(length)).filter(|_| magic == *b"PAR1")?;
    reader.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = vec![0; length as usize];
    reader.read_exact(&mut bytes).ok()?;
    Some((bytes, start))
}

/// Walks a column's pages; none if they are not what the footer says.
fn pages(reader: &mut BufReader<File>, column: &ColumnMetaData, pages_end: u64) -> Option<()> {
    // Polars begins at the dictionary's offset, whatever it says.
    let mut at = u64::try_from(column.dictionary_page_offset.unwrap_or(column.data_page_offset)).ok()?;
    let end = at.checked_add(u64::try_from(column.total_compressed_size).ok()?).filter(|end| *end <= pages_end)?;
    let mut seen = 0i64;
    while seen < column.num_values {
        let here = reader.stream_position().ok()?;
        reader.seek_relative(i64::try_from(at).ok()?.checked_sub(i64::try_from(here).ok()?)?).ok()?;
        let header = PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut *reader, HEADER)).ok()?;
        u32::try_from(header.uncompressed_page_size).ok()?;
        let size = u64::try_from(header.compressed_page_size).ok()?;
        at = reader.stream_position().ok()?.checked_add(size).filter(|at| *at <= end)?;
        if let Some(dictionary) = &header.dictionary_page_header {
            u32::try_from(dictionary.num_values).ok()?;
        }
        let values = match (&header.data_page_header, &header.data_page_header_v2) {
            (Some(page), _) => page.num_values,
            (None, Some(page)) => {
                let levels = [page.definition_levels_byte_length, page.repetition_levels_byte_length];
                let used = levels.iter().try_fold(0u64, |sum, n| Some(sum + u64::try_from(*n).ok()?))?;
                let counts = 0..=page.num_values;
                (used <= size && counts.contains(&page.num_nulls) && counts.contains(&page.num_rows))
                    .then_some(page.num_values)?
            }
            (None, None) => 0,
        };
        seen = seen.checked_add(count(values.into())?)?;
    }
    (seen == column.num_values).then_some(())
}
