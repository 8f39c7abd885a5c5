//! From the process's arguments to its exit code: reads them, carries the command out, logs it, reports an error.

use super::command::Cli;
use super::completions::answer_shell;
use super::ui::{Color, INTERRUPTED, Ui, exit_code};
use super::{Context, Outcome};
use crate::error::{Error, ErrorKind, Result};
use crate::project::{GitRepository, Project, git_user};
use clap::Parser;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Runs the program.
pub fn main() -> ExitCode {
    if answer_shell() {
        return ExitCode::SUCCESS;
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return usage(&e),
    };
    let context = match context(&cli) {
        Ok(context) => context,
        Err(e) => {
            Ui::new(cli.json, cli.quiet, cli.color).error(&e);
            return ExitCode::from(exit_code(&e));
        }
    };
    // A second Ctrl-C ends at once; nothing is left half-written.
    let (json, quiet, color) = (cli.json, cli.quiet, cli.color);
    let _ = ctrlc::set_handler(move || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        std::thread::spawn(move || end_if_polars_goes_on(&Ui::new(json, quiet, color)));
    });
    survive_file_size_limit();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::data::inside_polars() {
            report(panic);
        }
    }));
    let place = cli.command.writes().then(|| cli.command.place(&context.folder));
    let result = cli.command.run(&context);
    if let Some(place) = place {
        record(&place, &result);
    }
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::CheckFailed) => ExitCode::from(1),
        Err(e) => {
            context.ui.error(&e);
            ExitCode::from(exit_code(&e))
        }
    }
}

/// A write beyond `ulimit -f` fails like one on a full disk, instead of ending the process by a signal without a word.
fn survive_file_size_limit() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(libc::SIGXFSZ, std::sync::Arc::default());
}

/// Ends the process once a call of Polars has gone on for this long after Ctrl-C.
const POLARS_MAY_GO_ON: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(100);

/// Our own work looks for Ctrl-C between its steps. A query of Polars, from planning to its last row, is one step and can take
/// minutes; what it reads and makes lies in memory alone, so the process may end in the middle of it.
fn end_if_polars_goes_on(ui: &Ui) {
    let mut inside = Duration::ZERO;
    loop {
        std::thread::sleep(POLL);
        inside = if crate::data::inside_polars() { inside + POLL } else { Duration::ZERO };
        if inside >= POLARS_MAY_GO_ON {
            let error = Error::interrupted();
            ui.error(&error);
            std::process::exit(i32::from(exit_code(&error)));
        }
    }
}

/// Prints clap's own errors. An error about a value that our types refused is shown with its hint, and with `--json`
/// all have the shape of our errors.
fn usage(error: &clap::Error) -> ExitCode {
    use std::error::Error as _;
    let json = std::env::args().any(|a| a == "--json");
    let hint = error.source().and_then(|e| e.downcast_ref::<Error>()).and_then(Error::hint_text);
    if error.use_stderr() && (json || hint.is_some()) {
        let text = error.render().to_string();
        let message = match hint {
            Some(_) => text.split("\n\nFor more information").next(),
            None => text.split("\n\n").next(),
        };
        let lines = message.unwrap_or_default().trim_start_matches("error: ").lines().map(str::trim);
        let message = lines.collect::<Vec<_>>().join(" ");
        let color = if json { Color::Never } else { Color::Auto };
        Ui::new(json, false, color).error(&Error::invalid(message).hint(hint.unwrap_or("see `mlops --help`")));
    } else {
        // The reader may have closed the pipe; then nothing more is to be printed.
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// Threads that may be asked for: more than any machine has, and few enough to start.
const MOST_THREADS: usize = 1024;
/// A thread that waits for a part of its tree begins another one; the sums of many classes lie on its stack.
const STACK: usize = 16 << 20;

fn context(cli: &Cli) -> Result<Context> {
    let here = std::env::current_dir().map_err(|e| Error::io("open", ".", e))?;
    let folder = cli.project.as_ref().map_or(here.clone(), |f| here.join(f));
    let folder = folder.canonicalize().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Error::not_found(format!("there is no folder {}", folder.display())),
        _ => Error::io("open", &folder, e),
    })?;
    if let Some(threads) = cli.threads.filter(|threads| !(1..=MOST_THREADS).contains(threads)) {
        return Err(Error::invalid(format!("--threads {threads}: 1 to {MOST_THREADS} can be asked for"))
            .hint("without it there is one for each processor"));
    }
    // A number of 0 means one for each processor.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(cli.threads.unwrap_or(0)).stack_size(STACK).build_global();
    pool.map_err(|e| Error::new(ErrorKind::Io, format!("cannot start threads: {e}")))?;
    let mut ui = Ui::new(cli.json, cli.quiet, cli.color);
    ui.start_log(cli.verbose, cli.command.log_format());
    Ok(Context { ui, folder })
}

/// Appends the command to the log of the project that `place` lies in. A log that can't be written must not hide the
/// command's own result.
fn record(place: &Path, result: &Result<Outcome>) {
    let named = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let known_to_git = || {
        let own = GitRepository::around(place).and_then(|git| git.user());
        own.or_else(|| git_user(&Path::new(&named("HOME")?).join(".gitconfig")))
    };
    let known_to_system = ["MLOPS_ACTOR", "USER", "LOGNAME"].into_iter().find_map(named);
    let actor = known_to_system.or_else(known_to_git).unwrap_or_else(|| "unknown".to_owned());
    let command: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match result {
        Ok(Outcome::Done) => "done".to_owned(),
        Ok(Outcome::CheckFailed) => "check failed".to_owned(),
        Err(e) => format!("{}: {}", e.kind().name(), e.message()),
    };
    if let Ok(mut ledger) = Project::find(place).and_then(|p| p.ledger()) {
        let _ = ledger.record_operation(&actor, &command.join(" "), &outcome);
    }
}
