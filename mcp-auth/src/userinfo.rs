//! Asking an OpenID provider whose token it is (OpenID Connect Core 1.0, section 5.3).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode, Uri};
use mcp_core::{Principal, ScopeSet};

use crate::client_auth::sensitive;
use crate::{AuthError, Bearer, Fetch, Resource, VerifyToken, claims, upstream};

/// The endpoint's name in the log.
const ENDPOINT: &str = "userinfo";

/// An OpenID provider's userinfo endpoint, to be asked whose a token is.
///
/// Some providers issue tokens that nobody else can read and offer no introspection; asking them for the
/// user is what remains. An answer proves who the user is, but not that the token is meant for this
/// server: whoever gets hold of a token for any other client of the provider can use it here. Where the
/// provider can issue tokens with an audience, that is the better way. So this becomes a
/// [`VerifyToken`] only by [`accept_without_audience`](Self::accept_without_audience).
///
/// ```
/// # use std::sync::Arc;
/// # fn verifier(fetcher: Arc<dyn mcp_auth::Fetch>) -> impl mcp_auth::VerifyToken {
/// let url = http::Uri::from_static("https://issuer.example/userinfo");
/// mcp_auth::Userinfo::new(fetcher, url).issuer("https://issuer.example").accept_without_audience()
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # use std::sync::Arc;
/// # fn verifier(fetcher: Arc<dyn mcp_auth::Fetch>) -> impl mcp_auth::VerifyToken {
/// let url = http::Uri::from_static("https://issuer.example/userinfo");
/// mcp_auth::Userinfo::new(fetcher, url).issuer("https://issuer.example")
/// # }
/// ```
#[derive(Clone)]
pub struct Userinfo {
    fetcher: Arc<dyn Fetch>,
    endpoint: Uri,
    issuer: Option<String>,
    granted: ScopeSet,
}

/// Asks an OpenID provider's userinfo endpoint whose a token is; made by [`Userinfo`].
///
/// Each question is a request, so put it into a [`Cached`](crate::Cached).
#[derive(Clone, Debug)]
pub struct UserinfoVerifier(Userinfo);

impl fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Userinfo")
            .field("endpoint", &upstream::shown(&self.endpoint))
            .field("issuer", &self.issuer)
            .field("granted", &self.granted)
            .finish_non_exhaustive()
    }
}

impl Userinfo {
    /// Asks at `endpoint`, an absolute URL.
    #[must_use]
    pub fn new(fetcher: Arc<dyn Fetch>, endpoint: Uri) -> Self {
        Self { fetcher, endpoint, issuer: None, granted: ScopeSet::none() }
    }

    /// Names the issuer: protected resource metadata shows it, and an answer with another `iss` is refused.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The scopes that every user holds; none unless set. The endpoint does not say which the token has.
    #[must_use]
    pub fn granting(mut self, scopes: ScopeSet) -> Self {
        self.granted = scopes;
        self
    }

    /// Takes a token for whomever it is meant, which the endpoint does not say.
    #[must_use]
    pub fn accept_without_audience(self) -> UserinfoVerifier {
        UserinfoVerifier(self)
    }

    fn request(&self, token: Bearer<'_>) -> Result<Request<Bytes>, http::Error> {
        let authorization = sensitive(&format!("Bearer {}", token.expose()))?;
        Request::get(&self.endpoint).header(ACCEPT, "application/json").header(AUTHORIZATION, authorization).body(Bytes::new())
    }
}

#[async_trait]
impl VerifyToken for UserinfoVerifier {
    async fn verify(&self, token: Bearer<'_>, _resource: &Resource) -> Result<Principal, AuthError> {
        let Self(userinfo) = self;
        let answer = upstream::ask(&*userinfo.fetcher, ENDPOINT, userinfo.request(token)).await?;
        match answer.status() {
            StatusCode::OK => {}
            _ if refuses_token(&answer) => return Err(AuthError::invalid("the issuer does not accept the token")),
            _ => return Err(upstream::unexpected(ENDPOINT, "it is not 200", &answer)),
        }
        let claims = upstream::object(ENDPOINT, &answer)?;
        claims::check_issuer(&claims, userinfo.issuer.as_deref())?;
        // Only what describes the user is believed: scopes, times and methods of a token are not in this answer.
        let principal = Principal::new(claims::subject(&claims)?).with_scopes(userinfo.granted.clone());
        let principal = userinfo.issuer.iter().fold(principal, |principal, issuer| principal.with_issuer(issuer));
        Ok(principal.with_claims(claims))
    }

