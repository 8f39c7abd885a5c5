//! What a new dataset's files show of how they are written, for `mlops.toml` to say: then files that come later are read the same,
//! also where they alone would not show it. `1.234` is no number where the comma stands before decimals.

use super::blocks::Blocks;
use super::form::KnownForm;
use super::scan::{CsvFile, check_block, scan};
use super::separator::separator;
use super::words::decimal_comma;
use crate::data::table_files::TableFile;
use crate::error::Result;

const COMMA: u8 = b',';

/// What is not as usual: another separator than the comma, a comma before decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::data) struct Recognised {
    /// The character between the cells, if it is no comma.
    pub separator: Option<char>,
    /// The character before decimals, if it is a comma.
    pub decimal: Option<char>,
}

/// Looks at the files of a dataset. Nothing is recognised where they differ, or can't be read: whoever reads them says why.
pub(in crate::data) fn recognise(files: &[TableFile]) -> Recognised {
    looked_at(files).unwrap_or_default()
}

fn looked_at(files: &[TableFile]) -> Result<Recognised> {
    let plain = KnownForm::default();
    let Some(first) = files.first() else { return Ok(Recognised::default()) };
    let head = Blocks::new(first.content.open()?, plain.quote).next()?.unwrap_or_default();
    // Most files have commas between cells and points before decimals, and need no more than this look.
    let between = separator(&String::from_utf8_lossy(&head), plain.quote)?;
    if between == COMMA && !decimal_comma(check_block(&head, &plain, plain.marks(between), None).looks.into_iter()) {
        return Ok(Recognised::default());
    }
    let mut found = files.iter().map(|file| scan(file.content.open()?, &plain)).collect::<Result<Vec<CsvFile>>>()?;
    CsvFile::agree(&mut found)?;
    let separator = found.first().map_or(COMMA, |file| file.separator);
    if found.iter().any(|file| file.separator != separator) {
        return Ok(Recognised::default());
    }
    Ok(Recognised {
        separator: (separator != COMMA).then_some(char::from(separator)),
        decimal: found.iter().any(|file| file.decimal_comma).then_some(char::from(COMMA)),
    })
}
