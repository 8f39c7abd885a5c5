//! Labels that come late, by prediction id: a class's own name or a number. They lie beside the log in the file `labels`, one
//! line each, which is only appended to; the newest label of a prediction counts.

use super::line_reader::each_line;
use super::reader::Unreadable;
use super::segments::folder;
use crate::error::{Error, Result};
use crate::model::Predicted;
use crate::project::{Name, Project, now_micros, time_text};
use crate::store::{append_lines, sync_dir};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// The labels of a deployment's predictions. An id takes 16 bytes here, a class's name is there once.
#[derive(Debug, Default)]
pub struct LateLabels {
    by_id: HashMap<[u8; 16], Known>,
    classes: Vec<String>,
    class_of: HashMap<String, u32>,
    /// Lines of the file that could not be read.
    pub unreadable: Unreadable,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    Number(f64),
    Class(u32),
}

/// A prediction's label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Label<'a> {
    /// A number.
    Number(f64),
    /// A class, by its own name.
    Class(&'a str),
}

#[derive(Serialize, Deserialize)]
struct LabelLine<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    label: Predicted,
    at: String,
}

fn path(project: &Project, deployment: &Name) -> PathBuf {
    folder(project, deployment).join("labels")
}

impl LateLabels {
    /// Reads the labels of a deployment, once from the beginning to the end.
    pub fn read(project: &Project, deployment: &Name) -> Result<LateLabels> {
        let path = path(project, deployment);
        let mut labels = LateLabels::default();
        if !path.exists() {
            return Ok(labels);
        }
        each_line(&path, |number, line| {
            let line = line.ok_or_else(|| "the line is too long".to_owned());
            match line.and_then(|line| serde_json::from_slice::<LabelLine>(line).map_err(|e| e.to_string())) {
                Ok(line) => drop(labels.insert(&line.id, &line.label)),
                Err(e) => labels.unreadable.note(format_args!("{} line {number}", path.display()), e),
            }
            Ok(ControlFlow::Continue(()))
        })?;
        labels.unreadable.warn();
        Ok(labels)
    }

    /// How many predictions have a label.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none has.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The label of a prediction.
    pub fn get(&self, id: &str) -> Option<Label<'_>> {
        match self.by_id.get(&key(id))? {
            Known::Number(number) => Some(Label::Number(*number)),
            Known::Class(at) => self.classes.get(*at as usize).map(|class| Label::Class(class)),
        }
    }

    /// Gives a prediction a label; whether it had another one or none.
    pub fn insert(&mut self, id: &str, label: &Predicted) -> bool {
        let known = match label {
            Predicted::Number(number) => Known::Number(*number),
            Predicted::Class(class) => Known::Class(self.code(class)),
        };
        self.by_id.insert(key(id), known) != Some(known)
    }

    fn code(&mut self, class: &str) -> u32 {
        if let Some(code) = self.class_of.get(class) {
            return *code;
        }
        let code = self.classes.len() as u32;
        self.classes.push(class.to_owned());
        self.class_of.insert(class.to_owned(), code);
        code
    }
}

/// Appends labels of predictions, durably. Whoever calls holds the lock `labels`.
pub fn append_labels(project: &Project, deployment: &Name, labels: &[(String, Predicted)]) -> Result<()> {
    let at = time_text(now_micros());
    let mut bytes = Vec::new();
    for (id, label) in labels {
        let line = LabelLine { id: Cow::Borrowed(id), label: label.clone(), at: at.clone() };
        serde_json::to_writer(&mut bytes, &line).map_err(|e| Error::invalid(e.to_string()))?;
        bytes.push(b'\n');
    }
    if bytes.is_empty() {
        return Ok(());
    }
    let path = path(project, deployment);
    let is_new = !path.exists();
    let mut file = append_lines(&path)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|e| Error::io("write", &path, e))?;
    if is_new { sync_dir(&folder(project, deployment)) } else { Ok(()) }
}

/// 16 bytes that name an id: so many that no two ids share them.
fn key(id: &str) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..16]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    #[test]
    fn the_newest_label_counts_and_a_damaged_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        project::init(folder.path()).unwrap();
        let project = Project::find(folder.path()).unwrap();
        let name = Name::parse("late").unwrap();
        assert!(LateLabels::read(&project, &name).unwrap().is_empty());
        std::fs::create_dir_all(super::folder(&project, &name)).unwrap();
        let class = |id: &str, class: &str| (id.to_owned(), Predicted::Class(class.to_owned()));
        append_labels(&project, &name, &[class("a", "no"), class("b", "no")]).unwrap();
        append_labels(&project, &name, &[class("a", "yes"), ("c".to_owned(), Predicted::Number(2.5))]).unwrap();
        let mut file = append_lines(&path(&project, &name)).unwrap();
        file.write_all(b"garbage\n{\"id\":\"d\",\"lab").unwrap();
        let mut labels = LateLabels::read(&project, &name).unwrap();
        assert_eq!((labels.get("a"), labels.get("b")), (Some(Label::Class("yes")), Some(Label::Class("no"))));
        assert_eq!((labels.get("c"), labels.get("d"), labels.len()), (Some(Label::Number(2.5)), None, 3));
        assert_eq!(labels.unreadable.lines, 1);
        assert!(labels.unreadable.first.as_ref().unwrap().place.ends_with("labels line 5"), "{:?}", labels.unreadable);
        assert!(!labels.insert("a", &Predicted::Class("yes".to_owned())));
        assert!(labels.insert("a", &Predicted::Class("maybe".to_owned())));
    }
}
