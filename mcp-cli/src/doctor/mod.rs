//! `mcp doctor`: why clients cannot connect to a server, and what to change.

mod authorize;
mod challenge;
mod check;
mod cors;
mod csp;
mod evidence;
mod keys;
mod metadata;
mod probe;
mod profile;
mod registration;
mod report;
mod resource;
mod seen;
mod session;
mod signed_in;
mod step;
mod transport;
mod walk;

use std::time::Duration;

use clap::Args;
use mcp_client::oauth::Login;
use url::Url;

use self::authorize::Visitor;
use self::evidence::Evidence;
use self::probe::Probe;
use self::profile::{Client, EVERYBODY};
use self::report::Report;
use self::walk::Walk;
use crate::connect::duration;
use crate::failure::Failure;
use crate::login;
use crate::terminal::say;

/// How long an answer may take, unless it is said.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Where MCP Inspector is.
const INSPECTOR: &str = "http://localhost:6274";

/// Find out why clients cannot connect to a server, and what to change
///
/// Goes the way of the known clients: discovery, registration, the page where people sign in, the challenge, what browsers may see, and
/// the 24 steps of a recorded connection. Says for everything that fails why it matters and what to change. Leaves nothing behind:
/// a client is only registered with `--register`, or where the server says that identical registrations are one.
#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// The URL of the server's endpoint, as people type it
    url: String,
    /// Only look at what this client needs; may be repeated
    #[arg(long, value_enum, value_name = "CLIENT")]
    client: Vec<Client>,
    /// The origin of a page that should be let in [default: http://localhost:6274, which need not be]
    #[arg(long)]
    origin: Option<String>,
    /// How long an answer may take, as 10, 500ms or 1m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// Register a client, though it may stay
    #[arg(long)]
    register: bool,
    /// Sign in first, anew; a saved login is used by itself
    #[arg(long)]
    login: bool,
    #[command(flatten)]
    signing_in: login::Options,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Asks, judges and tells.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let url = Url::parse(&self.url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| Failure::usage(format!("`{}` is not an `http:` or `https:` URL", self.url)))?;
        let clients = if self.client.is_empty() { EVERYBODY } else { &self.client };
        let signed_in = if self.login { Some(self.signing_in.sign_in(&self.url).await) } else { None };
        let known = login::usable(&self.url).await;
        let probe = Probe::new(self.timeout.unwrap_or(TIMEOUT));
        let walk = Walk {
            probe: &probe,
            url,
            typed: &self.url,
            page: self.origin.as_deref().unwrap_or(INSPECTOR),
            page_is_chosen: self.origin.is_some(),
            clients,
            register: self.register,
            known: known.as_ref().and_then(visitor),
        };
        let mut evidence = walk.go().await;
        session(&probe, &mut evidence, signed_in, known).await;
        let wanted = check::all().filter(|check| check.clients.iter().any(|client| clients.contains(client)));
        let checks: Vec<_> = wanted.map(|check| (check, check.verdict(&evidence))).collect();
        let steps = step::all(&evidence, &checks);
        let report = Report { evidence: &evidence, steps, checks, clients };
        if self.json {
            say(&format!("{:#}", report.as_json()))?;
        } else {
            report.print()?;
        }
        match report.failures() {
            0 => Ok(()),
            failures => Err(Failure::Unhealthy(failures)),
        }
    }
}

/// The client of a login, if it is one that people sign in with.
fn visitor(login: &Login) -> Option<Visitor> {
    let redirect_uri = login.client.redirect_uri.clone()?;
    Some(Visitor { id: login.client.id.clone(), redirect_uri })
}

/// Opens a session, where there is a login or none is needed.
async fn session(probe: &Probe, evidence: &mut Evidence, signed_in: Option<Result<(), Failure>>, known: Option<Login>) {
    let tokens = known.and_then(|login| login.tokens);
    evidence.login = match (signed_in, &tokens) {
        (Some(Err(failure)), _) => Some(Err(failure.to_string())),
        (_, Some(tokens)) if tokens.has_expired() => Some(Err("the saved login has ended; sign in anew with `--login`".to_owned())),
        (_, Some(_)) => Some(Ok(())),
        (_, None) => None,
    };
    let token = match (&evidence.login, &tokens) {
        (Some(Ok(())), Some(tokens)) if !tokens.bound => Some(tokens.access.as_str()),
        _ => None,
    };
    if token.is_some() || evidence.is_open() {
        evidence.session = Some(session::hold(probe, &evidence.url.clone(), token).await);
    }
}
