//! A type of the user's own, injected.
#![deny(warnings)]

use mcp_parity::{Context, FromContext, ToolError, prompt, tool};

#[derive(Clone)]
struct Tenant(String);

impl FromContext for Tenant {
    fn from_context(cx: &Context) -> Result<Self, ToolError> {
        let subject = cx.principal().subject().ok_or_else(|| ToolError::new("sign in first"))?;
        Ok(Self(subject.to_owned()))
    }
}

/// Greets.
#[tool]
fn greet(#[inject] tenant: Tenant, name: String) -> String {
    format!("{}: {name}", tenant.0)
}

/// Greets, too.
#[prompt]
async fn greet_again(#[inject] Tenant(tenant): &Tenant) -> String {
    std::future::ready(()).await;
    tenant.clone()
}

fn main() {}
