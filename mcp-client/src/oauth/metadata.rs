//! What servers say about themselves.

use serde::Deserialize;

/// Protected resource metadata (RFC 9728, section 2), as far as a client needs it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ProtectedResource {
    pub(crate) resource: String,
    #[serde(default)]
    pub(crate) authorization_servers: Vec<String>,
    #[serde(default)]
    pub(crate) scopes_supported: Option<Vec<String>>,
}

/// Authorization server metadata (RFC 8414, section 2; OpenID Connect Discovery 1.0), as far as a client needs it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ServerMetadata {
    pub(crate) issuer: String,
    #[serde(default)]
    pub(crate) authorization_endpoint: Option<String>,
    #[serde(default)]
    pub(crate) token_endpoint: Option<String>,
    #[serde(default)]
    pub(crate) registration_endpoint: Option<String>,
    #[serde(default)]
    pub(crate) revocation_endpoint: Option<String>,
    #[serde(default)]
    pub(crate) scopes_supported: Vec<String>,
    #[serde(default)]
    pub(crate) code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) dpop_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    pub(crate) client_id_metadata_document_supported: bool,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

impl ServerMetadata {
    /// Whether it binds tokens to keys of the kind that this client makes.
    pub(crate) fn takes_proofs(&self) -> bool {
        self.dpop_signing_alg_values_supported.iter().any(|algorithm| algorithm == "ES256")
    }

    /// Whether clients may prove who they are by what they sign with a key of the kind that this client has.
    pub(crate) fn takes_assertions(&self) -> bool {
        let algorithms = self.token_endpoint_auth_signing_alg_values_supported.as_deref();
        self.takes("private_key_jwt") && algorithms.is_none_or(|given| given.iter().any(|algorithm| algorithm == "ES256"))
    }

    /// Whether clients may prove who they are in this way. `client_secret_basic` is what an omission means.
    pub(crate) fn takes(&self, method: &str) -> bool {
        match &self.token_endpoint_auth_methods_supported {
            Some(methods) => methods.iter().any(|given| given == method),
            None => method == "client_secret_basic",
        }
    }
}
