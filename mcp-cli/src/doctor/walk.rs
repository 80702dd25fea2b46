//! The way that clients go, from the URL that somebody typed to the page where people sign in.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};
use url::Url;

use super::authorize::{FOREIGN, STATE, Visit, Visitor};
use super::cors::SENT;
use super::evidence::{Evidence, is_fit, is_on_this_machine, list};
use super::probe::Probe;
use super::profile::Client;
use super::registration::{self, Kind, Registered};

/// Most redirects between the authorization request and a page.
const MOST_HOPS: usize = 8;
/// The challenge of the verifier in RFC 7636, appendix B. No code is ever exchanged for it.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// A port at which nobody needs to listen: nobody is led there.
const OTHER_PORT: u16 = 51_731;

/// What is to be asked.
#[derive(Debug)]
pub(crate) struct Walk<'w> {
    pub(crate) probe: &'w Probe,
    pub(crate) url: Url,
    /// The URL as it was typed.
    pub(crate) typed: &'w str,
    pub(crate) page: &'w str,
    pub(crate) page_is_chosen: bool,
    pub(crate) clients: &'w [Client],
    /// Whether clients may be left behind.
    pub(crate) register: bool,
    /// A client that is known already.
    pub(crate) known: Option<Visitor>,
}

impl Walk<'_> {
    /// Goes all the way, or as far as there is one.
    pub(crate) async fn go(&self) -> Evidence {
        let mut evidence =
            Evidence { url: self.typed.to_owned(), page: self.page.to_owned(), page_is_chosen: self.page_is_chosen, ..Evidence::default() };
        self.endpoint(&mut evidence).await;
        if !evidence.is_reached() {
            return evidence;
        }
        self.resource(&mut evidence).await;
        self.authorization_server(&mut evidence).await;
        self.registration(&mut evidence).await;
        self.pages(&mut evidence).await;
        self.forget(&evidence).await;
        evidence
    }

    async fn endpoint(&self, evidence: &mut Evidence) {
        let (probe, url) = (self.probe, self.url.as_str());
        evidence.head = Some(probe.ask("HEAD", url, &[], Bytes::new()).await);
        let anonymous = probe.message(url, &[], &initialize()).await;
        if anonymous.succeeded() {
            let mut headers = vec![("mcp-protocol-version", REVISION)];
            headers.extend(anonymous.header("mcp-session-id").map(|session| ("mcp-session-id", session)));
            let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "mcp-doctor-asks", "arguments": {}}});
            evidence.anonymous_call = Some(probe.message(url, &headers, &call).await);
            if headers.len() > 1 {
                probe.ask("DELETE", url, &headers, Bytes::new()).await;
            }
        }
        let reached = anonymous.answer.is_ok();
        evidence.anonymous = Some(anonymous);
        if !reached {
            return;
        }
        let token = ("authorization", "Bearer mcp-doctor-made-this-up");
        evidence.wrong_token = Some(probe.message(url, &[token], &initialize()).await);
        if evidence.anonymous.as_ref().is_some_and(|seen| seen.is(401)) {
            evidence.get = Some(probe.get(url, &[("accept", "text/event-stream")]).await);
        }
        evidence.from_page = Some(probe.message(url, &[("origin", self.page)], &initialize()).await);
        let asks = [("origin", self.page), ("access-control-request-method", "POST"), ("access-control-request-headers", &SENT.join(","))];
        evidence.preflight = Some(probe.ask("OPTIONS", url, &asks, Bytes::new()).await);
        if is_on_this_machine(url) {
            evidence.from_elsewhere = Some(probe.message(url, &[("origin", "http://attacker.example")], &initialize()).await);
        }
    }

    async fn resource(&self, evidence: &mut Evidence) {
        let root = format!("{}/.well-known/oauth-protected-resource", self.url.origin().ascii_serialization());
        let path = self.url.path().trim_end_matches('/');
        evidence.by_path = Some(self.probe.get(&format!("{root}{path}"), JSON).await);
        if !path.is_empty() {
            evidence.by_root = Some(self.probe.get(&root, JSON).await);
        }
        let announced = evidence.challenges().iter().find_map(|challenge| challenge.get("resource_metadata").map(str::to_owned));
        if let Some(url) = announced.filter(|url| is_fit(url, self.url.as_str())) {
            evidence.announced = Some(self.probe.get(&url, JSON).await);
        }
        let used = [&evidence.announced, &evidence.by_path, &evidence.by_root].into_iter().flatten().find(|seen| seen.object().is_some());
        if let Some(url) = used.map(|seen| seen.url.clone()) {
            evidence.resource_from_page = Some(self.probe.get(&url, &[JSON[0], ("origin", self.page)]).await);
        }
    }

    async fn authorization_server(&self, evidence: &mut Evidence) {
        let Some(issuer) = evidence.issuer().filter(|issuer| is_fit(issuer, self.url.as_str())) else { return };
        let Ok(issuer) = Url::parse(&issuer) else { return };
        for url in well_known(&issuer) {
            let seen = self.probe.get(&url, &[JSON[0], ("origin", self.page)]).await;
            let found = seen.object().is_some();
            evidence.tried.push(seen);
            if found {
                break;
            }
        }
        let path = self.url.path().trim_end_matches('/');
        if !path.is_empty() && issuer.path() == "/" {
            let url = format!("{}/.well-known/oauth-authorization-server{path}", self.url.origin().ascii_serialization());
            evidence.suffixed = Some(self.probe.get(&url, JSON).await);
        }
        if let Some(keys) = evidence.endpoint("jwks_uri").filter(|keys| is_fit(keys, self.url.as_str())) {
            evidence.keys = Some(self.probe.get(&keys, JSON).await);
        }
    }

    async fn registration(&self, evidence: &mut Evidence) {
        if !self.register && !registration::is_harmless(evidence) {
            return;
        }
        let Some(endpoint) = evidence.endpoint("registration_endpoint").filter(|url| is_fit(url, self.url.as_str())) else { return };
        let mut kinds = vec![Kind::Native];
        if self.clients.contains(&Client::Cursor) {
            kinds.push(Kind::Cursor);
        }
        for kind in kinds {
            let seen = self.probe.ask("POST", &endpoint, &SENDS_JSON, kind.body().to_string().into()).await;
            evidence.registered.push(Registered { kind, redirect_uris: kind.redirect_uris(), seen });
        }
    }

    /// Removes what was registered, where that can be done.
    async fn forget(&self, evidence: &Evidence) {
        for (url, token) in evidence.registered.iter().filter_map(Registered::management) {
            if is_fit(&url, self.url.as_str()) {
                self.probe.ask("DELETE", &url, &[("authorization", &format!("Bearer {token}"))], Bytes::new()).await;
            }
        }
    }

    async fn pages(&self, evidence: &mut Evidence) {
        let Some(endpoint) = evidence.endpoint("authorization_endpoint").filter(|url| is_fit(url, self.url.as_str())) else { return };
        let Ok(endpoint) = Url::parse(&endpoint) else { return };
        let resource = evidence.resource();
        let resource_url = resource.as_ref().and_then(|document| document.get("resource")?.as_str()).unwrap_or(self.typed).to_owned();
        let scope = resource.and_then(|document| list(&document, "scopes_supported")).map(|scopes| scopes.join(" "));
        let ask = |id: &str, redirect_uri: &str, response_type: &str| {
            let mut url = endpoint.clone();
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", response_type).append_pair("client_id", id).append_pair("redirect_uri", redirect_uri);
            query.append_pair("code_challenge", CHALLENGE).append_pair("code_challenge_method", "S256").append_pair("state", STATE);
            query.append_pair("resource", &resource_url);
            if let Some(scope) = &scope {
                query.append_pair("scope", scope);
            }
            drop(query);
            url
        };
        let visitor = self.visitor(evidence);
        if let Some(Visitor { id, redirect_uri }) = &visitor {
            let visits = &mut evidence.visits;
            visits.registered = Some(self.visit(ask(id, redirect_uri, "code"), redirect_uri).await);
            if let Some(other) = with_port(redirect_uri, OTHER_PORT) {
                visits.other_port = Some(self.visit(ask(id, &other, "code"), &other).await);
            }
            visits.mistaken = Some(self.visit(ask(id, redirect_uri, "mcp-doctor"), redirect_uri).await);
            // A mistake is told at once, without anybody who allows it; whoever is led elsewhere by it is so by a code, too.
            visits.foreign = Some(self.visit(ask(id, FOREIGN, "mcp-doctor"), FOREIGN).await);
        }
        evidence.visits.visitor = visitor;
        if evidence.has("client_id_metadata_document_supported") {
            for &client in self.clients {
                let Some(document) = client.document() else { continue };
                let redirect_uri = client.redirect_uri();
                let mut visit = self.visit(ask(document, redirect_uri, "code"), redirect_uri).await;
                evidence.documents.extend(visit.hops.pop().map(|seen| (client, seen)));
            }
        }
    }

    /// As whom to come: as who is known, by a document, or as who was registered.
    fn visitor(&self, evidence: &Evidence) -> Option<Visitor> {
        if let Some(known) = &self.known {
            return Some(known.clone());
        }
        let registered = evidence.registered.iter().find(|registered| registered.kind == Kind::Native);
        if let Some((registered, id)) = registered.and_then(|registered| Some((registered, registered.id()?))) {
            return Some(Visitor { id, redirect_uri: registered.redirect_uris.first()?.clone() });
        }
        if !evidence.has("client_id_metadata_document_supported") {
            return None;
        }
        let native = self.clients.iter().filter(|client| client.redirect_uri().starts_with("http://"));
        let client = native.chain(self.clients).find(|client| client.document().is_some())?;
        Some(Visitor { id: client.document()?.to_owned(), redirect_uri: client.redirect_uri().to_owned() })
    }

    /// Opens a page as a browser does, up to where somebody would have to type or the client is answered.
    async fn visit(&self, mut url: Url, redirect_uri: &str) -> Visit {
        let origin = url.origin();
        let mut cookies: BTreeMap<String, String> = BTreeMap::new();
        let mut hops = Vec::new();
        for _ in 0..MOST_HOPS {
            let cookie: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let cookie = cookie.join("; ");
            let mut headers = vec![("accept", "text/html")];
            if !cookie.is_empty() {
                headers.push(("cookie", &cookie));
            }
            let seen = self.probe.get(url.as_str(), &headers).await;
            for set in seen.headers("set-cookie") {
                if let Some((name, value)) = set.split(';').next().and_then(|pair| pair.split_once('=')) {
                    cookies.insert(name.trim().to_owned(), value.trim().to_owned());
                }
            }
            let next = seen.location().filter(|location| !location.starts_with(redirect_uri)).and_then(|location| url.join(location).ok());
            hops.push(seen);
            match next.filter(|next| next.origin() == origin) {
                Some(next) => url = next,
                None => break,
            }
        }
        Visit { redirect_uri: redirect_uri.to_owned(), hops }
    }
}

