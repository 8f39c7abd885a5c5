//! The `mlops` binary: parse, dispatch, print the error, exit code.

fn main() -> std::process::ExitCode {
    mlops::cli::main()
}
