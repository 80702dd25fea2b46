//! Fixtures made from what a server offers.

use mcp_parity::Registry;

use crate::fixture::{Fixture, call, request};

const TOOLS: &str = "https://modelcontextprotocol.io/specification/2026-07-28/server/tools";
const RESOURCES: &str = "https://modelcontextprotocol.io/specification/2026-07-28/server/resources";
const PROMPTS: &str = "https://modelcontextprotocol.io/specification/2026-07-28/server/prompts";

/// One fixture for each list and each item but those in `except`. Tools are called without arguments.
pub(crate) fn offers(registry: &Registry, except: &[&str]) -> Vec<Fixture> {
    let mut fixtures = vec![
        Fixture::new("lists tools", TOOLS).call(request("1", "tools/list", "")),
        Fixture::new("lists everything else", RESOURCES)
            .call(request("1", "resources/list", ""))
            .call(request("2", "resources/templates/list", ""))
            .call(request("3", "prompts/list", "")),
    ];
    let wanted = |name: &&str| !except.contains(name);
    for tool in registry.tools().map(|tool| tool.name()).filter(wanted) {
        fixtures.push(Fixture::new(format!("calls the tool {tool}"), TOOLS).call(call("1", tool, "{}")));
    }
    for uri in registry.resources().map(|resource| resource.uri()).filter(wanted) {
        let read = request("1", "resources/read", format!("\"uri\":{}", quoted(uri)));
        fixtures.push(Fixture::new(format!("reads the resource {uri}"), RESOURCES).call(read));
    }
    for prompt in registry.prompts().map(|prompt| prompt.item().name()).filter(wanted) {
        let get = request("1", "prompts/get", format!("\"name\":{}", quoted(prompt)));
        fixtures.push(Fixture::new(format!("gets the prompt {prompt}"), PROMPTS).call(get));
    }
    fixtures
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
