//! The terminal, while a log is followed.

use std::io;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event as Input, KeyCode, KeyEventKind, KeyModifiers};

use super::source::Source;
use super::tally::Tally;
use super::view::draw;
use crate::failure::Failure;

/// How often the screen is drawn anew at most, and keys are looked for.
const PAUSE: Duration = Duration::from_millis(100);
/// Most lines that are taken before the screen is drawn again.
const AT_ONCE: usize = 10_000;

/// Follows a log on the terminal until somebody leaves.
///
/// # Errors
/// When the terminal or the log fails.
pub(super) async fn follow(source: Source) -> Result<(), Failure> {
    let mut terminal = ratatui::try_init()?;
    let followed = show(&mut terminal, source).await;
    // What is shown after this belongs to the shell.
    ratatui::try_restore()?;
    followed
}

async fn show(terminal: &mut ratatui::DefaultTerminal, mut source: Source) -> Result<(), Failure> {
    let mut tally = Tally::default();
    let mut has_ended = false;
    loop {
        terminal.draw(|frame| draw(frame, &tally))?;
        let turn = tokio::time::sleep(PAUSE);
        tokio::pin!(turn);
        for _ in 0..AT_ONCE {
            tokio::select! {
                biased;
                () = &mut turn => break,
                line = source.next(), if !has_ended => match line {
                    Some(line) => tally.take(&line?),
                    None => has_ended = true,
                },
            }
        }
        if wants_to_leave()? {
            return Ok(());
        }
    }
}

/// Whether somebody pressed `q`, Escape or Ctrl-C. Takes what was typed, and does not wait.
fn wants_to_leave() -> io::Result<bool> {
    while event::poll(Duration::ZERO)? {
        let Input::Key(key) = event::read()? else { continue };
        let interrupts = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
        if key.kind == KeyEventKind::Press && (interrupts || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc)) {
            return Ok(true);
        }
    }
    Ok(false)
}
