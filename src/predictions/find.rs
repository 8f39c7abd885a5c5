//! One prediction by its id. The id begins with the server that gave it, so only that server's segments are looked at.

use super::line_reader::each_line;
use super::record::Record;
use super::segments::{deployments, segments};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::store::Hash;
use std::ops::ControlFlow;

/// Where a prediction came from.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedPrediction {
    /// Its id.
    pub id: String,
    /// The deployment.
    pub deployment: String,
    /// The bundle that answered.
    pub model: Hash,
}

/// The prediction with this id, or the first row of the request with this id.
pub fn find(project: &Project, id: &str) -> Result<Option<LoggedPrediction>> {
    let plausible = id.len() >= 16 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if !plausible {
        return Ok(None);
    }
    let row = if id.contains('-') { id.to_owned() } else { format!("{id}-0") };
    let wanted = format!("{{\"id\":\"{row}\"");
    let mut found = None;
    for deployment in deployments(project)? {
        let all = segments(project, &deployment)?;
        for segment in all.iter().filter(|segment| segment.server == id[..16]) {
            each_line(&segment.path, |number, line| {
                let Some(line) = line.filter(|line| line.starts_with(wanted.as_bytes())) else {
                    return Ok(ControlFlow::Continue(()));
                };
                let record: Record = serde_json::from_slice(line).map_err(|e| {
                    Error::corrupt(format!("{} line {number}: {e}", segment.path.display()))
                        .hint("the line is damaged; remove it to go on without it")
                })?;
                let deployment = record.deployment.into_owned();
                found = Some(LoggedPrediction { id: record.id.into_owned(), deployment, model: record.hash });
                Ok(ControlFlow::Break(()))
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}
