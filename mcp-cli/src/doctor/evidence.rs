//! Everything that was seen of a server, and what follows from it for a client.

use serde_json::{Map, Value};
use url::Url;

use super::authorize::Visits;
use super::challenge::{self, Challenge};
use super::profile::Client;
use super::registration::Registered;
use super::seen::Seen;
use super::session::Session;

/// What was seen. What is `None` was not asked.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// The URL of the endpoint, as it was typed.
    pub(crate) url: String,
    /// The origin of a page that asks, and whether somebody chose it.
    pub(crate) page: String,
    pub(crate) page_is_chosen: bool,
    /// `HEAD` on the endpoint.
    pub(crate) head: Option<Seen>,
    /// `initialize` without a token.
    pub(crate) anonymous: Option<Seen>,
    /// A call without a token, if the session could be opened.
    pub(crate) anonymous_call: Option<Seen>,
    /// `initialize` with a token that nobody issued.
    pub(crate) wrong_token: Option<Seen>,
    /// `GET` on the endpoint without a token.
    pub(crate) get: Option<Seen>,
    /// `initialize` from a page, and the question of the browser before it.
    pub(crate) from_page: Option<Seen>,
    pub(crate) preflight: Option<Seen>,
    /// `initialize` from a page of somebody else, only asked of servers on this machine.
    pub(crate) from_elsewhere: Option<Seen>,
    /// Protected resource metadata where the challenge says, below the well-known path, and at the root.
    pub(crate) announced: Option<Seen>,
    pub(crate) by_path: Option<Seen>,
    pub(crate) by_root: Option<Seen>,
    /// The same from a page.
    pub(crate) resource_from_page: Option<Seen>,
    /// The well-known places of the issuer, in the order in which they were asked.
    pub(crate) tried: Vec<Seen>,
    /// Authorization server metadata with the path of the endpoint, which is not an issuer's.
    pub(crate) suffixed: Option<Seen>,
    pub(crate) keys: Option<Seen>,
    pub(crate) registered: Vec<Registered>,
    pub(crate) visits: Visits,
    /// What clients with a document of their own were answered at the authorization endpoint.
    pub(crate) documents: Vec<(Client, Seen)>,
    /// Whether somebody could sign in, or why not.
    pub(crate) login: Option<Result<(), String>>,
    pub(crate) session: Option<Session>,
}

impl Evidence {
    /// Whether the endpoint is there and answers.
    pub(crate) fn is_reached(&self) -> bool {
        self.anonymous.as_ref().and_then(Seen::status).is_some_and(|status| status < 500 && status != 404)
    }

    /// Where the server said that it wants a token.
    pub(crate) fn refusal(&self) -> Option<&Seen> {
        [&self.anonymous, &self.anonymous_call].into_iter().flatten().find(|seen| seen.is(401))
    }

    /// The challenges of that refusal.
    pub(crate) fn challenges(&self) -> Vec<Challenge> {
        let values = self.refusal().map(|seen| seen.headers("www-authenticate")).unwrap_or_default();
        values.iter().filter_map(|value| challenge::parse(value).ok()).flatten().collect()
    }

    /// Whether nothing says that the server wants to know who is calling.
    pub(crate) fn is_open(&self) -> bool {
        self.refusal().is_none() && self.resource().is_none() && self.anonymous.as_ref().is_some_and(Seen::succeeded)
    }

    /// The protected resource metadata that a client uses: where the challenge says, then by path, then at the root.
    pub(crate) fn resource(&self) -> Option<Map<String, Value>> {
        [&self.announced, &self.by_path, &self.by_root].into_iter().flatten().find_map(Seen::object)
    }

    /// The authorization server that a client uses: the first one.
    pub(crate) fn issuer(&self) -> Option<String> {
        Some(self.resource()?.get("authorization_servers")?.as_array()?.first()?.as_str()?.to_owned())
    }

    /// The metadata of the authorization server.
    pub(crate) fn metadata(&self) -> Option<Map<String, Value>> {
        self.tried.iter().find_map(Seen::object)
    }

    /// A text of that metadata.
    pub(crate) fn endpoint(&self, name: &str) -> Option<String> {
        Some(self.metadata()?.get(name)?.as_str()?.to_owned())
    }

    /// Whether the metadata says yes to something.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.metadata().is_some_and(|metadata| metadata.get(name) == Some(&Value::Bool(true)))
    }

    /// Everything that was asked for and should be a document or the news that there is none.
    pub(crate) fn well_known(&self) -> impl Iterator<Item = &Seen> {
        [&self.announced, &self.by_path, &self.by_root, &self.suffixed].into_iter().flatten().chain(&self.tried)
    }
}

/// The texts of a member that is a list; `None` if it is not there.
pub(crate) fn list(document: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    Some(document.get(name)?.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Whether a URL is on this machine.
pub(crate) fn is_on_this_machine(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a client may ask a URL that a server leads it to: `https:`, or on this machine if the server is.
pub(crate) fn is_fit(url: &str, server: &str) -> bool {
    let local = is_on_this_machine(url);
    let scheme = Url::parse(url).map(|url| url.scheme().to_owned()).unwrap_or_default();
    (scheme == "https" || (scheme == "http" && local)) && (!local || is_on_this_machine(server))
}
