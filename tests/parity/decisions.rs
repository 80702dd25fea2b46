//! What every caller may use, said here and not by the server.
//!
//! Transports that agree with each other could all be wrong in the same way; this table is what they are all held against.

use mcp_testkit::{Fixture, call, request};

use super::spec;

const ACCESS: &str = spec!("2025-11-25/basic/authorization#scope-challenge-handling");

/// What is decided about a caller and an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The caller may use it.
    Allowed,
    /// To the caller it does not exist.
    Hidden,
    /// The caller has to say who it is.
    Identity,
    /// The caller lacks a scope.
    Scope,
    /// The caller must present a second factor.
    SecondFactor,
}

use Decision::{Allowed, Hidden, Identity, Scope, SecondFactor};

/// An item that not everybody may use.
#[derive(Debug)]
pub struct Guarded {
    /// The method that uses it.
    pub method: &'static str,
    /// Its name or URI.
    pub item: &'static str,
    /// What is decided, for each of [`CALLERS`].
    pub decisions: [Decision; CALLERS.len()],
}

/// The callers of the columns: nobody, an executor, a reader, an admin without and one with a second factor, a service.
pub const CALLERS: [&str; 6] =
    ["anonymous", "scopes mcp:execute", "scopes mcp:read", "admin without a second factor", "local", "service with mcp:read"];

const fn tool(item: &'static str, decisions: [Decision; CALLERS.len()]) -> Guarded {
    Guarded { method: "tools/call", item, decisions }
}

const fn resource(item: &'static str, decisions: [Decision; CALLERS.len()]) -> Guarded {
    Guarded { method: "resources/read", item, decisions }
}

/// Every item that not everybody may use.
pub const GUARDED: &[Guarded] = &[
    tool("execute", [Identity, Allowed, Scope, Scope, Allowed, Scope]),
    tool("execute_and_write", [Identity, Scope, Scope, Scope, Allowed, Scope]),
    tool("administer", [Hidden, Hidden, Hidden, Allowed, Allowed, Hidden]),
    tool("wipe", [Hidden, Hidden, Hidden, SecondFactor, Allowed, Hidden]),
    tool("reconcile", [Hidden, Hidden, Hidden, Hidden, Hidden, Allowed]),
    resource("secret://notes", [Identity, Scope, Allowed, Scope, Allowed, Allowed]),
    resource("secret://keys", [Hidden, Hidden, Hidden, Allowed, Allowed, Hidden]),
    Guarded { method: "prompts/get", item: "brief", decisions: [Identity, Scope, Allowed, Scope, Allowed, Allowed] },
];

impl Guarded {
    /// A conversation that uses the item.
    pub fn fixture(&self) -> Fixture {
        let message = match self.method {
            "tools/call" => call("1", self.item, "{}"),
            "resources/read" => request("1", self.method, format!(r#""uri":"{}""#, self.item)),
            _ => request("1", self.method, format!(r#""name":"{}""#, self.item)),
        };
        Fixture::new(format!("a decision about {}", self.item), ACCESS).call(message)
    }
}
