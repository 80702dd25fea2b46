//! Mails that go to the standard error.

use async_trait::async_trait;

use super::{Mail, MailError, Mailer};

/// Writes mails to the standard error in place of sending them, for development.
///
/// Whoever reads it can sign in as anybody, so a server that other machines can reach does not start with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogMailer;

#[async_trait]
impl Mailer for LogMailer {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        // Not through `tracing`: logs are kept and sent on, and this must not be.
        eprintln!("WARNING: no mail is sent; whoever reads this can sign in as {}\n\n{}\n\n{}", mail.to, mail.subject, mail.text);
        Ok(())
    }

    fn loopback_only(&self) -> bool {
        true
    }
}
