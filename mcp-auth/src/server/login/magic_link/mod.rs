//! Signing in with a link, or a code, from a mail.

mod allowance;
mod letter;
mod links;
mod postman;
mod queue;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mcp_store::StoreError;
use serde_json::json;

use super::email::EmailAddress;
use super::mail::Mailer;
use super::{Identity, LoginContext, LoginError, LoginHost, LoginMethod, LoginNext, LoginStep, LoginView};
use crate::server::Params;
use crate::server::db::Db;

use allowance::Allowance;
pub(crate) use links::LinkPage;
use links::Links;
use postman::{Errand, Postman};
use queue::Queue;

/// What is said of every code that is not taken, whatever the reason: there may be no such mail at all.
const BAD_CODE: &str = "This code is wrong or no longer good. Check it, or have a new mail sent.";

/// Signs people in by what only who reads their mail knows: a link and a code of six digits, good for 15 minutes and once.
///
/// The link signs in the browser that asked for it and no other one; there it shows the code, to be typed where it was asked for. So
/// neither programs that follow links nor whoever a mail is forwarded to can sign in with it. Which addresses mails are sent to
/// cannot be told from outside: the answer is always the same, and is given before anything is looked up.
///
/// An address is sent three mails in 15 minutes and ten in a day at most, an IP address (of IPv6, a /64) asks for 30 in 15 minutes, and
/// all together for 500 in an hour, unless [set](Self::mails_per_hour).
pub struct MagicLink {
    mailer: Arc<dyn Mailer>,
    only: Option<Vec<Recipient>>,
    mails_per_hour: u64,
    /// How long to wait before a mail that was not taken is sent again.
    pause: Duration,
    desk: Option<Desk>,
}

/// Whom mails are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Recipient {
    One(EmailAddress),
    Domain(String),
}

/// What there is once the method is part of a server.
struct Desk {
    db: Db,
    queue: Queue,
}

impl fmt::Debug for MagicLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MagicLink").field("only", &self.only).field("mails_per_hour", &self.mails_per_hour).finish_non_exhaustive()
    }
}

impl MagicLink {
    /// Signs people in with mails that are sent by `mailer`.
    pub fn new(mailer: impl Mailer) -> Self {
        Self { mailer: Arc::new(mailer), only: None, mails_per_hour: 500, pause: Duration::from_secs(5), desk: None }
    }

    /// Sends mails to these only: addresses, or domains as `*@example.com`, compared exactly. What is neither lets nobody in.
    #[must_use]
    pub fn only_to<S: AsRef<str>>(mut self, recipients: impl IntoIterator<Item = S>) -> Self {
        self.only = Some(recipients.into_iter().filter_map(|text| Recipient::parse(text.as_ref())).collect());
        self
    }

    /// Who takes its mails.
    pub(crate) fn mailer(&self) -> Arc<dyn Mailer> {
        Arc::clone(&self.mailer)
    }

    /// How many mails are sent in an hour, to everybody together.
    #[must_use]
    pub fn mails_per_hour(mut self, most: u64) -> Self {
        self.mails_per_hour = most;
        self
    }

