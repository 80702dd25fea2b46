//! Copies of the documents of clients that people use, as they were recorded in public in September 2026.
//!
//! Some of their hosts hold requests from data centres off. A copy is used when a document cannot be fetched, and never in
//! place of one that was.

use url::Url;

use super::Client;
use super::document::parse;

/// When the copies were made, in seconds since 1970.
const COPIED: u64 = 1_793_491_200;

/// Client ids, and what is at them as far as it matters here.
const DOCUMENTS: [(&str, &str); 7] = [
    (
        "https://claude.ai/oauth/mcp-oauth-client-metadata",
        r#"{
            "client_id": "https://claude.ai/oauth/mcp-oauth-client-metadata",
            "client_name": "Claude",
            "client_uri": "https://claude.ai",
            "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"
        }"#,
    ),
    (
        "https://claude.ai/oauth/claude-code-client-metadata",
        r#"{
            "client_id": "https://claude.ai/oauth/claude-code-client-metadata",
            "client_name": "Claude Code",
            "client_uri": "https://claude.ai",
            "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"
        }"#,
    ),
    (
        "https://chatgpt.com/oauth/client.json",
        r#"{
            "client_id": "https://chatgpt.com/oauth/client.json",
            "client_name": "ChatGPT",
            "client_uri": "https://chatgpt.com",
            "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
            "token_endpoint_auth_signing_alg": "RS256",
            "jwks_uri": "https://chatgpt.com/oauth/jwks.json"
        }"#,
    ),
    (
        "https://chatgpt.com/oauth/codex/client.json",
        r#"{
            "client_id": "https://chatgpt.com/oauth/codex/client.json",
            "client_name": "Codex",
            "client_uri": "https://chatgpt.com/codex",
            "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"
        }"#,
    ),
    (
        "https://vscode.dev/oauth/client-metadata.json",
        r#"{
            "client_id": "https://vscode.dev/oauth/client-metadata.json",
            "client_name": "Visual Studio Code",
            "client_uri": "https://vscode.dev/product",
            "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"
        }"#,
    ),
    (
        "https://zed.dev/oauth/client-metadata.json",
        r#"{
            "client_id": "https://zed.dev/oauth/client-metadata.json",
            "client_name": "Zed",
            "client_uri": "https://zed.dev",
            "redirect_uris": ["http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"
        }"#,
    ),
    (
        "https://opencode.ai/oauth/opencode/client.json",
        r#"{
            "client_id": "https://opencode.ai/oauth/opencode/client.json",
            "client_name": "opencode",
            "client_uri": "https://opencode.ai",
            "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none"
        }"#,
    ),
];

/// A known client.
pub(super) fn client(id: &str) -> Option<Client> {
    let (id, document) = DOCUMENTS.iter().find(|(known, _)| *known == id)?;
    parse(id, document.as_bytes(), COPIED).ok()
}

/// Whether a host is that of a known client.
pub(super) fn is_host(host: &str) -> bool {
    DOCUMENTS.iter().any(|(id, _)| Url::parse(id).is_ok_and(|url| url.host_str() == Some(host)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::client::AuthMethod;
    use crate::server::client::redirect::allows;

    #[test]
    fn known_clients_are_led_back_to_where_they_listen() {
        for (id, uris, methods) in [
            (DOCUMENTS[0].0, &["https://claude.ai/api/mcp/auth_callback"][..], &[AuthMethod::None][..]),
            (DOCUMENTS[1].0, &["http://localhost:52163/callback", "http://127.0.0.1:52163/callback"], &[AuthMethod::None]),
            (DOCUMENTS[2].0, &["https://chatgpt.com/connector_platform_oauth_redirect"], &[AuthMethod::PrivateKeyJwt, AuthMethod::None]),
            (DOCUMENTS[3].0, &["http://127.0.0.1:1455/callback"], &[AuthMethod::None]),
            (DOCUMENTS[4].0, &["http://127.0.0.1:50123/", "https://vscode.dev/redirect"], &[AuthMethod::None]),
            (DOCUMENTS[5].0, &["http://127.0.0.1:41823/callback"], &[AuthMethod::None]),
            (DOCUMENTS[6].0, &["http://127.0.0.1:51675/callback", "http://localhost:51675/callback"], &[AuthMethod::None]),
        ] {
            let client = client(id).expect("a known client");
            assert_eq!((client.id.as_str(), client.auth_methods.as_slice()), (id, methods));
            for uri in uris {
                assert!(allows(&client.redirect_uris, uri), "{uri}");
            }
        }
        assert_eq!(client("https://claude.ai/oauth/other"), None);
        assert!(is_host("claude.ai") && !is_host("claude.ai.evil.example"));
    }
}
