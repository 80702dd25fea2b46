//! A mail server for tests: it takes mail over a real socket and keeps it.

mod auth;
mod conduct;
mod mail;
mod receive;
mod session;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

pub use conduct::HangUp;
pub use mail::Mail;

use crate::loopback::lock;
use conduct::Conduct;

/// How long [`Mailbox::next_to`] waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everybody's mailbox, behind an SMTP server on loopback (RFC 5321) without TLS.
///
/// It takes mail for every address, unless it is told to refuse some, and closes when it is dropped.
#[derive(Debug)]
pub struct Mailbox {
    address: SocketAddr,
    kept: Arc<Kept>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Kept {
    conduct: Mutex<Conduct>,
    mails: watch::Sender<Vec<Mail>>,
    /// How many mails to an address were given out.
    given: Mutex<HashMap<String, usize>>,
}

impl Mailbox {
    /// Opens one on a free port.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn open() -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let kept = Arc::<Kept>::default();
        let serving = tokio::spawn(serve(socket, Arc::clone(&kept)));
        Self { address, kept, serving }
    }

    /// Where it takes mail: `smtp://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next mail to an address that was not given out before, as soon as it arrives.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when none arrives within ten seconds; it says what did.
    pub async fn next_to(&self, address: &str) -> io::Result<Mail> {
        self.next_to_within(address, PATIENCE).await
    }

    /// The same, with another deadline.
    ///
    /// # Errors
    /// As [`Mailbox::next_to`].
    pub async fn next_to_within(&self, address: &str, deadline: Duration) -> io::Result<Mail> {
        let address = address.to_lowercase();
        let mut mails = self.kept.mails.subscribe();
        let arrives = mails.wait_for(|mails| self.take(mails, &address, false).is_some());
        let waited =
            tokio::time::timeout(deadline, arrives).await.map(|mails| mails.ok().and_then(|mails| self.take(&mails, &address, true)));
        waited.ok().flatten().ok_or_else(|| {
            let arrived: Vec<String> = self.all().iter().map(|mail| format!("`{}` to {}", mail.subject, mail.to.join(", "))).collect();
            io::Error::new(io::ErrorKind::TimedOut, format!("no mail to {address} arrived in time, but {arrived:?}"))
        })
    }

    /// Every mail that arrived, oldest first, whether it was given out or not.
    pub fn all(&self) -> Vec<Mail> {
        self.kept.mails.borrow().clone()
    }

    /// Answers 550 to mail for an address from now on.
    pub fn refuse(&self, recipient: &str) {
        lock(&self.kept.conduct).refused.insert(recipient.to_lowercase());
    }

    /// Answers 451 to all mail for as long as it is true, as servers do that greylist.
    pub fn defer(&self, defers: bool) {
        lock(&self.kept.conduct).defers = defers;
    }

    /// Waits before every answer from now on.
    pub fn slow_down(&self, by: Duration) {
        lock(&self.kept.conduct).delay = by;
    }

    /// Drops connections at a point from now on, or no longer.
    pub fn hang_up(&self, when: Option<HangUp>) {
        lock(&self.kept.conduct).hangs_up = when;
    }

    /// Takes mail only from who gives this name and password, by `AUTH PLAIN` or `AUTH LOGIN`, from now on.
    pub fn require_login(&self, user: &str, password: &str) {
        lock(&self.kept.conduct).login = Some((user.to_owned(), password.to_owned()));
    }

    /// Takes mails of at most so many octets from now on.
    pub fn limit_size(&self, octets: usize) {
        lock(&self.kept.conduct).most_octets = octets;
    }

    fn take(&self, mails: &[Mail], address: &str, for_good: bool) -> Option<Mail> {
        let mut given = lock(&self.kept.given);
        let seen = given.get(address).copied().unwrap_or_default();
        let mail = mails.iter().filter(|mail| mail.to.iter().any(|to| to.to_lowercase() == address)).nth(seen)?;
        if for_good {
            given.insert(address.to_owned(), seen + 1);
        }
        Some(mail.clone())
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers until the task is aborted, and with it all connections.
async fn serve(socket: TcpListener, kept: Arc<Kept>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(session::hold(stream, Arc::clone(&kept)));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}
