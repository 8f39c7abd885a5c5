//! Which paths of a project can never be data, whoever names them.

/// Why the file or folder at a path relative to the root, with `/` between its parts, can't be data; none if it can.
pub fn reserved(path: &str) -> Option<String> {
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    if let Some(hidden) = parts.clone().find(|part| part.starts_with('.') && *part != "..") {
        return Some(format!("{hidden} is hidden"));
    }
    // What Windows calls `.git` too.
    if let Some(git) = parts.clone().find(|part| part.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("git~")))
    {
        return Some(format!("{git} may be git's own folder"));
    }
    let first =
        parts.next().filter(|first| ["mlops.toml", "mlops.lock"].iter().any(|own| own.eq_ignore_ascii_case(first)));
    first.map(|own| format!("{own} belongs to the project itself"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_parts_and_the_projects_own_files_are_no_data() {
        for path in [
            ".git/hooks/pre-commit",
            "a/.GIT/x",
            ".mlops/x",
            ".env",
            "data/.x.csv",
            "git~1/x",
            "mlops.toml",
            "MLOPS.LOCK",
        ] {
            assert!(reserved(path).is_some(), "{path}");
        }
        for path in ["data/x.csv", "./data", "../x", "a/mlops.toml", "github", "x.git"] {
            assert!(reserved(path).is_none(), "{path}");
        }
    }
}
