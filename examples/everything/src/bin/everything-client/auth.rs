//! How the client is let in, in the scenarios about that.

use std::sync::Arc;

use mcp_client::Credentials;
use mcp_client::oauth::{EnterpriseLogin, Headless, OAuth, OAuthBuilder, OAuthError, SigningKey};
use serde_json::Value;

/// The document by which the suite knows this client.
const DOCUMENT: &str = "https://conformance-test.local/client-metadata.json";

/// What a scenario's client is let in by; what the suite made for it is in `context`.
///
/// # Errors
/// When the suite made a key that cannot be read.
pub(crate) fn credentials(scenario: &str, context: &Value) -> Result<Arc<dyn Credentials>, OAuthError> {
    let given = |name: &str| context[name].as_str().unwrap_or_default().to_owned();
    let builder = match scenario {
        "auth/client-credentials-basic" => OAuth::program(given("client_id"), given("client_secret")),
        "auth/client-credentials-jwt" => OAuth::program_with_key(given("client_id"), SigningKey::from_pem(&given("private_key_pem"))?),
        "auth/wif-jwt-bearer" => OAuth::workload(given("client_id"), given("valid_jwt")),
        "auth/enterprise-managed-authorization" => {
            let login = EnterpriseLogin::new(&given("idp_token_endpoint"), &given("idp_client_id"), None, given("idp_id_token"));
            OAuth::enterprise(login).client(given("client_id"), Some(given("client_secret")))
        }
        "auth/pre-registration" => person().client(given("client_id"), Some(given("client_secret"))),
        _ => person(),
    };
    Ok(Arc::new(builder.name("everything-client").build()))
}

/// The suite's authorization server asks nobody: following its redirects is all that a browser would do.
fn person() -> OAuthBuilder {
    OAuth::person(Headless::default()).document(DOCUMENT)
}
