//! The way to another site and back, so that who comes back is who was sent (RFC 9700, sections 2.1 and 4.7).

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::digest::sha256;
use crate::server::Params;
use crate::server::login::{LoginContext, LoginError};
use crate::server::secrets::{random, same};

/// How long somebody may take to sign in elsewhere.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// What is remembered of somebody who was sent elsewhere. `Debug` shows nothing of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Handshake {
    state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// In seconds since 1970.
    until: u64,
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handshake([redacted])")
    }
}

impl Handshake {
    /// Where to send a person: to `endpoint` with what every such request has, and PKCE (RFC 7636). A handshake that was under way ends.
    pub(super) fn begin(cx: &mut LoginContext<'_>, endpoint: &str, client_id: &str, scope: &str) -> Option<(Url, Self)> {
        let mut url = Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
        let until = cx.clock.unix_seconds() + LASTS.as_secs();
        let handshake = Self { state: secret(), nonce: secret(), verifier: secret(), until };
        *cx.state = serde_json::to_value(&handshake).expect("texts and a number");
        let challenge = URL_SAFE_NO_PAD.encode(sha256(&[handshake.verifier.as_bytes()]));
        url.query_pairs_mut()
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", cx.callback_url)
            .append_pair("scope", scope)
            .append_pair("state", &handshake.state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Some((url, handshake))
    }

    /// What was remembered of a person who comes back, once: whatever it brings, it is forgotten then.
    ///
    /// # Errors
    /// What to tell somebody who was not sent, took too long, or brings an answer that is none.
    pub(super) fn take(cx: &mut LoginContext<'_>, answer: &Params) -> Result<Self, LoginError> {
        let remembered = serde_json::from_value::<Self>(std::mem::take(cx.state));
        let fresh = remembered.ok().filter(|handshake| cx.clock.unix_seconds() < handshake.until);
        let repeated = answer.check_repeated(&[]).is_err();
        let own = fresh.filter(|handshake| !repeated && answer.first("state").is_some_and(|state| same(state, &handshake.state)));
        own.ok_or_else(|| LoginError::new("this sign-in took too long, or was begun in another window; sign in again"))
    }

    /// The code in an answer.
    ///
    /// # Errors
    /// What to tell the person when there is none.
    pub(super) fn code<'a>(answer: &'a Params, site: &str) -> Result<&'a str, LoginError> {
        match (answer.first("error"), answer.first("code")) {
            (None, Some(code)) => Ok(code),
            (Some("access_denied"), _) => Err(LoginError::new(format!("{site} was told not to sign you in here"))),
            _ => Err(LoginError::new(format!("{site} did not sign you in; try again"))),
        }
    }
}

/// 256 random bits: enough for a state, a nonce and a verifier (RFC 7636, section 4.1).
fn secret() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}
