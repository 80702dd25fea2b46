//! From a browser that comes to a code, and from a code to who it stands for (RFC 6749, section 4.1).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;
use url::form_urlencoded;

use super::state::{CODE_LIFE, State, encode, random};
use super::{Misbehaviour, User};
use crate::loopback::{Asked, Document, lock};

/// What a code or an access token stands for.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) user: User,
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
    redirect: Option<String>,
    challenge: Option<String>,
    expires: u64,
}

impl Grant {
    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.scope.split([' ', ',']).any(|given| given == scope)
    }
}

/// Why a code is not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Client,
    Redirect,
    Code,
}

/// What a request asks for, or the page on which it ends because nobody knows where to send the user.
pub(super) fn redirect_of(state: &State, asked: &Asked) -> Result<Url, Document> {
    let refusal = |why: &str| Document::new("text/plain", why.to_owned()).status(400);
    if asked.parameter("client_id").as_ref() != Some(&state.client_id) {
        return Err(refusal("unknown client"));
    }
    let redirects = &lock(&state.inner).redirects;
    // Who asks for none gets the one that was registered.
    let uri = asked.parameter("redirect_uri").or_else(|| redirects.first().cloned()).unwrap_or_default();
    if !redirects.is_empty() && !redirects.contains(&uri) {
        return Err(refusal("this redirect URI is not registered"));
    }
    Url::parse(&uri).map_err(|_| refusal("no redirect URI"))
}

/// Sends the user back with these parameters besides the state.
pub(super) fn send_back(state: &State, asked: &Asked, mut to: Url, parameters: &[(&str, &str)]) -> Document {
    let own = if state.does(Misbehaviour::WrongState) { Some(random(8)) } else { asked.parameter("state") };
    to.query_pairs_mut().extend_pairs(parameters).extend_pairs(own.map(|own| ("state", own)));
    Document::redirect(302, to.as_str())
}

/// A code for the user who is signed in; nothing if nobody is. Scopes are those that were asked for.
pub(super) fn code(state: &State, asked: &Asked) -> Option<String> {
    let mut inner = lock(&state.inner);
    let grant = Grant {
        user: inner.user.clone()?,
        scope: asked.parameter("scope").unwrap_or_default(),
        nonce: asked.parameter("nonce"),
        redirect: asked.parameter("redirect_uri"),
        challenge: asked.parameter("code_challenge"),
        expires: inner.clock.unix_seconds() + CODE_LIFE.as_secs(),
    };
    let code = random(16);
    inner.codes.insert(code.clone(), grant);
    Some(code)
}

/// Exchanges the code of a request, once.
pub(super) fn redeem(state: &State, asked: &Asked) -> Result<Grant, Refusal> {
    if credentials(asked) != Some((state.client_id.clone(), state.client_secret.clone())) {
        return Err(Refusal::Client);
    }
    let grant = lock(&state.inner).codes.remove(&asked.parameter("code").unwrap_or_default()).ok_or(Refusal::Code)?;
    if asked.parameter("redirect_uri") != grant.redirect {
        return Err(Refusal::Redirect);
    }
    let proof = asked.parameter("code_verifier").map(|verifier| encode(digest(&SHA256, verifier.as_bytes())));
    if proof != grant.challenge || state.now() >= grant.expires {
        return Err(Refusal::Code);
    }
    Ok(grant)
}

/// Gives out an access token.
pub(super) fn access_token(state: &State, prefix: &str, grant: Grant) -> String {
    let token = format!("{prefix}{}", random(24));
    lock(&state.inner).tokens.insert(token.clone(), grant);
    token
}

/// Whom the access token of a request belongs to.
pub(super) fn bearer(state: &State, asked: &Asked) -> Option<Grant> {
    let (scheme, token) = asked.header("authorization")?.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    lock(&state.inner).tokens.get(token).filter(|_| known).cloned()
}

/// Id and secret of a client, in the header or in the body (RFC 6749, section 2.3.1), but not in both.
fn credentials(asked: &Asked) -> Option<(String, String)> {
    let in_body = asked.parameter("client_secret").and_then(|secret| Some((asked.parameter("client_id")?, secret)));
    let Some(header) = asked.header("authorization") else { return in_body };
    let decoded = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    in_body.is_none().then(|| (decode(id), decode(secret)))
}

fn decode(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}
