//! Mails that go to a mail server (RFC 5321; RFC 6409).

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::{Host, Url};

use super::{Mail, MailError, Mailer};
use crate::server::secrets::new_id;

/// How long a server may take for each of its answers.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends mails through a mail server. `Debug` shows no password.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    server: String,
    from: Mailbox,
}

/// Why mails cannot be sent through a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAMailServer {
    /// The URL is not that of a mail server. It is not repeated, for it may hold a password.
    Url,
    /// The sender is no address.
    From,
    /// The certificate authorities of the system cannot be read.
    Tls,
}

impl fmt::Display for NotAMailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => {
                "a mail server is `smtps://user:password@host` or `smtp://user:password@host:port`, with % codes for special characters"
            }
            Self::From => "the sender of mails is an address, as `Example <login@example.com>`",
            Self::Tls => "no TLS to the mail server; are there certificate authorities?",
        })
    }
}

impl std::error::Error for NotAMailServer {}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("server", &self.server).field("from", &self.from.to_string()).finish_non_exhaustive()
    }
}

/// Where a mail server is, and how to speak to it.
#[derive(Debug, PartialEq, Eq)]
struct Server {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte (RFC 8314, section 3.3).
    Implicit,
    /// `STARTTLS`, and nothing without it (RFC 3207).
    Upgrade,
    /// None: the server is on this machine.
    Loopback,
}

impl Smtp {
    /// Sends mails through the server at `url`, from an address as `Example <login@example.com>`.
    ///
    /// `smtps://` speaks TLS from the start, on port 465 unless the URL says otherwise; `smtp://` begins with `STARTTLS`, on port
    /// 587, and sends nothing if the server does not offer it. Only to loopback `smtp://` is without TLS, on port 25.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn new(url: &str, from: &str) -> Result<Self, NotAMailServer> {
        let server = Server::parse(url).ok_or(NotAMailServer::Url)?;
        let from: Mailbox = from.parse().map_err(|_| NotAMailServer::From)?;
        let tls = || TlsParameters::new(server.host.clone()).map_err(|_| NotAMailServer::Tls);
        let tls = match server.security {
            Security::Implicit => Tls::Wrapper(tls()?),
            Security::Upgrade => Tls::Required(tls()?),
            Security::Loopback => Tls::None,
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host).port(server.port).tls(tls);
        let transport = transport.timeout(Some(TIMEOUT));
        let transport = match server.credentials {
            Some((user, password)) => transport.credentials(Credentials::new(user, password)),
            None => transport,
        };
        Ok(Self { transport: transport.build(), server: format!("{}:{}", server.host, server.port), from })
    }

    fn message(&self, mail: Mail) -> Option<Message> {
        let to: Address = mail.to.parse().ok()?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            // The default would tell the name of this machine.
            .message_id(Some(format!("<{}@{}>", new_id(), self.from.email.domain())))
            // So that nobody's absence is answered to it (RFC 3834, section 5).
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .ok()
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let message = self.message(mail).ok_or_else(|| MailError::permanent("the mail cannot be written"))?;
        self.transport.send(message).await.map(drop).map_err(|error| explain(&error))
    }
}

impl Server {
    fn parse(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        // Of schemes it does not know the parser leaves the host as it is.
        let host = Host::parse(url.host_str()?).ok().filter(|_| bare)?;
        let loopback = match &host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Implicit, 465),
            "smtp" if loopback => (Security::Loopback, 25),
            "smtp" => (Security::Upgrade, 587),
            _ => return None,
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) => Some((decode(user)?, decode(password)?)),
            (_, None) => return None,
        };
        let host = match host {
            // As sockets are opened, and not as URLs are written.
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        };
        Some(Self { host, port: url.port().unwrap_or(port), security, credentials })
    }
}

/// Undoes % codes. A `+` is none.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? << 4 | digit()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Says what happened in fixed words: what a server answers often repeats the address.
fn explain(error: &lettre::transport::smtp::Error) -> MailError {
    let code = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
    match () {
        () if error.is_permanent() => MailError::permanent(format!("the mail server refused the mail{code}")),
        () if error.is_transient() => MailError::temporary(format!("the mail server does not take the mail now{code}")),
        () if error.is_timeout() => MailError::temporary("the mail server took too long"),
        () if error.is_tls() => MailError::permanent("the mail server's TLS or certificate is not as it has to be"),
        () if error.is_client() => MailError::permanent("the mail server does not offer what is needed, as STARTTLS or a way to log in"),
        () => MailError::temporary("the mail server cannot be reached"),
    }
}

#[cfg(test)]
#[path = "smtp_tests.rs"]
mod tests;
