//! What an issuer publishes about itself (RFC 8414; OpenID Connect Discovery 1.0).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::fetch::document;
use crate::fetch::kept::{Ages, Kept};
use crate::jwt::json::object;
use crate::{AuthError, Clock, Fetch, FetchError};

/// The identifier of an issuer: a URL that is compared exactly (RFC 8414, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

/// Why a text is not the identifier of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnIssuer;

impl fmt::Display for NotAnIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an issuer is an absolute http or https URL without user, query and fragment")
    }
}

impl std::error::Error for NotAnIssuer {}

impl Issuer {
    /// An issuer by its identifier, as `https://auth.example.com`. Whether `http` may be asked is the fetcher's decision.
    ///
    /// # Errors
    /// When it is not an absolute `http` or `https` URL without user, query and fragment.
    pub fn parse(issuer: &str) -> Result<Self, NotAnIssuer> {
        let url = Url::parse(issuer).map_err(|_| NotAnIssuer)?;
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        let printable = issuer.bytes().all(|byte| byte.is_ascii_graphic());
        (matches!(url.scheme(), "http" | "https") && bare && printable).then(|| Self(issuer.to_owned())).ok_or(NotAnIssuer)
    }

    /// The identifier as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its metadata may be: RFC 8414, section 3.1; the same for OpenID Connect; OpenID Connect Discovery, section 4.
    fn well_known(&self) -> Vec<String> {
        let Ok(url) = Url::parse(&self.0) else { return Vec::new() };
        let (origin, path) = (url.origin().ascii_serialization(), url.path().trim_end_matches('/'));
        let mut urls = vec![
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
            format!("{origin}/.well-known/openid-configuration{path}"),
            format!("{origin}{path}/.well-known/openid-configuration"),
        ];
        urls.dedup();
        urls
    }
}

/// What an issuer publishes about itself, as far as its clients and resource servers need it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// Where its keys are.
    pub jwks_uri: Option<String>,
    /// Where an access token is exchanged for claims of its user (OpenID Connect Core, section 5.3).
    pub userinfo_endpoint: Option<String>,
    /// Where an access token is looked up (RFC 7662).
    pub introspection_endpoint: Option<String>,
    /// Where people sign in (RFC 6749, section 3.1).
    pub authorization_endpoint: Option<String>,
    /// Where a code is exchanged for tokens (RFC 6749, section 3.2).
    pub token_endpoint: Option<String>,
    /// How clients can identify themselves there. `client_secret_basic` if it does not say (RFC 8414, section 2).
    pub token_endpoint_auth_methods: Vec<String>,
    /// Whether it says who it is when it leads people back (RFC 9207, section 3).
    pub authorization_response_iss: bool,
}

impl Metadata {
    /// Reads a document, if it is this issuer's: one that names another must not be used (RFC 8414, section 3.3).
    fn parse(document: &[u8], issuer: &Issuer) -> Option<Self> {
        let document = object(document).ok()?;
        let text = |name: &str| document.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        (text("issuer")? == issuer.0).then(|| Self {
            jwks_uri: text("jwks_uri"),
            userinfo_endpoint: text("userinfo_endpoint"),
            introspection_endpoint: text("introspection_endpoint"),
            authorization_endpoint: text("authorization_endpoint"),
            token_endpoint: text("token_endpoint"),
            token_endpoint_auth_methods: match document.get("token_endpoint_auth_methods_supported").and_then(|value| value.as_array()) {
                Some(methods) => methods.iter().filter_map(|method| method.as_str().map(str::to_owned)).collect(),
                None => vec!["client_secret_basic".to_owned()],
            },
            authorization_response_iss: document
                .get("authorization_response_iss_parameter_supported")
                .and_then(|value| value.as_bool())
                .unwrap_or(false),
        })
    }
}

/// Looks for the metadata of an issuer, once.
///
/// # Errors
/// Why there is none, for the log.
pub(crate) async fn discover(fetcher: &dyn Fetch, issuer: &Issuer) -> Result<Metadata, String> {
    for url in issuer.well_known() {
        match document(fetcher, &url).await {
            Ok(Some(document)) => {
                if let Some(metadata) = Metadata::parse(&document, issuer) {
                    return Ok(metadata);
                }
            }
            Ok(None) | Err(FetchError::TooLarge) => {}
            // The other places are on the same host.
            Err(error) => return Err(error.to_string()),
        }
    }
    Err("none of the well-known documents is this issuer's metadata".to_owned())
}

/// The metadata of an issuer, fetched when first needed and kept until it is [forgotten](Self::forget).
#[derive(Debug)]
pub struct Discovery {
    issuer: Issuer,
    kept: Kept<Metadata>,
}

