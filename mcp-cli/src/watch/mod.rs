//! `mcp watch`: what happens at a server, from its audit log.

mod event;
mod latency;
mod screen;
mod source;
mod tally;
mod view;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;

use self::source::Source;
use self::tally::Tally;
use crate::failure::Failure;
use crate::terminal::{Table, say};

/// Watch the calls, latencies and refusals of a server in its audit log
///
/// On a terminal, follows the log until `q` is pressed. Elsewhere, and with `--once`, reads it to its end and prints a summary.
#[derive(Args, Debug)]
pub(crate) struct Watch {
    /// The audit log, JSON lines; the standard input if there is none or it is `-`
    file: Option<PathBuf>,
    /// Read to the end and print a summary
    #[arg(long)]
    once: bool,
}

impl Watch {
    /// Watches, or sums up.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let file = self.file.as_deref().filter(|file| *file != Path::new("-"));
        let follow = std::io::stdout().is_terminal() && !self.once;
        let source = Source::open(file, follow)?;
        if follow { screen::follow(source).await } else { sum_up(source).await }
    }
}

async fn sum_up(mut source: Source) -> Result<(), Failure> {
    let mut tally = Tally::default();
    while let Some(line) = source.next().await {
        tally.take(&line?);
    }
    if tally.items().is_empty() && tally.unreadable() > 0 {
        return Err(Failure::usage("no line of it is an audit record; the audit log is the `file` of `[audit]` in mcp.toml"));
    }
    let mut table = Table::new(["ITEM", "CALLS", "FAILED", "REFUSED", "MEDIAN", "95 %", "MOST"]);
    for (name, item) in tally.items() {
        let [median, high, most] = item.latency.shown();
        table.row([name, &item.calls.to_string(), &item.failed.to_string(), &item.refused.to_string(), &median, &high, &most]);
    }
    table.print()?;
    if !tally.refusals().is_empty() {
        let mut table = Table::new(["TIME", "WHO", "WHAT", "REFUSED FOR"]);
        for event in tally.refusals() {
            table.row([&event.time, event.who(), event.what(), event.reason.as_deref().unwrap_or_default()]);
        }
        table.print()?;
    }
    match tally.unreadable() {
        0 => Ok(()),
        count => Ok(say(&format!("{count} lines are not audit records"))?),
    }
}
