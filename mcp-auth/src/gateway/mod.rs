//! A gateway in front that has identified the caller.

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use ipnet::{IpNet, Ipv4Net};
use mcp_core::{Principal, ScopeSet, is_scope_token};
use serde_json::{Map, Value};

use crate::digest::{Sha256, sha256};
use crate::{AuthError, Authenticate, Credentials};

/// Who vouches for what a gateway says: an issuer of its own, so that its users are nobody else's.
const ISSUER: &str = "urn:mcp-parity:gateway";

/// The longest value of an identity header, in bytes.
const MAX_VALUE_BYTES: usize = 1_024;

/// Believes what a gateway says of the caller in `x-auth-user`, `x-auth-scopes` (separated by spaces) and
/// `x-auth-email`; the e-mail address counts as verified.
///
/// The headers count only if the request comes directly from one of the listed peers; from anybody else
/// they are ignored. The gateway must overwrite or remove them in what it forwards. Where something else can
/// connect from a listed address, as on a shared host, ask for a [secret](Self::secret) as well.
///
/// A header that occurs more than once is refused; one that is not text counts as none.
#[derive(Clone)]
pub struct Gateway {
    peers: Vec<IpNet>,
    /// The digest of the secret. Digests are compared because that takes a time of which the secret cannot be learnt.
    secret: Option<Sha256>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("peers", &self.peers).field("secret", &self.secret.map(|_| "[redacted]")).finish()
    }
}

impl Gateway {
    /// Believes peers with these addresses. IPv4 mapped into IPv6 is IPv4, in the list as in requests.
    pub fn trusting(peers: impl IntoIterator<Item = IpNet>) -> Self {
        Self { peers: peers.into_iter().map(canonical).collect(), secret: None }
    }

    /// Asks listed peers for this secret in `x-auth-secret`, too.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = Some(sha256(&[secret.as_bytes()]));
        self
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.peers.iter().any(|peers| peers.contains(&peer))
    }

    /// Whether the request is the gateway's: `false` if it does not claim to be.
    fn is_from(&self, credentials: Credentials<'_>) -> Result<bool, AuthError> {
        if !credentials.peer().is_some_and(|peer| self.trusts(peer)) {
            return Ok(false);
        }
        let Some(secret) = &self.secret else { return Ok(true) };
        match header(credentials, "x-auth-secret")? {
            Some(given) if sha256(&[given.as_bytes()]) == *secret => Ok(true),
            Some(_) => Err(AuthError::invalid("the gateway's secret is wrong")),
            None => Ok(false),
        }
    }
}

#[async_trait]
impl Authenticate for Gateway {
    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, AuthError> {
        if !self.is_from(credentials)? {
            return Err(AuthError::Missing);
        }
        let user = header(credentials, "x-auth-user")?;
        let scopes = header(credentials, "x-auth-scopes")?.map(scopes).transpose()?;
        let email = header(credentials, "x-auth-email")?;
        let user = word(user.ok_or(AuthError::Missing)?)?;
        let mut claims = Map::new();
        if let Some(email) = email {
            claims.insert("email".to_owned(), Value::from(word(email)?));
            claims.insert("email_verified".to_owned(), Value::Bool(true));
        }
        Ok(Principal::new(user).with_issuer(ISSUER).with_scopes(scopes.unwrap_or_else(ScopeSet::none)).with_claims(claims))
    }
}

/// A network as canonical addresses are compared with it.
pub(crate) fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else { return network };
    let prefix = mapped.prefix_len().checked_sub(96);
    let address = mapped.network().to_ipv4_mapped();
    prefix.zip(address).and_then(|(prefix, address)| Ipv4Net::new(address, prefix).ok()).map_or(network, IpNet::V4)
}

/// A header of bounded length.
fn header<'a>(credentials: Credentials<'a>, name: &str) -> Result<Option<&'a str>, AuthError> {
    if credentials.repeats(name) {
        return Err(AuthError::invalid("an identity header is repeated"));
    }
    let value = credentials.header(name);
    if value.is_some_and(|value| value.len() > MAX_VALUE_BYTES) {
        return Err(AuthError::invalid("an identity header is too long"));
    }
    Ok(value)
}

/// One word of visible ASCII.
fn word(value: &str) -> Result<&str, AuthError> {
    let valid = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    valid.then_some(value).ok_or(AuthError::invalid("an identity header is malformed"))
}

/// Scope tokens with spaces between them (RFC 6749, section 3.3).
fn scopes(list: &str) -> Result<ScopeSet, AuthError> {
    let scopes = list.split(' ').filter(|scope| !scope.is_empty());
    let check = |scope: &str| is_scope_token(scope).then(|| scope.to_owned()).ok_or(AuthError::invalid("an identity header is malformed"));
    scopes.map(check).collect::<Result<Vec<String>, AuthError>>().map(ScopeSet::from_iter)
}
