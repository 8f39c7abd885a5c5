//! Runs of the binary in which the file system or the clock is not as it should be: see `tests/faults/faults.c`.

use super::{Output, TestProject};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The library with the faults, built by the C compiler that the build needs anyway.
static FAULTS: LazyLock<PathBuf> = LazyLock::new(|| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/faults.c");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.so", std::process::id()));
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut command = Command::new(compiler);
    command.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl");
    assert!(command.status().expect("a C compiler").success());
    library
});

/// The command with faults, not yet started.
pub fn faulty_command(project: &TestProject, args: &[&str], faults: &[(&str, &str)]) -> Command {
    let mut command = project.command(args);
    command.env("LD_PRELOAD", FAULTS.as_path()).envs(faults.iter().copied());
    command
}

/// Runs the command with faults.
pub fn faulty(project: &TestProject, args: &[&str], faults: &[(&str, &str)]) -> Output {
    Output::of(&mut faulty_command(project, args, faults))
}
