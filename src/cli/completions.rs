//! `mlops completions`

use super::{Context, Outcome, tree};
use crate::error::Result;
use clap_complete::{Shell, generate};

/// Print completions for a shell
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  mlops completions bash > /etc/bash_completion.d/mlops\n  mlops completions zsh > ~/.zfunc/_mlops"
)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub fn run(context: &Context, args: CompletionsArgs) -> Result<Outcome> {
    let mut script = Vec::new();
    generate(args.shell, &mut tree(), "mlops", &mut script);
    context.ui.raw(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
