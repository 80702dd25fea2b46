//! How a client finds the authorization server and its endpoints.

use mcp_tests::authorized::Authorized;
use serde_json::Value;

use super::connection::{send, text};
use super::mcp;
use super::profile::{Discovery, Profile, Proof};

/// What a client found.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    /// The path of the token endpoint.
    pub(crate) token: String,
    /// The path at which clients register.
    pub(crate) register: String,
    /// What the resource is called.
    pub(crate) resource: String,
    /// The scopes that were named when it was refused.
    pub(crate) challenged: String,
    /// The scopes that the authorization server lists.
    pub(crate) supported: String,
    metadata: Value,
}

impl Endpoints {
    /// Finds them.
    pub(crate) async fn find(profile: &Profile, site: &Authorized) -> Self {
        let mut found = match profile.discovery {
            Discovery::Challenge => Self::by_challenge(profile, site).await,
            Discovery::WellKnown => Self::by_resource(profile, site, "/.well-known/oauth-protected-resource/mcp").await,
            Discovery::SameOrigin | Discovery::Defaults => {
                assert_eq!(mcp::first(profile, site).await.status, 401);
                Self::default()
            }
        };
        if profile.discovery == Discovery::Defaults {
            return Self { token: "/token".to_owned(), register: "/register".to_owned(), ..found };
        }
        found.read_metadata(profile, site).await;
        found
    }

    /// It is refused, and the challenge says where to look.
    async fn by_challenge(profile: &Profile, site: &Authorized) -> Self {
        let refused = mcp::first(profile, site).await;
        assert_eq!(refused.status, 401, "{refused:?}");
        assert_eq!(refused.challenged("error"), None, "nothing was wrong with a token: there was none");
        let document = refused.challenged("resource_metadata").expect("the document of the resource is named").to_owned();
        let path = document.strip_prefix(&site.url).unwrap_or_else(|| panic!("somewhere else: {document}"));
        let challenged = refused.challenged("scope").expect("the scopes are named").to_owned();
        assert!(!challenged.contains("offline_access"), "{challenged}");
        Self { challenged, ..Self::by_resource(profile, site, path).await }
    }

    /// The document of the resource says who its authorization server is.
    async fn by_resource(profile: &Profile, site: &Authorized, path: &str) -> Self {
        let answer = send(profile, site, "GET", path, &[], "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let document = answer.json();
        let resource = text(&document, "resource");
        assert_eq!(resource, format!("{}/mcp", site.url), "the URL as it was typed");
        assert_eq!(document["authorization_servers"][0], site.url.as_str(), "clients take the first");
        Self { resource, ..Self::default() }
    }

    async fn read_metadata(&mut self, profile: &Profile, site: &Authorized) {
        let root = format!("/.well-known/{}", profile.metadata);
        if profile.discovery != Discovery::SameOrigin {
            // They try the path of the endpoint first; what is there is not for them.
            let other = send(profile, site, "GET", &format!("{root}/mcp"), &[], "").await;
            assert_eq!(other.status, 404, "{other:?}");
            assert!(other.json()["error"].is_string(), "{other:?}");
        }
        let answer = send(profile, site, "GET", &root, &[], "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.metadata = answer.json();
        assert_eq!(self.metadata["issuer"], site.url.as_str());
        assert!(self.lists("code_challenge_methods_supported", "S256"));
        assert_eq!(text(&self.metadata, "authorization_endpoint"), format!("{}/authorize", site.url));
        let path = |name: &str| text(&self.metadata, name).strip_prefix(&site.url).expect("it is on the same server").to_owned();
        (self.token, self.register) = (path("token_endpoint"), path("registration_endpoint"));
        let scopes = self.metadata["scopes_supported"].as_array().expect("a list");
        self.supported = scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    }

    /// The client goes by a document only if the metadata says all that it wants to be said.
    pub(crate) fn assert_take_documents(&self, profile: &Profile) {
        assert_eq!(self.metadata["client_id_metadata_document_supported"], true);
        assert_eq!(self.metadata["authorization_response_iss_parameter_supported"], true);
        assert!(self.lists("token_endpoint_auth_methods_supported", "none"));
        if profile.proof == Proof::Assertion {
            assert!(self.lists("token_endpoint_auth_methods_supported", "private_key_jwt"));
            assert!(self.lists("token_endpoint_auth_signing_alg_values_supported", "RS256"));
        }
    }

    fn lists(&self, name: &str, value: &str) -> bool {
        self.metadata[name].as_array().is_some_and(|values| values.iter().any(|one| one == value))
    }
}
