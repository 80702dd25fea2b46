//! Asking on the terminal.

use std::io::{self, BufRead as _, Write as _};

use super::plain;

/// Longest answer that is read, in bytes.
const LONGEST: u64 = 64 * 1_024;

/// Asks a question and returns the line that was typed; `None` when the input was closed instead.
///
/// # Errors
/// When the terminal fails.
pub(crate) async fn ask(question: &str) -> io::Result<Option<String>> {
    let question = plain(question);
    let asking = tokio::task::spawn_blocking(move || {
        let mut err = io::stderr();
        write!(err, "{question} ")?;
        err.flush()?;
        let mut line = String::new();
        let read = io::Read::take(&mut io::stdin().lock(), LONGEST).read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    });
    asking.await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Asks whether to go on. Anything but a yes is a no.
///
/// # Errors
/// When the terminal fails.
pub(crate) async fn confirm(question: &str) -> io::Result<bool> {
    let answer = ask(&format!("{question} [y/N]")).await?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")))
}