const REVISION: &str = "2025-11-25";
const JSON: &[(&str, &str)] = &[("accept", "application/json")];
const SENDS_JSON: [(&str, &str); 2] = [("accept", "application/json"), ("content-type", "application/json")];

/// The first message of a session.
pub(crate) fn initialize() -> Value {
    let client = json!({"name": "mcp-doctor", "version": env!("CARGO_PKG_VERSION")});
    let parameters = json!({"protocolVersion": REVISION, "capabilities": {}, "clientInfo": client});
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": parameters})
}

/// Where an issuer's metadata may be, in the order in which clients look (2025-11-25, "Authorization Server Metadata Discovery").
fn well_known(issuer: &Url) -> Vec<String> {
    let origin = issuer.origin().ascii_serialization();
    let path = issuer.path().trim_end_matches('/');
    let mut places =
        vec![format!("{origin}/.well-known/oauth-authorization-server{path}"), format!("{origin}/.well-known/openid-configuration{path}")];
    if !path.is_empty() {
        places.push(format!("{origin}{path}/.well-known/openid-configuration"));
    }
    places
}

/// The same redirect with another port, if it is one to this machine.
fn with_port(redirect_uri: &str, port: u16) -> Option<String> {
    let mut url = Url::parse(redirect_uri).ok().filter(|url| url.scheme() == "http" && is_on_this_machine(url.as_str()))?;
    url.set_port(Some(port)).ok()?;
    Some(url.to_string())
}