    fn issuers(&self) -> Vec<String> {
        self.0.issuer.iter().cloned().collect()
    }
}

/// Whether an answer is about the token (RFC 6750, section 3.1). A 400 or 403 may as well come from
/// something on the way, as a firewall; it counts if it names one of the RFC's errors.
fn refuses_token(answer: &Response<Bytes>) -> bool {
    match answer.status() {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN => {
            let codes = ["invalid_request", "invalid_token", "insufficient_scope"];
            let challenges = answer.headers().get_all(WWW_AUTHENTICATE);
            let challenged =
                challenges.iter().filter_map(|value| value.to_str().ok()).any(|text| codes.iter().any(|code| text.contains(code)));
            let body = upstream::object(ENDPOINT, answer).unwrap_or_default();
            challenged || body.get("error").and_then(|error| error.as_str()).is_some_and(|error| codes.contains(&error))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::FetchError;
    use crate::fakes::Issuer;

    async fn verify(issuer: &Arc<Issuer>) -> Result<Principal, AuthError> {
        let fetcher: Arc<dyn Fetch> = issuer.clone();
        let userinfo = Userinfo::new(fetcher, Uri::from_static("https://issuer.example/userinfo")).issuer("https://issuer.example");
        let resource = Resource::parse("https://mcp.example.com/mcp").expect("a URL");
        let verifier = userinfo.granting(ScopeSet::parse("read")).accept_without_audience();
        assert_eq!(VerifyToken::issuers(&verifier), ["https://issuer.example"]);
        verifier.verify(Bearer::parse("hush").expect("a token"), &resource).await
    }

    #[tokio::test]
    async fn the_answer_names_the_user_and_grants_nothing() {
        let body = r#"{"sub":"auth0|1","email":"a@b.example","email_verified":true,"scope":"admin","amr":["mfa"],"client_id":"x"}"#;
        let issuer = Issuer::answers(200, &[], body);
        let principal = verify(&issuer).await.expect("a caller");
        assert_eq!((principal.subject(), principal.issuer()), (Some("auth0|1"), Some("https://issuer.example")));
        assert_eq!((principal.scopes(), principal.email()), (&ScopeSet::parse("read"), Some("a@b.example")));
        assert!(!principal.has_second_factor() && principal.client().is_none());
        let asked = issuer.asked.lock().expect("no test panicked");
        assert_eq!((asked.len(), asked[0].method()), (1, &http::Method::GET));
        assert_eq!(asked[0].headers()[AUTHORIZATION], "Bearer hush");
        assert!(!format!("{:?}", asked[0]).contains("hush"));
    }

    #[tokio::test]
    async fn only_answers_about_the_token_refuse_it() {
        let challenge = ("www-authenticate", "Bearer error=\"invalid_token\"");
        for (status, headers, body, invalid) in [
            (401, &[][..], "", true),
            (403, &[challenge][..], "", true),
            (400, &[], r#"{"error":"invalid_token"}"#, true),
            (400, &[], r#"{"error":"try later"}"#, false),
            (403, &[], "<html>blocked</html>", false),
            (429, &[], "", false),
            (500, &[challenge], "", false),
            (302, &[], r#"{"sub":"a"}"#, false),
            (200, &[], "eyJhbGciOiJub25lIn0.e30.", false),
            (200, &[], "{}", true),
            (200, &[], r#"{"sub":""}"#, true),
            (200, &[], r#"{"sub":7}"#, true),
            (200, &[], r#"{"sub":"a","iss":"https://other.example"}"#, true),
        ] {
            let verdict = verify(&Issuer::answers(status, headers, body)).await;
            assert_eq!(matches!(verdict, Err(AuthError::Invalid { .. })), invalid, "{status} {body}");
            assert_eq!(matches!(verdict, Err(AuthError::Unavailable { .. })), !invalid, "{status} {body}");
        }
        let verdict = verify(&Issuer::fails(FetchError::Unreachable("refused".to_owned()))).await;
        assert_eq!(verdict, Err(AuthError::Unavailable { retry_after: Duration::from_secs(5) }));
    }
}
