//! `docs/man/` holds a page of the manual for each command, made of the same texts as its help.

use crate::common::hold_equal;
use clap_mangen::Man;
use std::collections::BTreeSet;
use std::path::Path;

/// Writes the pages of a command and of those below it; their names.
fn pages(command: &clap::Command, name: &str, written: &mut BTreeSet<String>) {
    let title = name.to_uppercase();
    let mut page = Vec::new();
    let own = command.clone().disable_help_subcommand(true).display_name(name.to_owned());
    Man::new(own).title(title).date("").manual("mlops").render(&mut page).unwrap();
    let file = format!("{name}.1");
    let page = String::from_utf8(page).unwrap().replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n");
    hold_equal(&format!("docs/man/{file}"), &page);
    written.insert(file);
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" || name == "mlops") {
        pages(inner, &format!("{name}-{}", inner.get_name()), written);
    }
}

#[test]
fn manual_pages_are_those_of_the_code() {
    let mut tree = mlops::cli::tree();
    tree.build();
    let mut written = BTreeSet::new();
    pages(&tree, "mlops", &mut written);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/man");
    let there = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(there.collect::<BTreeSet<_>>(), written, "a page of a command that is gone");
}