impl Discovery {
    /// Discovers an issuer. Nothing is fetched yet.
    pub fn new(issuer: Issuer, fetcher: Arc<dyn Fetch>, clock: Clock) -> Self {
        let wanted = issuer.clone();
        let kept = Kept::new(clock, Ages { stale: Duration::MAX, dead: Duration::MAX }, move || {
            let (fetcher, issuer) = (fetcher.clone(), wanted.clone());
            async move {
                let found = discover(fetcher.as_ref(), &issuer).await;
                found.inspect_err(|why| tracing::warn!(issuer = issuer.as_str(), %why, "the issuer's metadata could not be fetched")).ok()
            }
        });
        Self { issuer, kept }
    }

    /// The issuer.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Its metadata. After a failure nothing is fetched for 30 seconds.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] when it cannot be fetched now.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, AuthError> {
        self.kept.get().await
    }

    /// Lets the next caller fetch the metadata anew, for instance because an endpoint in it is gone.
    pub fn forget(&self) {
        self.kept.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::fake::Fake;

    #[test]
    fn issuers_are_plain_urls() {
        for (issuer, valid) in [
            ("https://auth.example.com", true),
            ("https://auth.example.com/tenant/", true),
            ("http://localhost:8080/realms/a", true),
            ("https://auth.example.com?a=b", false),
            ("https://auth.example.com#a", false),
            ("https://user@auth.example.com", false),
            (" https://auth.example.com", false),
            ("https://auth.example.com/\n", false),
            ("ftp://auth.example.com", false),
            ("auth.example.com", false),
            ("", false),
        ] {
            assert_eq!(Issuer::parse(issuer).is_ok(), valid, "{issuer}");
        }
    }

    /// Looks for the metadata of `issuer` where only `place` has a document, which names `named`.
    async fn check(issuer: &str, place: &str, named: &str, found: bool, asked: &[&str]) {
        let fake = Fake::new();
        fake.put(place, format!(r#"{{"issuer":"{named}","jwks_uri":"https://keys.example/jwks"}}"#));
        let discovery = Discovery::new(Issuer::parse(issuer).expect("an issuer"), fake.clone(), Clock::default());
        let metadata = discovery.metadata().await;
        assert_eq!(metadata.is_ok(), found, "{issuer} at {place}: {metadata:?}");
        assert_eq!(fake.asked(), asked, "{issuer} at {place}");
        if let Ok(metadata) = metadata {
            assert_eq!(metadata.jwks_uri.as_deref(), Some("https://keys.example/jwks"));
            assert_eq!((&metadata.userinfo_endpoint, &metadata.introspection_endpoint), (&None, &None));
        }
        let _ = discovery.metadata().await;
        assert_eq!(fake.asked(), asked, "{issuer}: found or not, nothing is fetched again at once");
    }

    #[tokio::test]
    async fn metadata_is_where_the_specifications_put_it_and_names_its_issuer() {
        const OAUTH: &str = "https://a.example/.well-known/oauth-authorization-server";
        const OIDC: &str = "https://a.example/.well-known/openid-configuration";
        const APPENDED: &str = "https://a.example/t/.well-known/openid-configuration";
        let (oauth, oidc) = (&format!("{OAUTH}/t"), &format!("{OIDC}/t"));
        check("https://a.example", OAUTH, "https://a.example", true, &[OAUTH]).await;
        check("https://a.example/", OIDC, "https://a.example/", true, &[OAUTH, OIDC]).await;
        check("https://a.example/t", oauth, "https://a.example/t", true, &[oauth]).await;
        check("https://a.example/t/", oauth, "https://a.example/t/", true, &[oauth]).await;
        check("https://a.example/t", oidc, "https://a.example/t", true, &[oauth, oidc]).await;
        check("https://a.example/t", APPENDED, "https://a.example/t", true, &[oauth, oidc, APPENDED]).await;
        for other in ["https://a.example/", "https://A.example", "https://a.example/t", "https://b.example", ""] {
            check("https://a.example", OAUTH, other, false, &[OAUTH, OIDC]).await;
        }
    }

    #[tokio::test]
    async fn an_issuer_that_is_down_is_unavailable() {
        let fake = Fake::new();
        fake.fail("https://a.example/.well-known/oauth-authorization-server");
        let discovery = Discovery::new(Issuer::parse("https://a.example").expect("an issuer"), fake.clone(), Clock::default());
        assert!(matches!(discovery.metadata().await, Err(AuthError::Unavailable { .. })));
        assert_eq!(fake.asked().len(), 1);
    }
}
