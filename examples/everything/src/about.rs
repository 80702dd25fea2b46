//! Who is asking whom: structured output, what a call knows, and a page to show it on (MCP Apps).

use mcp_parity::{ClientCapability, Context, Principal, resource, tool};
use schemars::JsonSchema;
use serde::Serialize;

/// What the server knows of a call.
#[derive(Serialize, JsonSchema)]
struct About {
    /// The protocol revision both sides speak.
    revision: &'static str,
    /// How the call arrived.
    transport: &'static str,
    /// Who is calling, if that is known.
    caller: Option<String>,
    /// What the client says it can be asked for.
    client_can: Vec<&'static str>,
}

/// Tell what the server knows of this call.
#[tool(title = "About this call", read_only, idempotent, meta = r#"{"ui":{"resourceUri":"ui://everything/about"}}"#)]
fn about(cx: Context, caller: Principal) -> About {
    let capabilities = [
        (ClientCapability::ElicitationForm, "show forms"),
        (ClientCapability::ElicitationUrl, "open URLs"),
        (ClientCapability::Sampling, "ask a model"),
        (ClientCapability::Roots, "list roots"),
        (ClientCapability::Tasks, "follow tasks"),
    ];
    About {
        revision: cx.revision().as_str(),
        transport: cx.transport().as_str(),
        caller: caller.subject().map(str::to_owned),
        client_can: capabilities.into_iter().filter(|(capability, _)| cx.client_can(*capability)).map(|(_, what)| what).collect(),
    }
}

/// A page that shows what `about` answers.
#[resource("ui://everything/about", mime_type = "text/html;profile=mcp-app")]
fn about_page() -> &'static str {
    include_str!("../assets/about.html")
}
