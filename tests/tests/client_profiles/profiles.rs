//! The clients, made from descriptions of what they send as of November 2026 and not from recordings.
//!
//! Ids, redirects, methods and scopes are what matters; names of programs, versions and other members only fill the place of real ones.

use mcp_core::Revision;
use serde_json::{Value, json};

use super::profile::{Discovery, Identity, Profile, Proof, Scope};

/// The scopes that nothing more is asked for than.
const USUAL: &str = "mcp:execute mcp:read mcp:write";

/// What most of them do.
const PLAIN: Profile = Profile {
    name: "",
    agent: "node",
    origin: None,
    revision: Revision::V2025_06_18,
    discovery: Discovery::Challenge,
    metadata: "oauth-authorization-server",
    identity: Identity::Registration(mcp_remote_registration),
    redirect: "",
    proof: Proof::Nothing,
    scope: Scope::Challenged,
    state: "Zm9yd2FyZA",
    resources: 1,
    resource_at_exchange: true,
    resource_at_refresh: true,
    granted: USUAL,
};

/// Claude on the web, on phones and on desktops.
pub(crate) const CLAUDE_AI: Profile = Profile {
    name: "Claude",
    agent: "python-httpx/0.28.1",
    discovery: Discovery::WellKnown,
    identity: Identity::Document { id: CLAUDE_AI_ID, document: Some(claude_ai_document) },
    redirect: "https://claude.ai/api/mcp/auth_callback",
    scope: Scope::Fixed("claudeai"),
    ..PLAIN
};

/// Claude Code where documents are offered.
pub(crate) const CLAUDE_CODE: Profile = Profile {
    name: "Claude Code",
    agent: "claude-code/2.1 (cli)",
    revision: Revision::V2025_11_25,
    identity: Identity::Document { id: CLAUDE_CODE_ID, document: Some(claude_code_document) },
    redirect: "http://localhost:{port}/callback",
    scope: Scope::ChallengedAndOffline,
    ..PLAIN
};

/// Claude Code where it registers: it does not say how it identifies itself, and uses the secret it gets.
pub(crate) const CLAUDE_CODE_REGISTERED: Profile = Profile {
    identity: Identity::Registration(claude_code_registration),
    redirect: "http://127.0.0.1:{port}/callback",
    proof: Proof::Basic,
    ..CLAUDE_CODE
};

/// ChatGPT, which signs assertions.
pub(crate) const CHATGPT: Profile = Profile {
    name: "ChatGPT",
    agent: "openai-mcp/1.0.0",
    identity: Identity::Document { id: CHATGPT_ID, document: Some(chatgpt_document) },
    redirect: "https://chatgpt.com/connector_platform_oauth_redirect",
    proof: Proof::Assertion,
    scope: Scope::Fixed(""),
    resources: 2,
    ..PLAIN
};

/// ChatGPT as one of its connectors, which takes `none` where it is offered.
pub(crate) const CHATGPT_WITHOUT_PROOF: Profile = Profile {
    identity: Identity::Document { id: CHATGPT_CONNECTOR_ID, document: Some(chatgpt_connector_document) },
    redirect: "https://chatgpt.com/connector/oauth/Xyz123",
    proof: Proof::Nothing,
    ..CHATGPT
};

/// The program that OpenAI has for terminals.
pub(crate) const CODEX: Profile = Profile {
    name: "Codex",
    agent: "codex_cli_rs/0.60",
    identity: Identity::Document { id: CODEX_ID, document: Some(codex_document) },
    redirect: "http://127.0.0.1:{port}/callback",
    resource_at_refresh: false,
    ..PLAIN
};

/// Visual Studio Code, whose usual port is taken.
pub(crate) const VS_CODE: Profile = Profile {
    name: "Visual Studio Code",
    revision: Revision::V2025_11_25,
    identity: Identity::Document { id: VS_CODE_ID, document: Some(vs_code_document) },
    redirect: "http://127.0.0.1:{port}/",
    state: "vscode://dynamicauthprovider/x?nonce=a/b+c==&w=1%2F2",
    ..PLAIN
};

/// Cursor, which asks for all that the authorization server lists.
pub(crate) const CURSOR: Profile = Profile {
    name: "Cursor",
    agent: "Cursor/2.1",
    identity: Identity::Registration(cursor_registration),
    redirect: "cursor://anysphere.cursor-mcp/oauth/callback",
    scope: Scope::Everything,
    granted: "mcp:admin mcp:execute mcp:read mcp:write",
    ..PLAIN
};

/// The MCP Inspector, in a browser.
pub(crate) const INSPECTOR: Profile = Profile {
    name: "MCP Inspector",
    agent: "Mozilla/5.0",
    origin: Some("http://localhost:6274"),
    revision: Revision::V2026_07_28,
    identity: Identity::Registration(inspector_registration),
    redirect: "http://localhost:6274/oauth/callback/debug",
    ..PLAIN
};

