//! `mcp gateway` in front of the server as a command, asking of callers what the server asks of them.
//!
//! The server cannot hear who calls, so it takes every call for that of somebody who may do everything: whatever is refused, the gateway refuses.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use mcp_core::{Access, Tier};
use mcp_parity::auth::ApiKeys;
use mcp_testkit::{Behind, Front, Listening, asks_to_serve};
use mcp_tests::{callers, server};

use crate::served::Served;
use crate::suite::{MCP, parity_server};

/// The files by which gateways are set up.
struct Files {
    /// With a key for each caller.
    keys: PathBuf,
    /// Without: for `--dev`.
    dev: PathBuf,
}

/// A gateway that speaks what it finds; it is set up by files in `directory`.
pub(crate) fn gateway(directory: &Path) -> Front {
    let files = files(directory);
    Front::http("gateway", move |behind| start(&files, behind, "auto"))
}

/// A gateway that speaks the same revision on both sides.
pub(crate) fn same_revision(directory: &Path) -> Front {
    let files = files(directory);
    Front::http("gateway, one revision", move |behind| start(&files, behind, behind.revision().as_str()))
        .only(|revision| !revision.is_modern())
}

fn start(files: &Files, behind: &Behind<'_>, era: &str) -> Result<Listening, &'static str> {
    // No key stands for a second factor: only whoever starts a gateway for development has one.
    let dev = callers()[behind.caller()].principal().has_second_factor();
    if dev && behind.is_for_two() {
        return Err("a gateway knows only whoever started it to have a second factor, and then knows nobody else");
    }
    let (name, value) = asks_to_serve(callers().len() + behind.caller());
    let (server, serves) = (parity_server(), format!("{name}={value}"));
    let file = if dev { &files.dev } else { &files.keys };
    let file = file.to_str().expect("a temporary directory has a plain name");
    let mut arguments = vec!["gateway", "--bind", "127.0.0.1:0", "--settings", file, "--era", era];
    arguments.extend(dev.then_some("--dev"));
    arguments.extend(["--", "env", &serves, &server]);
    let served = Served::start(MCP, &arguments);
    let address = served.address().parse().expect("a gateway says at which address it serves");
    let identify = Box::new(move |caller: usize| {
        let known = !dev && !callers()[caller].principal().is_anonymous();
        if known { vec![("Authorization".to_owned(), format!("Bearer {}", key(caller)))] } else { Vec::new() }
    });
    Ok(Listening { address, path: "/mcp".to_owned(), identify, program: Box::new(served) })
}

fn key(caller: usize) -> String {
    format!("mcpk_caller-{caller}")
}

/// Writes what the server itself asks of its callers, and who they are.
fn files(directory: &Path) -> Files {
    let mut rules = "[gateway]\nscope = \"\"\n".to_owned();
    let server = server();
    let registry = server.registry();
    for tool in registry.tools() {
        rules.push_str(&rule("tools", tool.name(), tool.item().access()));
    }
    for resource in registry.resources() {
        rules.push_str(&rule("resources", resource.uri(), resource.item().access()));
    }
    for prompt in registry.prompts() {
        rules.push_str(&rule("prompts", prompt.item().name(), prompt.item().access()));
    }
    let mut keys = format!("{rules}[auth]\nmode = \"optional\"\n");
    for (number, caller) in callers().iter().enumerate() {
        let principal = caller.principal();
        let Some(subject) = principal.subject() else { continue };
        let scopes: Vec<String> =
            registry.scopes().into_iter().filter(|scope| principal.scopes().contains(scope)).map(|scope| format!("{scope:?}")).collect();
        let (hash, tier) = (ApiKeys::hash(&key(number)), named(principal.tier()));
        let _ = writeln!(
            keys,
            "[[auth.api_key]]\nhash = \"{hash}\"\nsubject = \"{subject}\"\nscopes = [{}]\ntier = \"{tier}\"",
            scopes.join(", ")
        );
    }
    let files = Files { keys: directory.join("keys.toml"), dev: directory.join("dev.toml") };
    for (file, text) in [(&files.keys, keys), (&files.dev, rules)] {
        std::fs::write(file, text).expect("a file can be written");
    }
    files
}

/// The entry of an item that asks for something.
fn rule(kind: &str, name: &str, access: &Access) -> String {
    if access.is_open() {
        return String::new();
    }
    let scopes: Vec<&str> = access.scopes().collect();
    let (tier, mfa) = (named(access.tier()), access.second_factor());
    format!("[gateway.{kind}.\"{name}\"]\nscope = \"{}\"\ntier = \"{tier}\"\nmfa = {mfa}\n", scopes.join(" "))
}

fn named(tier: Tier) -> &'static str {
    match tier {
        Tier::Developer => "developer",
        Tier::Admin => "admin",
        Tier::Service => "service",
        _ => "public",
    }
}
