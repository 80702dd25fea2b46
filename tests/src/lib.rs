//! The server that the parity suite is run against, and what its tests share.

#[path = "../parity/mod.rs"]
pub mod parity;

pub mod authorized;
pub mod chromium;
pub mod client;
pub mod issuer;
pub mod keyed;
pub mod process;
pub mod protected;
pub mod proxy;

mod guarded;
mod plain;
mod texts;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use mcp_parity::{Limits, Principal, ScopeSet, Server, Tier};
use mcp_testkit::{Caller, anonymous, local, principal, scopes, service};

pub use waiting::Witness;

/// The largest message the server reads, in bytes.
pub const MAX_MESSAGE: usize = 64 * 1_024;

/// The limits of [`server`].
pub fn limits() -> Limits {
    Limits { max_message_bytes: MAX_MESSAGE, page_size: 10, call_timeout: Some(Duration::from_secs(60)), ..Limits::default() }
}

/// A server with one tool for everything that can go right or wrong.
///
/// # Panics
/// When two of its items clash.
pub fn server() -> Server {
    server_within(limits())
}

/// The same with other limits.
///
/// # Panics
/// When two of its items clash.
pub fn server_within(limits: Limits) -> Server {
    with(Arc::default(), limits)
}

/// The same, with a witness that is watched from outside.
///
/// # Panics
/// When two of its items clash.
pub fn server_with(witness: Arc<Witness>) -> Server {
    with(witness, limits())
}

fn with(witness: Arc<Witness>, limits: Limits) -> Server {
    let server = Server::linked().expect("the items do not clash").tool(plain::forbidden_output()).expect("the name is free");
    server.named("parity-server", "1.0.0").limits(limits).shared_state(witness).tasks()
}

/// Those on whose behalf the server is called: one of every kind. Whoever launched the process is the admin with a second factor.
pub fn callers() -> Vec<Caller> {
    vec![
        anonymous(),
        scopes("mcp:execute"),
        scopes("mcp:read"),
        principal("admin without a second factor", Principal::new("ada").with_tier(Tier::Admin)),
        local(),
        service("mcp:read"),
    ]
}

/// The same people with nothing kept from them: as whom a server is called by a gateway that decides itself what they may do.
/// Admins and services see what the other does not, so each keeps to its own.
pub fn unrestricted() -> Vec<Caller> {
    let all = |caller: &Caller| {
        let tier = if caller.principal().tier() == Tier::Service { Tier::Service } else { Tier::Admin };
        let everything = caller.principal().clone().with_scopes(ScopeSet::All).with_tier(tier).with_second_factor(true);
        principal(&format!("{}, unrestricted", caller.label()), everything)
    };
    callers().iter().map(all).collect()
}
