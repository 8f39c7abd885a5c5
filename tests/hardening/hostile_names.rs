//! Names, paths and links as the world sends them: each is refused with what is wrong with it and a hint, and leaves
//! the disk as it was; nothing is ever read or written outside the project.

#![cfg(unix)]

use crate::common::loans::{self, asked};
use crate::common::server::Server;
use crate::common::{Output, TestProject};
use std::os::unix::fs::symlink;

const MORE: &str = r#"
[serve.front]
model = "late@champion"

[monitor.late]
performance = { metric = "auc", min = 0.1 }

[retrain.late]
train = "late"
model = "late"
monitor = "late"
holdout = "2d"
"#;

/// The story with one of everything that has a name.
fn story() -> TestProject {
    let project = loans::project_with(MORE);
    let server = Server::start(&project, &["late"]);
    server.predict(&asked(&loans::loans(0..3, usize::MAX)));
    server.stop_clean();
    project
}

#[test]
fn unknown_names_are_refused_by_every_command() {
    let project = story();
    for line in [
        "data add nosuch",
        "data add nosuch.csv",
        "data add nosuch/*.csv",
        "data checkout nosuch",
        "data checkout nosuch@1",
        "data checkout loans@nosuch",
        "data log nosuch",
        "data diff nosuch@1",
        "data diff loans@1 nosuch@1",
        "data diff loans@1 loans@1 --keys nosuch",
        "data validate nosuch",
        "data status nosuch",
        "feature materialize nosuch",
        "feature join nosuch",
        "feature join late --input nosuch.csv --output x.csv",
        "feature get nosuch shop=north",
        "feature get sales nosuch=north",
        "run train nosuch",
        "run show nosuch",
        "run compare late nosuch",
        "run list --recipe nosuch",
        "run list --sort nosuch",
        "model register nosuch late",
        "model show nosuch",
        "model show late@nosuch",
        "model list nosuch",
        "model alias nosuch champion late@1",
        "model alias late champion nosuch",
        "model alias late nosuch --delete",
        "model predict nosuch --input loans.csv",
        "model predict late --input nosuch.csv",
        "model predict late --input nosuch",
        "serve nosuch --port 0",
        "serve late@nosuch --port 0",
        "monitor drift nosuch",
        "monitor performance nosuch",
        "monitor report nosuch",
        "monitor labels nosuch --input loans.csv",
        "monitor labels late --input nosuch.csv",
        "monitor labels late --input loans.csv --key nosuch",
        "monitor labels late --input loans.csv --id nosuch",
        "monitor drift --reference nosuch --current loans.csv",
        "monitor drift --reference loans.csv --current nosuch.csv",
        "monitor drift --reference loans --current loans.csv --columns nosuch",
        "monitor drift --reference loans --current loans.csv --test nosuch=ks",
        "monitor drift --reference loans --current loans.csv --test amount=nosuch",
        "retrain nosuch",
        "lineage nosuch",
        "lineage nosuch@1",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        project.refuses(2, &args).says(&["nosuch"]);
    }
    for line in ["data checkout loans@9", "model show late@9", "model predict late@9 --input loans.csv", "serve late@9"]
    {
        project.refuses(2, &line.split(' ').collect::<Vec<_>>()).says(&["@9", "1"]);
    }
    for line in ["lineage ffffffffffffffff-0", "model show ffffffffffff", "data checkout ffffffffffff"] {
        project.refuses(2, &line.split(' ').collect::<Vec<_>>()).says(&["ffffffffffff"]);
    }
}

