//! A bar that shows how far a call is.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use mcp_client::Progress;

use super::plain;

const CELLS: usize = 24;
/// The most that is shown of a message, so that the bar stays on one line.
const MESSAGE: usize = 40;

/// A bar on the standard error, if that is a terminal. It goes away when this is dropped.
#[derive(Debug)]
pub(crate) struct Bar(Option<Arc<Mutex<bool>>>);

impl Bar {
    pub(crate) fn new() -> Self {
        Self(io::stderr().is_terminal().then(Arc::default))
    }

    /// What shows progress on this bar.
    pub(crate) fn hear(&self) -> impl Fn(Progress) + Send + Sync + 'static + use<> {
        let shown = self.0.clone();
        move |progress| {
            let Some(shown) = &shown else { return };
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            *shown = true;
            // Nothing depends on the bar.
            let _ = write!(io::stderr(), "\r\x1b[K{}", line(&progress)).and_then(|()| io::stderr().flush());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(shown) = &self.0
            && *shown.lock().unwrap_or_else(PoisonError::into_inner)
        {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a few cells")]
fn line(progress: &Progress) -> String {
    let message: String = progress.message.as_deref().unwrap_or_default().chars().take(MESSAGE).collect();
    let message = plain(&message).replace(['\n', '\t'], " ");
    match progress.total.filter(|total| *total > 0.0) {
        Some(total) => {
            let share = (progress.progress / total).clamp(0.0, 1.0);
            let full = (share * CELLS as f64).round() as usize;
            format!("[{}{}] {:3.0} % {message}", "█".repeat(full), "·".repeat(CELLS - full), share * 100.0)
        }
        None => format!("{} {message}", progress.progress),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_bar_shows_the_share_that_is_done() {
        let bar = |progress| line(&serde_json::from_value(progress).expect("valid"));
        assert_eq!(
            bar(json!({"progress": 12, "total": 24, "message": "half\u{1b}"})),
            format!("[{}{}]  50 % half\u{fffd}", "█".repeat(12), "·".repeat(12))
        );
        assert_eq!(bar(json!({"progress": 7})), "7 ");
        assert!(bar(json!({"progress": 9, "total": 3})).contains("100 %"));
        assert!(bar(json!({"progress": -9, "total": 3})).contains("  0 %"));
    }
}
