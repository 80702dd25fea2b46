//! Access tokens: JWTs (RFC 9068) that are good for as long as the grant they were issued under.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use mcp_core::{Principal, ScopeSet, Tier};
use mcp_store::StoreError;
use serde::Serialize;
use serde_json::Value;

use crate::server::client::{Client, ClientSource};
use crate::server::db::Db;
use crate::server::grant::{Grant, RevokedToken};
use crate::server::keys::Keys;
use crate::server::rules::Rules;
use crate::server::secrets::new_id;
use crate::server::user::User;
use crate::{AuthError, Bearer, Clock, Fetch, FetchError, JwsAlgorithm, JwtIssuer, JwtVerifier, Policy, Resource, VerifyToken};

/// The claim that names the grant of a token.
pub(crate) const GRANT_CLAIM: &str = "gid";

/// An access token that was made, and how long it is good, in seconds.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) token: String,
    pub(super) expires_in: u64,
    pub(super) scopes: BTreeSet<String>,
}

/// For whom a token is made.
pub(super) enum Holder<'a> {
    /// A client that acts for a person.
    Grant { id: &'a str, grant: &'a Grant },
    /// A client that acts for itself.
    Client(&'a Client),
}

/// What an access token says (RFC 9068, section 2.2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Audience<'a>,
    client_id: &'a str,
    scope: String,
    iat: u64,
    exp: u64,
    jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<Vec<&'a str>>,
    /// [`GRANT_CLAIM`].
    #[serde(skip_serializing_if = "Option::is_none")]
    gid: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Audience<'a> {
    One(&'a str),
    Several(&'a [String]),
}

/// Makes an access token with some scopes for some resources.
pub(super) async fn make(
    keys: &Keys,
    rules: &Rules,
    now: u64,
    holder: Holder<'_>,
    scopes: BTreeSet<String>,
    resources: &[String],
) -> Result<Access, StoreError> {
    let mut ends = now + rules.access_ttl.as_secs();
    let jti = new_id();
    let mut claims = Claims {
        iss: &rules.issuer,
        sub: "",
        aud: if let [one] = resources { Audience::One(one) } else { Audience::Several(resources) },
        client_id: "",
        scope: scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
        iat: now,
        exp: 0,
        jti: &jti,
        auth_time: None,
        amr: None,
        gid: None,
    };
    match holder {
        Holder::Grant { id, grant } => {
            ends = ends.min(grant.ends);
            if !scopes.is_disjoint(&grant.elevated) {
                ends = ends.min(grant.elevated_until);
            }
            let mut amr: Vec<&str> = grant.amr.iter().map(String::as_str).collect();
            // Only while what it was presented for lasts.
            if scopes.contains(&rules.second_factor_scope) && !amr.contains(&"mfa") {
                amr.push("mfa");
            } else if !scopes.contains(&rules.second_factor_scope) {
                amr.retain(|method| *method != "mfa");
            }
            claims = Claims {
                sub: &grant.user,
                client_id: &grant.client,
                auth_time: Some(grant.auth_time),
                amr: Some(amr),
                gid: Some(id),
                ..claims
            };
        }
        Holder::Client(client) => claims = Claims { sub: &client.id, client_id: &client.id, ..claims },
    }
    claims.exp = ends;
    let token = keys.sign(&claims).await?;
    Ok(Access { token, expires_in: ends - now, scopes })
}

/// Knows the access tokens that this server issued.
#[derive(Debug)]
pub(crate) struct Issued {
    jwt: JwtVerifier,
    db: Db,
    issuer: String,
    /// What a person may do now, of what it let its client do then.
    policy: Policy,
}

impl Issued {
    pub(crate) fn new(keys: Keys, db: Db, issuer: &str, policy: &Policy, clock: Clock) -> Result<Self, crate::NotAnIssuer> {
        let known = JwtIssuer::new(issuer)?.algorithms([JwsAlgorithm::Es256]).jwks_uri(format!("{issuer}/jwks"));
        let jwt = JwtVerifier::new(Arc::new(OwnKeys(keys))).clock(clock).issuer(known);
        // What was granted was decided then; from now on it can only become less.
        Ok(Self { jwt, db, issuer: issuer.to_owned(), policy: policy.clone().grant(crate::Grant::Intersect) })
    }

    async fn look_up(&self, principal: &Principal) -> Result<Principal, Refusal> {
        let claim = |name: &str| principal.claim(name).and_then(Value::as_str);
        if let Some(jti) = claim("jti")
            && self.db.get::<RevokedToken>(jti).await?.is_some()
        {
            return Err(Refusal::Ended);
        }
        let client = principal.client().ok_or(Refusal::Ended)?;
        let Some(id) = claim(GRANT_CLAIM) else { return self.service(principal, client).await };
        let grant = self.db.get::<Grant>(id).await?.ok_or(Refusal::Ended)?.value;
        let user = self.db.get::<User>(&grant.user).await?.filter(|user| !user.value.disabled).ok_or(Refusal::Ended)?.value;
        let scopes = match principal.scopes() {
            ScopeSet::These(scopes) => scopes.clone(),
            _ => BTreeSet::new(),
        };
        let decided = self.policy.apply(user.to_the_policy(scopes))?;
        let mut claims = user.claims();
        for name in [GRANT_CLAIM, "jti", "amr", "auth_time", "scope"] {
            claims.extend(principal.claim(name).map(|value| (name.to_owned(), value.clone())));
        }
        let known = Principal::new(grant.user)
            .with_issuer(self.issuer.as_str())
            .with_client(client)
            .with_scopes(decided.scopes().clone())
            .with_tier(decided.tier())
            .with_second_factor(principal.has_second_factor())
            .with_claims(claims);
        Ok(match principal.expires_at() {
            Some(expiry) => known.with_expiry(expiry),
            None => known,
        })
    }

    /// A client that acts for itself, for as long as the operator has it.
    async fn service(&self, principal: &Principal, id: &str) -> Result<Principal, Refusal> {
        let client = self.db.get::<Client>(id).await?.ok_or(Refusal::Ended)?.value;
        if client.source != ClientSource::Operator {
            return Err(Refusal::Ended);
        }
        Ok(principal.clone().with_tier(Tier::Service))
    }
}

/// Why a token that is well signed is not taken.
enum Refusal {
    Ended,
    Store(StoreError),
    Auth(AuthError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

#[async_trait]
impl VerifyToken for Issued {
    async fn verify(&self, token: Bearer<'_>, resource: &Resource) -> Result<Principal, AuthError> {
        let principal = self.jwt.verify(token, resource).await?;
        self.look_up(&principal).await.map_err(|refusal| match refusal {
            Refusal::Ended => AuthError::invalid("what the token was issued for has ended"),
            Refusal::Auth(error) => error,
            Refusal::Store(error) => {
                tracing::error!(%error, "a token could not be looked up");
                AuthError::Unavailable { retry_after: Duration::from_secs(5) }
            }
        })
    }

    fn issuers(&self) -> Vec<String> {
        VerifyToken::issuers(&self.jwt)
    }
}

/// Answers the verifier's question for keys without leaving the process.
struct OwnKeys(Keys);

impl fmt::Debug for OwnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnKeys")
    }
}

#[async_trait]
impl Fetch for OwnKeys {
    async fn fetch(&self, _: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        match self.0.published().await {
            Ok(keys) => Ok(Response::new(keys.to_string().into())),
            Err(error) => {
                tracing::error!(%error, "the signing keys cannot be read");
                Err(FetchError::Unreachable("the store failed".to_owned()))
            }
        }
    }
}
