//! Mails, and ways to send them.

mod log;
mod memory;
mod smtp;

use std::fmt;

use async_trait::async_trait;

pub use log::LogMailer;
pub use memory::MemoryMailer;
pub use smtp::{NotAMailServer, Smtp};

/// Sends mails.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends a mail.
    ///
    /// # Errors
    /// When it was not taken. One that may be taken later is sent once more.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;

    /// Whether it is for development only: a server that other machines can reach does not start with it.
    fn loopback_only(&self) -> bool {
        false
    }
}

/// A mail to one person. `Debug` shows nothing of its texts, which let people in.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mail {
    /// The address: ASCII, without a name.
    pub to: String,
    /// The subject: one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailError {
    why: String,
    temporary: bool,
}

impl MailError {
    /// It may be sent later. What went wrong is for the log, and must not hold the address.
    pub fn temporary(why: impl Into<String>) -> Self {
        Self { why: why.into(), temporary: true }
    }

    /// It will never be sent. What went wrong is for the log, and must not hold the address.
    pub fn permanent(why: impl Into<String>) -> Self {
        Self { why: why.into(), temporary: false }
    }

    /// Whether it may be sent later.
    pub fn is_temporary(&self) -> bool {
        self.temporary
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for MailError {}