/// mcp-remote, whose registration is of another day and another port.
pub(crate) const MCP_REMOTE: Profile = Profile {
    name: "MCP CLI Proxy",
    redirect: "http://localhost:{port}/oauth/callback",
    metadata: "openid-configuration",
    scope: Scope::Fixed("openid email profile"),
    ..PLAIN
};

/// A client of 2025-03-26 that reads metadata.
pub(crate) const MARCH_2025: Profile = Profile {
    name: "Example of March",
    revision: Revision::V2025_03_26,
    discovery: Discovery::SameOrigin,
    identity: Identity::Registration(march_registration),
    redirect: "http://localhost:{port}/cb",
    proof: Proof::Post,
    scope: Scope::Absent,
    resources: 0,
    resource_at_exchange: false,
    resource_at_refresh: false,
    ..PLAIN
};

/// One that reads none.
pub(crate) const MARCH_2025_BY_DEFAULTS: Profile = Profile { discovery: Discovery::Defaults, ..MARCH_2025 };

const CLAUDE_AI_ID: &str = "https://claude.ai/oauth/mcp-oauth-client-metadata";
const CLAUDE_CODE_ID: &str = "https://claude.ai/oauth/claude-code-client-metadata";
const CHATGPT_ID: &str = "https://chatgpt.com/oauth/client.json";
const CHATGPT_CONNECTOR_ID: &str = "https://chatgpt.com/oauth/Xyz123/client.json";
const CODEX_ID: &str = "https://chatgpt.com/oauth/codex/client.json";
const VS_CODE_ID: &str = "https://vscode.dev/oauth/client-metadata.json";

/// Where ChatGPT publishes its keys.
pub(crate) const CHATGPT_KEYS: &str = "https://chatgpt.com/oauth/jwks.json";

impl Profile {
    /// The same where the document cannot be had.
    #[must_use]
    pub(crate) fn behind_a_wall(mut self) -> Self {
        if let Identity::Document { document, .. } = &mut self.identity {
            *document = None;
        }
        self
    }
}

fn claude_ai_document() -> Value {
    json!({
        "client_id": CLAUDE_AI_ID,
        "client_name": "Claude",
        "client_uri": "https://claude.ai",
        "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    })
}

fn claude_code_document() -> Value {
    json!({
        "client_id": CLAUDE_CODE_ID,
        "client_name": "Claude Code",
        "client_uri": "https://claude.ai",
        "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    })
}

fn claude_code_registration() -> Value {
    json!({
        "client_name": "Claude Code",
        "redirect_uris": ["http://127.0.0.1:{port}/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    })
}

fn chatgpt_document() -> Value {
    json!({
        "client_id": CHATGPT_ID,
        "client_name": "ChatGPT",
        "client_uri": "https://chatgpt.com",
        "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none", "tls_client_auth"],
        "token_endpoint_auth_signing_alg": "RS256",
        "jwks_uri": CHATGPT_KEYS,
    })
}

fn chatgpt_connector_document() -> Value {
    let mut document = chatgpt_document();
    document["client_id"] = json!(CHATGPT_CONNECTOR_ID);
    document["redirect_uris"] = json!(["https://chatgpt.com/connector/oauth/Xyz123"]);
    document
}

fn codex_document() -> Value {
    json!({
        "client_id": CODEX_ID,
        "client_name": "Codex",
        "redirect_uris": ["http://127.0.0.1/callback", "http://localhost/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    })
}

fn vs_code_document() -> Value {
    json!({
        "client_id": VS_CODE_ID,
        "client_name": "Visual Studio Code",
        "client_uri": "https://vscode.dev/product",
        "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect", "https://insiders.vscode.dev/redirect"],
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    })
}

fn cursor_registration() -> Value {
    json!({
        "client_name": "Cursor",
        "redirect_uris": [
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost:8787/callback",
        ],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    })
}

fn inspector_registration() -> Value {
    json!({
        "client_name": "MCP Inspector",
        "client_uri": "https://github.com/modelcontextprotocol/inspector",
        "redirect_uris": ["http://localhost:6274/oauth/callback", "http://localhost:6274/oauth/callback/debug"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": "",
    })
}

fn mcp_remote_registration() -> Value {
    json!({
        "client_name": "MCP CLI Proxy",
        "client_uri": "https://github.com/modelcontextprotocol/mcp-cli",
        "redirect_uris": ["http://localhost:{port}/oauth/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "software_id": "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d",
        "software_version": "0.1.31",
    })
}

fn march_registration() -> Value {
    json!({"client_name": "Example of March", "redirect_uris": ["http://localhost:{port}/cb"], "token_endpoint_auth_method": "client_secret_post"})
}