    /// What to answer to a link that is opened. Nothing changes by it, however often and by whom it is opened.
    ///
    /// `flow` is the sign-in that the browser is in the middle of.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn link_get(&self, flow: Option<&str>, secret: &str) -> Result<LinkPage, StoreError> {
        match &self.desk {
            Some(desk) => Links(&desk.db).page(flow, secret).await,
            None => Ok(LinkPage::Gone),
        }
    }

    /// Who the browser that is in the middle of `flow` is by a link, if that is the flow that the link was asked for in. The link and
    /// its code are void afterwards; of all who do it at once, one is answered.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn link_post(&self, flow: Option<&str>, secret: &str) -> Result<Option<Identity>, StoreError> {
        let (Some(desk), Some(flow)) = (&self.desk, flow) else { return Ok(None) };
        Ok(Links(&desk.db).open(flow, secret).await?.map(identity))
    }

    fn desk(&self) -> Result<&Desk, LoginError> {
        self.desk.as_ref().ok_or_else(|| LoginError::new("signing in by mail is not set up here"))
    }

    /// Asks for a mail to `email`, and says that it was sent, whatever becomes of it.
    fn send(&self, cx: &mut LoginContext<'_>, email: EmailAddress) -> Result<LoginNext, LoginError> {
        *cx.state = json!({ "email": email.as_str() });
        let view = sent(&email, None);
        let (flow, client_name, public_url) = (cx.flow.to_owned(), cx.client_name.to_owned(), cx.public_url.to_owned());
        self.desk()?.queue.push(Errand { flow, email, client_name, public_url, address: cx.address });
        Ok(view)
    }

    async fn form(&self, cx: &mut LoginContext<'_>, form: &Params) -> Result<LoginNext, LoginError> {
        let asked_for = cx.state.get("email").and_then(|email| EmailAddress::parse(email.as_str()?));
        match (asked_for, form.first("code"), form.first("email")) {
            (Some(email), _, _) if form.first("resend").is_some() => self.send(cx, email),
            (Some(email), Some(code), _) => {
                let who = Links(&self.desk()?.db).redeem(cx.flow, code).await?;
                Ok(who.map_or_else(|| sent(&email, Some(BAD_CODE)), |email| LoginNext::Done(identity(email))))
            }
            (_, _, Some(text)) => match EmailAddress::parse(text) {
                Some(email) => self.send(cx, email),
                None => Ok(ask(Some("This is not an e-mail address that mail can be sent to."))),
            },
            _ => Ok(ask(None)),
        }
    }
}

#[async_trait]
impl LoginMethod for MagicLink {
    fn id(&self) -> &str {
        ID
    }

    fn label(&self) -> String {
        "Continue with e-mail".to_owned()
    }

    /// The forms send `email`; `code`; `resend` for another mail.
    async fn step(&self, cx: &mut LoginContext<'_>, step: LoginStep<'_>) -> Result<LoginNext, LoginError> {
        match step {
            LoginStep::Form(form) => self.form(cx, form).await,
            LoginStep::Begin | LoginStep::Callback(_) => Ok(ask(None)),
        }
    }

    fn attach(&mut self, host: &LoginHost) {
        let postman = Postman {
            db: host.db.clone(),
            mailer: Arc::clone(&self.mailer),
            records: Arc::clone(&host.records),
            brand: host.brand.clone(),
            only: self.only.clone(),
            allowance: Allowance { mails_per_hour: self.mails_per_hour },
            pause: self.pause,
        };
        self.desk = Some(Desk { db: host.db.clone(), queue: Queue::new(postman) });
    }

    fn loopback_only(&self) -> bool {
        self.mailer.loopback_only()
    }

    fn magic_link(&self) -> Option<&MagicLink> {
        Some(self)
    }
}

impl Recipient {
    fn parse(text: &str) -> Option<Self> {
        match text.trim().strip_prefix("*@") {
            // A domain is written as in an address, so it is read as part of one.
            Some(domain) => EmailAddress::parse(&format!("x@{domain}")).map(|address| Self::Domain(address.domain().to_owned())),
            None => EmailAddress::parse(text).map(Self::One),
        }
    }

    fn is(&self, email: &EmailAddress) -> bool {
        match self {
            Self::One(address) => address == email,
            Self::Domain(domain) => domain == email.domain(),
        }
    }
}

const ID: &str = "email";

fn ask(problem: Option<&str>) -> LoginNext {
    LoginNext::Show(LoginView::AskEmail { problem: problem.map(str::to_owned) })
}

fn sent(email: &EmailAddress, problem: Option<&str>) -> LoginNext {
    LoginNext::Show(LoginView::MailSent { email: email.to_string(), problem: problem.map(str::to_owned) })
}

/// The person who reads the mail of an address.
///
/// RFC 8176 has no value for that and lets others be used by agreement; its `otp` would say as much as a code of an authenticator app,
/// which here is a second factor.
fn identity(email: String) -> Identity {
    Identity {
        issuer: "urn:mcp-parity:email".to_owned(),
        subject: email.clone(),
        email: Some(email),
        name: None,
        groups: Vec::new(),
        amr: vec!["email"],
    }
}
