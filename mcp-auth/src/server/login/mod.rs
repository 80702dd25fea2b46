//! Ways to find out who a person is.

#[cfg(feature = "developer-login")]
mod developer;
mod email;
mod host;
mod magic_link;
mod mail;
#[cfg(test)]
pub(crate) mod testing;
mod upstream;

use std::net::IpAddr;

use async_trait::async_trait;
use mcp_store::StoreError;
use serde_json::Value;

use super::http::Params;
use crate::Clock;

#[cfg(feature = "developer-login")]
pub use developer::{Developer, DeveloperLogin};
pub use host::LoginHost;
pub(crate) use magic_link::LinkPage;
pub use magic_link::MagicLink;
pub use mail::{LogMailer, Mail, MailError, Mailer, MemoryMailer, NotAMailServer, Smtp};
pub use upstream::{GithubUpstream, OidcUpstream, Upstream};

/// A way to sign in. Several can be offered at once.
///
/// A method is a small state machine: it is begun, shows forms or leads elsewhere and comes back, and ends with who it
/// is. What it has to remember between steps it puts into [`LoginContext::state`], which the server keeps; nothing that a
/// form or another site sends back is believed.
#[async_trait]
pub trait LoginMethod: Send + Sync + 'static {
    /// Its name in URLs: lower-case letters and `-`.
    fn id(&self) -> &str;

    /// What its button says, as `Continue with GitHub`.
    fn label(&self) -> String;

    /// Takes one step.
    ///
    /// # Errors
    /// What to tell the person; it can start again.
    async fn step(&self, cx: &mut LoginContext<'_>, step: LoginStep<'_>) -> Result<LoginNext, LoginError>;

    /// Takes what the server has for its methods. It is called once, before the first step.
    fn attach(&mut self, _host: &LoginHost) {}

    /// Whether it is for development only: a server that other machines can reach does not start with it.
    fn loopback_only(&self) -> bool {
        false
    }

    /// The method itself, if it is the one whose links in mails the server has to answer.
    #[doc(hidden)]
    fn magic_link(&self) -> Option<&MagicLink> {
        None
    }
}

/// What a person did.
#[derive(Clone, Copy, Debug)]
pub enum LoginStep<'a> {
    /// It chose this method.
    Begin,
    /// It sent a form of the method's. It is this browser's own; that has been checked.
    Form(&'a Params),
    /// It came back from another site, to [`LoginContext::callback_url`]. The method checks that it was sent there.
    Callback(&'a Params),
}

/// What comes next.
#[derive(Clone, Debug)]
pub enum LoginNext {
    /// A page with a form, which comes back as [`LoginStep::Form`].
    Show(LoginView),
    /// Another site.
    Redirect(String),
    /// It is known who it is.
    Done(Identity),
}

/// A page of a login method.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginView {
    /// Asks for an e-mail address.
    AskEmail {
        /// What was wrong with the last one.
        problem: Option<String>,
    },
    /// Says that a mail was sent, and takes the code of six digits from it.
    MailSent {
        /// To which address.
        email: String,
        /// What was wrong with the last code.
        problem: Option<String>,
    },
    /// Lets a developer choose who to be.
    ChooseDeveloper {
        /// Who there is: name, and what is said of it.
        people: Vec<(String, String)>,
    },
}

/// Who a person is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who says so. The same subject of two issuers is two people.
    pub issuer: String,
    /// The person's name at the issuer, which never changes and is never given to another one.
    pub subject: String,
    /// An address that the issuer has verified.
    pub email: Option<String>,
    /// What to call the person.
    pub name: Option<String>,
    /// The groups it is in.
    pub groups: Vec<String>,
    /// How it was found out (RFC 8176, section 2).
    pub amr: Vec<&'static str>,
}

/// What a method knows of the sign-in it is part of.
#[derive(Debug)]
pub struct LoginContext<'a> {
    /// What it remembers; `Null` at first.
    pub state: &'a mut Value,
    /// Names this sign-in of this browser, for links that lead back to it.
    pub flow: &'a str,
    /// Where other sites lead back to: a URL of this method's.
    pub callback_url: &'a str,
    /// The URL of the server, without a path.
    pub public_url: &'a str,
    /// Who wants to be let in: the name of the client, for mails.
    pub client_name: &'a str,
    /// The address of the browser.
    pub address: Option<IpAddr>,
    /// The time.
    pub clock: &'a Clock,
}

/// What to tell a person whom it was not found out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginError {
    /// In words for the person.
    pub message: String,
}

impl LoginError {
    /// An error in words for the person.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// What happens underneath is for the log.
impl From<StoreError> for LoginError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the authorization server's store failed during a login");
        Self::new("the server cannot answer right now; try again shortly")
    }
}
