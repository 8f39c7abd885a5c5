//! `completions/` holds what `mlops completions SHELL` prints, for packagers.

use crate::common::{TestProject, hold_equal};

const FILES: [(&str, &str); 5] = [
    ("bash", "mlops.bash"),
    ("zsh", "_mlops"),
    ("fish", "mlops.fish"),
    ("powershell", "_mlops.ps1"),
    ("elvish", "mlops.elv"),
];

#[test]
fn completions_in_the_repository_are_those_of_the_code() {
    let folder = TestProject::empty();
    for (shell, file) in FILES {
        hold_equal(&format!("completions/{file}"), &folder.ok(&["completions", shell]).stdout);
    }
}
