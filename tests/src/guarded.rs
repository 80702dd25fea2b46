//! Items that not everybody may use.

use mcp_parity::{Principal, PromptMessage, prompt, resource, tool};

/// Run something.
#[tool(scope = "mcp:execute", destructive)]
fn execute(caller: Principal) -> String {
    format!("done for {}", caller.subject().unwrap_or("nobody"))
}

/// Run something that needs two scopes.
#[tool(scope = ["mcp:execute", "mcp:write"])]
fn execute_and_write() -> String {
    "done".to_owned()
}

/// Seen by admins only.
#[tool(tier = Admin)]
fn administer() -> String {
    "administered".to_owned()
}

/// Asks for a second factor.
#[tool(tier = Admin, mfa)]
fn wipe() -> String {
    "wiped".to_owned()
}

/// Seen by services only.
#[tool(tier = Service)]
fn reconcile() -> String {
    "reconciled".to_owned()
}

/// A scoped resource.
#[resource("secret://notes", scope = "mcp:read", mime_type = "text/plain")]
fn notes() -> &'static str {
    "a note"
}

/// A resource for admins.
#[resource("secret://keys", tier = Admin)]
fn keys() -> &'static str {
    "a key"
}

/// A scoped prompt.
#[prompt(scope = "mcp:read")]
fn brief() -> PromptMessage {
    PromptMessage::user("Be brief.")
}
