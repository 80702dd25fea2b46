//! Taking tokens back at the authorization server (RFC 7009).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_client::oauth::{ClientAuth, Login};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::doctor::{Probe, well_known};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Takes back what a login has: its refresh token, with which all ends, or else its access token.
///
/// # Errors
/// Why that cannot be done, for people.
pub(super) async fn revoke(login: &Login) -> Result<(), String> {
    let Some(tokens) = &login.tokens else { return Ok(()) };
    let probe = Probe::new(TIMEOUT);
    let endpoint = endpoint(&probe, &login.issuer).await?;
    let (token, kind) = match &tokens.refresh {
        Some(refresh) => (refresh, "refresh_token"),
        None => (&tokens.access, "access_token"),
    };
    let mut form = Serializer::new(String::new());
    form.append_pair("token", token).append_pair("token_type_hint", kind);
    let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
    let secret = login.client.secret.as_deref().unwrap_or_default();
    let basic;
    match login.client.auth {
        ClientAuth::ClientSecretBasic => {
            // Of values that are encoded as forms are (RFC 6749, section 2.3.1).
            let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(&login.client.id), encode(secret))));
            headers.push(("authorization", &basic));
        }
        ClientAuth::ClientSecretPost => drop(form.append_pair("client_id", &login.client.id).append_pair("client_secret", secret)),
        _ => drop(form.append_pair("client_id", &login.client.id)),
    }
    let seen = probe.ask("POST", &endpoint, &headers, form.finish().into()).await;
    if seen.succeeded() { Ok(()) } else { Err(seen.describe()) }
}

/// Where tokens are taken back, as the metadata of the issuer says.
async fn endpoint(probe: &Probe, issuer: &str) -> Result<String, String> {
    let url = Url::parse(issuer).map_err(|_| format!("`{issuer}` is no URL"))?;
    for place in well_known(&url) {
        let Some(metadata) = probe.get(&place, &[("accept", "application/json")]).await.object() else { continue };
        if metadata.get("issuer").and_then(|found| found.as_str()) != Some(issuer) {
            return Err(format!("the metadata at {place} is of another issuer"));
        }
        let endpoint = metadata.get("revocation_endpoint").and_then(|endpoint| endpoint.as_str());
        let secure = |endpoint: &&str| Url::parse(endpoint).is_ok_and(|endpoint| endpoint.scheme() == "https" || url.scheme() == "http");
        return endpoint.filter(secure).map(str::to_owned).ok_or_else(|| format!("`{issuer}` takes no tokens back"));
    }
    Err(format!("`{issuer}` has no metadata"))
}
