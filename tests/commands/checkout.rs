//! `mlops data checkout`: what it never destroys, and that it happens as a whole or not at all.

use crate::common::TestProject;

/// A folder with two versions; the second one is there.
fn two_versions() -> TestProject {
    let project = TestProject::with("[data.tree]\npath = \"tree\"\n");
    for at in 0..6 {
        project.write(&format!("tree/a{at}.csv"), format!("x\n{at}\n"));
    }
    project.ok(&["data", "add"]);
    for at in 0..6 {
        project.remove(&format!("tree/a{at}.csv"));
        project.write(&format!("tree/b{at}.csv"), format!("x\n1{at}\n"));
    }
    project.ok(&["data", "add"]);
    project
}

fn damage(project: &TestProject, content: &str) {
    let blob = project.blob(content.as_bytes());
    std::fs::remove_file(&blob).unwrap();
    std::fs::write(blob, content.replace('1', "7")).unwrap();
}

#[test]
fn content_that_only_a_failed_add_has_stored_is_not_held_by_a_version() {
    let project = TestProject::with(
        "[data.a]\npath = \"a.csv\"\n\n[data.b]\npath = \"b.csv\"\nexpect = [{ column = \"x\", between = [0, 9] }]\n",
    );
    project.write("a.csv", "x\n1\n");
    project.write("b.csv", "x\n1\n");
    project.ok(&["data", "add"]);
    project.write("a.csv", "x\n2\n");
    project.write("b.csv", "x\n99\n");
    project.fails(1, &["data", "add"]);
    project.refuses(2, &["data", "checkout", "a@1"]).says(&["a.csv has local changes that no version holds"]);
    assert_eq!(project.read("a.csv"), "x\n2\n");
}

#[test]
fn the_only_sound_copy_is_not_replaced_and_adding_mends_the_store() {
    let project = two_versions();
    damage(&project, "x\n11\n");
    project.refuses(3, &["data", "checkout", "tree@1"]).says(&["damaged or missing in .mlops", "mlops fsck"]);
    // The file is read anew, and its content put in the place of the damaged one.
    project.write("tree/b1.csv", "x\n11\n");
    project.ok(&["data", "add"]);
    project.ok(&["fsck"]);
    project.ok(&["data", "checkout", "tree@1"]);
    assert_eq!(project.files("tree").len(), 6);
    // A blob that lost its end is seen although the file is remembered.
    project.ok(&["data", "checkout", "tree@2"]);
    let blob = project.blob(b"x\n12\n");
    std::fs::remove_file(&blob).unwrap();
    std::fs::write(&blob, "x").unwrap();
    project.ok(&["data", "add"]);
    project.ok(&["fsck"]);
}

#[test]
fn a_version_with_a_damaged_content_changes_nothing() {
    let project = two_versions();
    damage(&project, "x\n1\n");
    for args in [&["data", "checkout", "tree@1"][..], &["data", "checkout", "tree@1", "--force"]] {
        project.refuses(3, args).says(&["damaged"]);
        assert!(project.files("tree").keys().all(|name| name.starts_with('b')), "{:?}", project.files("tree"));
    }
}

#[test]
fn versions_that_contradict_each_other_are_refused() {
    let project = two_versions();
    let before = project.files("tree");
    project.refuses(2, &["data", "checkout", "tree@1", "tree@2"]).says(&["tree@1 and tree@2 can't both"]);
    assert_eq!(project.files("tree"), before);
    project.ok(&["data", "checkout", "tree@1", "tree@1"]);
    assert!(project.files("tree").keys().all(|name| name.starts_with('a')));

    let project = TestProject::with("[data.all]\npath = \"data\"\n\n[data.part]\npath = \"data/sub\"\n");
    project.write("data/a.csv", "x\n1\n");
    project.write("data/sub/b.csv", "x\n1\n");
    project.ok(&["data", "add"]);
    project.write("data/sub/c.csv", "x\n2\n");
    project.remove("data/sub/b.csv");
    project.ok(&["data", "add"]);
    for args in [["data", "checkout", "all@1", "part@2"], ["data", "checkout", "all@2", "part@1"]] {
        project.refuses(2, &args).says(&["do not agree on", "sub/"]);
    }
    project.ok(&["data", "checkout", "all@1", "part@1"]);
    assert_eq!(project.files("data").into_keys().collect::<Vec<_>>(), ["a.csv", "sub/b.csv"]);
    project.ok(&["data", "checkout", "all@2", "part@2"]);
    assert_eq!(project.files("data").into_keys().collect::<Vec<_>>(), ["a.csv", "sub/c.csv"]);
}

#[test]
#[cfg(unix)]
fn checkout_with_force_too_leaves_what_lies_in_the_way_and_names_it() {
    let project = TestProject::with("[data.d]\npath = \"d\"\n");
    project.write("d/a.csv", "x\n1\n");
    project.write("d/b.csv", "x\n2\n");
    project.ok(&["data", "add"]);
    project.remove("d/a.csv");
    project.write("d/a.csv/.mine/note", "kept");
    project.write("d/b.csv", "x\n3\n");
    project
        .refuses(2, &["data", "checkout", "--force"])
        .says(&["d/a.csv is a folder that holds .mine/note", "move it away"]);
    std::fs::remove_dir_all(project.path("d/a.csv")).unwrap();
    std::fs::create_dir_all(project.path("d/a.csv/empty/folders")).unwrap();
    project.ok(&["data", "checkout", "--force"]);
    assert_eq!((project.read("d/a.csv").as_str(), project.read("d/b.csv").as_str()), ("x\n1\n", "x\n2\n"));

    let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, project.path(at)).unwrap();
    project.remove("d/a.csv");
    link("/nowhere/a", "d/a.csv");
    project.fails(2, &["data", "checkout"]).says(&["a.csv is a link, and no version holds", "--force"]);
    project.ok(&["data", "checkout", "--force"]);
    assert!(!project.path("d/a.csv").is_symlink());
    std::fs::remove_dir_all(project.path("d")).unwrap();
    link("/nowhere/d", "d");
    project.fails(2, &["data", "checkout"]).says(&["d is a link to nothing", "move it away"]);
    std::fs::remove_file(project.path("d")).unwrap();
    project.write("d", "a file");
    project.fails(2, &["data", "checkout", "--force"]).says(&["d is a file, and a folder is to be there"]);
    assert_eq!(project.read("d"), "a file");
}
