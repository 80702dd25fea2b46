//! The items. They are made while running, so that the other tests' servers do not have them.

use std::future::Future;
use std::time::Duration;

use mcp_parity::schemars::JsonSchema;
use mcp_parity::serde::Deserialize;
use mcp_parity::{Context, NoArguments, Prompt, PromptMessage, Registry, Resource, Server, TaskSupport, Tier, Tool, ToolError};
use serde_json::json;

/// Items that ask for nothing, for scopes, for a tier and for a second factor.
///
/// # Panics
/// When two of them clash.
pub fn server() -> Server {
    let mut registry = Registry::new();
    let tools = [
        tool("whoami", whoami).with_description("Tell who is calling."),
        tool("reads", whoami).with_scope("mcp:read"),
        tool("executes", whoami).with_scope("mcp:execute"),
        tool("executes_and_writes", whoami).with_scope("mcp:execute").with_scope("mcp:write"),
        tool("administers", whoami).with_scope("mcp:admin").with_tier(Tier::Admin),
        tool("confirms", whoami).with_mfa(),
        tool("asks", asks),
        tool("opens", |cx| async move { cx.seal_handle("cart", "7 apples", Duration::from_secs(60)) }),
        Tool::new("looks", |cx, Cart { cart }: Cart| async move { cx.open_handle::<String>("cart", &cart) }),
        Tool::new("pays", |cx, Cart { cart }: Cart| async move { cx.open_handle::<String>("payment", &cart) }),
        tool("works", whoami).with_task(TaskSupport::Optional),
        tool("panics", |_| async { panic!("the tool's own reason") }),
    ];
    for tool in tools {
        registry.add_tool(tool).expect("the names differ");
    }
    let notes = Resource::new("secret://notes", "notes", |_, _| async { Ok::<_, ToolError>("a note".to_owned()) }).expect("a URI");
    registry.add_resource(notes.with_scope("mcp:read")).expect("the URIs differ");
    let brief = Prompt::new("brief", Vec::new(), |_, _| async { Ok::<_, ToolError>(PromptMessage::user("Be brief.")) });
    registry.add_prompt(brief.with_scope("mcp:read")).expect("the names differ");
    Server::new(registry).named("protected", "1.0.0").tasks()
}

/// A handle that `opens` gave out.
#[derive(Deserialize, JsonSchema)]
#[serde(crate = "mcp_parity::serde")]
#[schemars(crate = "mcp_parity::schemars")]
struct Cart {
    cart: String,
}

fn tool<F>(name: &'static str, run: fn(Context) -> F) -> Tool
where
    F: Future<Output = Result<String, ToolError>> + Send + 'static,
{
    Tool::new(name, move |cx, _: NoArguments| run(cx))
}

async fn whoami(cx: Context) -> Result<String, ToolError> {
    let caller = cx.principal();
    Ok(format!("{} of {}", caller.subject().unwrap_or("nobody"), caller.issuer().unwrap_or("nowhere")))
}

/// Ends with a question, so that the client gets a state to come back with.
async fn asks(cx: Context) -> Result<String, ToolError> {
    let schema = json!({"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"]});
    Ok(cx.elicit_form("Are you sure?", schema).await?.action().to_owned())
}