/// What is no name, whatever it is a name of.
fn no_names() -> Vec<String> {
    let mut bad: Vec<String> = [
        "a/b",
        "../up",
        "/etc/passwd",
        "a\\b",
        "a\nb",
        "..",
        ".",
        ".hidden",
        "a..b",
        "Upper",
        "ü",
        "a b",
        "a\u{0}b",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    bad.extend(["n".repeat(101), "n".repeat(255), "n".repeat(5000)]);
    bad
}

#[test]
fn names_that_are_paths_or_lines_or_too_long_are_refused_by_every_command() {
    let project = story();
    for bad in no_names().into_iter().filter(|bad| !bad.contains('\0')) {
        for args in [
            &["model", "register", "late", &bad][..],
            &["model", "alias", "late", &bad, "late@1"],
            &["model", "alias", &bad, "champion", "late@1"],
            &["serve", "late", "--name", &bad, "--port", "0"],
            &["serve", &bad, "--port", "0"],
            &["run", "train", &bad],
            &["feature", "join", &bad],
            &["feature", "materialize", &bad],
            &["feature", "get", &bad, "shop=north"],
            &["data", "log", &bad],
            &["data", "checkout", &bad],
            &["data", "validate", &bad],
            &["monitor", "drift", &bad],
            &["monitor", "labels", &bad, "--input", "loans.csv"],
            &["monitor", "performance", &bad],
            &["monitor", "report", &bad],
            &["retrain", &bad],
            &["model", "show", &bad],
            &["model", "list", &bad],
        ] {
            let said = project.refuses(2, args);
            assert!(said.stderr.len() < 2 * bad.len() + 1000, "a message is for people: {said}");
        }
    }
}

#[test]
fn names_in_the_definitions_that_are_no_names_are_refused_with_their_line() {
    let project = TestProject::new();
    for table in ["data", "entity", "feature", "set", "train", "serve", "monitor", "retrain"] {
        for bad in no_names() {
            let quoted = serde_json::to_string(&bad).unwrap();
            project.define(&format!("[{table}.{quoted}]\n"));
            project.refuses(2, &["status"]).says(&["mlops.toml line", "is not a name"]);
        }
    }
}

#[test]
fn two_cases_of_one_name_are_two_files_and_never_one_dataset() {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    let files = ["A.csv", "a.csv", "Sub/x", "sub/x"];
    files.iter().for_each(|name| project.write(&format!("tree/{name}"), format!("x\n{name}\n")));
    let before = project.files("tree");
    assert_eq!(before.len(), 4);
    project.ok(&["data", "add"]);
    project.remove("tree");
    project.ok(&["data", "checkout"]);
    assert_eq!(project.files("tree"), before);
    project.write("Twin.csv", "x\n1\n");
    project.write("twin.csv", "x\n2\n");
    project.ok(&["data", "add", "Twin.csv"]);
    project.refuses(2, &["data", "add", "twin.csv"]).says(&["\"twin\"", "another path"]);
    assert!(project.read("mlops.toml").contains("path = \"Twin.csv\""));
}

#[test]
fn file_names_of_every_kind_come_back_as_they_were() {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    let long = "n".repeat(255);
    let names = [
        &long,
        "a\nb.csv",
        " leading and trailing ",
        "quote\"s'.csv",
        "-dash",
        "--",
        "ü\u{301}",
        "%2e%2e",
        "a;b|c&d",
        "*?[x]{y}",
        "~",
        "CON",
        "tab\t",
        "\u{7f}",
        "x.csv.",
        "deep/er/and/deep/er/file",
    ];
    names.iter().for_each(|name| project.write(&format!("tree/{name}"), *name));
    let before = project.files("tree");
    assert_eq!(before.len(), names.len());
    // What would be another path on another system is refused.
    project.write("tree/back\\slash", "x");
    project.refuses(2, &["data", "add"]).says(&["\"back\\\\slash\"", "rename the file"]);
    project.remove("tree/back\\slash");
    project.ok(&["data", "add"]);
    assert_eq!(project.json(&["data", "status"])["clean"], true);
    project.remove("tree");
    project.ok(&["data", "checkout"]);
    assert_eq!(project.files("tree"), before);
    assert_eq!(project.json(&["data", "status"])["clean"], true);
    project.ok(&["fsck"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    project.write("tree/a", "a");
    std::fs::write(project.path("tree").join(std::ffi::OsStr::from_bytes(b"caf\xe9.csv")), "x").unwrap();
    project.refuses(2, &["data", "add"]).says(&["caf", "not UTF-8", "rename"]);
}

/// A project, and beside it a folder with a secret.
fn beside_a_secret() -> TestProject {
    let project = TestProject::new();
    std::fs::create_dir(project.path("../outside")).unwrap();
    std::fs::write(project.path("../outside/secret.csv"), "x\n1\n").unwrap();
    project
}

/// Nothing outside was changed, and nothing of it is in the store.
fn secret_is_safe(project: &TestProject) {
    let outside: Vec<_> =
        std::fs::read_dir(project.path("../outside")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(outside, ["secret.csv"]);
    assert_eq!(std::fs::read(project.path("../outside/secret.csv")).unwrap(), b"x\n1\n");
    assert!(!project.blob(b"x\n1\n").exists(), "the secret is in the store");
}

#[test]
fn paths_that_leave_the_project_are_refused() {
    let project = beside_a_secret();
    let absolute = project.path("../outside/secret.csv").canonicalize().unwrap().display().to_string();
    project.write("inside.csv", "x\n2\n");
    for path in [
        "../outside/secret.csv",
        "../outside",
        "../outside/*.csv",
        "./a/../../outside/secret.csv",
        "inside.csv/../../outside/secret.csv",
        "..",
        "/",
        "/etc/passwd",
        "/etc/*.conf",
        &absolute,
        "../trial2",
        ".mlops/ledger.db",
        ".mlops",
        ".mlops/*",
        "x/../.mlops/ledger.db",
        ".git/config",
    ] {
        project.refuses(2, &["data", "add", path]);
        let quoted = serde_json::to_string(path).unwrap();
        project.define(&format!("[data.d]\npath = {quoted}\n"));
        for args in [&["data", "add", "d"][..], &["data", "add"], &["data", "status"], &["status"]] {
            let output = project.run(args);
            assert!([0, 2].contains(&output.code) && !output.stderr.contains("panicked"), "{path} {args:?}\n{output}");
        }
        project.refuses(2, &["data", "add", "d"]);
        project.define("");
    }
    for path in ["", ".", "./", "a\u{0}b"] {
        let quoted = serde_json::to_string(path).unwrap();
        project.define(&format!("[data.d]\npath = {quoted}\n"));
        project.refuses(2, &["data", "add", "d"]);
    }
    secret_is_safe(&project);
}

#[test]
fn links_out_of_the_project_are_refused_wherever_they_stand() {
    let project = beside_a_secret();
    let outside = project.path("../outside").canonicalize().unwrap();
    let link = |to: &std::path::Path, name: &str| {
        std::fs::create_dir_all(project.path(name).parent().unwrap()).unwrap();
        symlink(to, project.path(name)).unwrap();
    };
    link(&outside.join("secret.csv"), "link.csv");
    link(std::path::Path::new("link.csv"), "chain.csv");
    link(&outside, "folder");
    link(&outside, "tree/deep/folder");
    link(std::path::Path::new("../../outside/secret.csv"), "tree2/relative.csv");
    project.write("tree/a.csv", "x\n3\n");
    for path in [
        "link.csv",
        "chain.csv",
        "folder",
        "folder/secret.csv",
        "tree",
        "tree/deep/folder/secret.csv",
        "tree2",
        "tree2/*.csv",
    ] {
        project.refuses(2, &["data", "add", path]).says(&["out of the project", "link"]);
    }
    secret_is_safe(&project);
}

#[test]
fn a_pattern_through_a_link_out_of_the_project_is_refused() {
    let project = beside_a_secret();
    symlink(project.path("../outside"), project.path("folder")).unwrap();
    project.refuses(2, &["data", "add", "folder/*.csv"]).says(&["out of the project", "link"]);
    secret_is_safe(&project);
}

#[test]
fn links_in_circles_and_to_nothing_end_in_an_answer() {
    let project = TestProject::new();
    project.write("tree/a.csv", "x\n1\n");
    symlink("loop", project.path("tree/loop")).unwrap();
    symlink("..", project.path("tree/up")).unwrap();
    symlink("nowhere", project.path("tree/dangling")).unwrap();
    project.refuses(2, &["data", "add", "tree"]).says(&["links to"]);
    for path in ["tree/loop", "tree/dangling"] {
        project.refuses(2, &["data", "add", path]).says(&["links to", "which is not there"]);
    }
    project.define("[data.tree]\npath = \"tree\"\n");
    project.refuses(2, &["data", "add"]).says(&["links to"]);
    project.ok(&["status"]);
    std::fs::remove_file(project.path("tree/loop")).unwrap();
    std::fs::remove_file(project.path("tree/dangling")).unwrap();
    project.refuses(2, &["data", "add", "tree"]).says(&["tree/up links to the folder ..", "are not"]);
    std::fs::remove_file(project.path("tree/up")).unwrap();
    assert_eq!(project.json(&["data", "add", "tree"])["datasets"][0]["files"], 1);
}

#[test]
fn what_is_no_file_is_passed_over_and_never_waited_for() {
    let project = TestProject::new();
    project.write("tree/a.csv", "x\n1\n");
    for name in ["pipe", "tree/pipe"] {
        assert!(std::process::Command::new("mkfifo").arg(project.path(name)).status().unwrap().success());
    }
    let _socket = std::os::unix::net::UnixListener::bind(project.path("tree/socket")).unwrap();
    assert_eq!(project.json(&["data", "add", "tree"])["datasets"][0]["files"], 1);
    project.refuses(2, &["data", "add", "pipe"]);
    project.refuses(2, &["monitor", "drift", "--reference", "pipe", "--current", "tree/a.csv"]);
}

/// A checkout of a tree in which something was replaced by a link that leads out.
fn checked_out_through(replace: impl Fn(&TestProject, &std::path::Path)) -> (TestProject, Vec<Output>) {
    let project = beside_a_secret();
    let outside = project.path("../outside").canonicalize().unwrap();
    project.define("[data.tree]\npath = \"tree\"\n[data.one]\npath = \"sub/secret.csv\"\n");
    project.write("tree/secret.csv", "x\n4\n");
    project.write("tree/deep/secret.csv", "x\n5\n");
    project.write("sub/secret.csv", "x\n6\n");
    project.ok(&["data", "add"]);
    replace(&project, &outside);
    let outputs =
        Vec::from([&["data", "checkout"][..], &["data", "checkout", "--force"]].map(|args| project.run(args)));
    for output in &outputs {
        assert!([0, 2].contains(&output.code) && !output.stderr.contains("panicked"), "{output}");
        assert!(output.code == 0 || output.stderr.contains("hint: "), "{output}");
    }
    secret_is_safe(&project);
    (project, outputs)
}

#[test]
fn checkout_never_writes_through_a_link() {
    checked_out_through(|project, outside| {
        project.remove("tree/secret.csv");
        symlink(outside.join("secret.csv"), project.path("tree/secret.csv")).unwrap();
    });
    checked_out_through(|project, outside| {
        project.remove("tree/deep");
        symlink(outside, project.path("tree/deep")).unwrap();
    });
    checked_out_through(|project, outside| {
        project.remove("tree");
        symlink(outside, project.path("tree")).unwrap();
    });
    checked_out_through(|project, outside| {
        project.remove("sub");
        symlink(outside, project.path("sub")).unwrap();
    });
    // The file is not there outside, so that nothing but the folder tells.
    let (project, outputs) = checked_out_through(|project, outside| {
        project.remove("sub");
        let empty = outside.parent().unwrap().join("empty");
        std::fs::create_dir(&empty).unwrap();
        symlink(&empty, project.path("sub")).unwrap();
    });
    assert_eq!(std::fs::read_dir(project.path("../empty")).unwrap().count(), 0, "written outside\n{}", outputs[0]);
    assert!(outputs.iter().all(|o| o.code == 2 && o.stderr.contains("out of the project")), "{}", outputs[0]);
}
