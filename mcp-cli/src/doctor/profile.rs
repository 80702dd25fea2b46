//! The clients that people use, and how each of them comes to a server (as of November 2026).

use clap::ValueEnum;

/// A known client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    #[value(name = "claude.ai")]
    ClaudeAi,
    ClaudeCode,
    Chatgpt,
    Codex,
    Vscode,
    Cursor,
    Inspector,
    McpRemote,
    Gemini,
    Zed,
}

/// Every client.
pub(crate) const EVERYBODY: &[Client] = &[
    Client::ClaudeAi,
    Client::ClaudeCode,
    Client::Chatgpt,
    Client::Codex,
    Client::Vscode,
    Client::Cursor,
    Client::Inspector,
    Client::McpRemote,
    Client::Gemini,
    Client::Zed,
];

impl Client {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ClaudeAi => "claude.ai",
            Self::ClaudeCode => "Claude Code",
            Self::Chatgpt => "ChatGPT",
            Self::Codex => "Codex",
            Self::Vscode => "VS Code",
            Self::Cursor => "Cursor",
            Self::Inspector => "MCP Inspector",
            Self::McpRemote => "mcp-remote",
            Self::Gemini => "Gemini",
            Self::Zed => "Zed",
        }
    }

    /// The document by which it can be known, if it has one.
    pub(crate) fn document(self) -> Option<&'static str> {
        Some(match self {
            Self::ClaudeAi => "https://claude.ai/oauth/mcp-oauth-client-metadata",
            Self::ClaudeCode => "https://claude.ai/oauth/claude-code-client-metadata",
            Self::Chatgpt => "https://chatgpt.com/oauth/client.json",
            Self::Codex => "https://chatgpt.com/oauth/codex/client.json",
            Self::Vscode => "https://vscode.dev/oauth/client-metadata.json",
            // Where Zed has its document is not known here.
            Self::Cursor | Self::Inspector | Self::McpRemote | Self::Gemini | Self::Zed => return None,
        })
    }

    /// Where it is led back to, as it says when it registers.
    pub(crate) fn redirect_uri(self) -> &'static str {
        match self {
            Self::ClaudeAi => "https://claude.ai/api/mcp/auth_callback",
            Self::ClaudeCode => "http://localhost/callback",
            Self::Chatgpt => "https://chatgpt.com/connector_platform_oauth_redirect",
            Self::Codex | Self::Zed => "http://127.0.0.1/callback",
            Self::Vscode => "http://127.0.0.1:33418/",
            Self::Cursor => "cursor://anysphere.cursor-mcp/oauth/callback",
            Self::Inspector => "http://localhost:6274/oauth/callback",
            Self::McpRemote => "http://localhost:3334/oauth/callback",
            Self::Gemini => "http://localhost:7777/oauth/callback",
        }
    }

    /// Whether it runs on somebody else's machines, and cannot reach a server on this one.
    pub(crate) fn is_hosted(self) -> bool {
        matches!(self, Self::ClaudeAi | Self::Chatgpt)
    }
}
