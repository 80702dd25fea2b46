//! Mails that tell a person what was done in its name.

use std::time::Duration;

use super::Inner;
use super::login::Mail;
use super::user::User;

/// How long a mail may keep a page waiting.
const PATIENCE: Duration = Duration::from_secs(5);

impl Inner {
    /// Tells a person that a second factor was set up: if somebody else did it, this is how the person finds out.
    pub(crate) async fn tell_of_second_factor(&self, user: &User) {
        let (Some(mailer), Some(email)) = (&self.notices, &user.email) else { return };
        let (brand, agents) = (self.brand.name(), self.rules.url("/agents"));
        let subject = format!("A second factor was set up for {brand}");
        let text = format!(
            "An authenticator app was set up for your account at {brand}. From now on its codes are asked for where something needs a second factor.\n\n\
             If that was not you, tell whoever runs the server at once: they can take it away again. What acts for you is shown at\n\n{agents}\n"
        );
        let mail = Mail {
            to: email.clone(),
            subject,
            html: format!("<!doctype html><html lang=\"en\"><body><pre>{}</pre></body></html>\n", escape(&text)),
            text,
        };
        match tokio::time::timeout(PATIENCE, mailer.send(mail)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the notice of a second factor was not sent"),
            Err(_) => tracing::warn!("the notice of a second factor was not sent in time"),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
