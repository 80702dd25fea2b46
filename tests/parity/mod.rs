//! The requirement manifest of this project: conversations with the fixture server, as data.
//!
//! What holds for any server is in `mcp_testkit::protocol`; here is what needs tools that fail,
//! wait, ask and are guarded. [`BAD_INPUT`] and [`REPORTED_ELSEWHERE`] say which fixture or test covers what.

mod access;
mod arguments;
mod asking;
mod decisions;
mod flow;
mod news;
mod outcomes;
mod pages;
mod requirements;
mod tasks;

pub use decisions::{CALLERS, Decision, GUARDED, Guarded};
pub use requirements::{BAD_INPUT, Cover, REPORTED_ELSEWHERE, Requirement};

use mcp_core::Limits;
use mcp_testkit::Fixture;

/// A link into the specification.
macro_rules! spec {
    ($place:literal) => {
        concat!("https://modelcontextprotocol.io/specification/", $place)
    };
}
pub(crate) use spec;

/// The fixtures that need the fixture server with these limits, by what they are about.
pub fn groups(limits: &Limits) -> Vec<(&'static str, Vec<Fixture>)> {
    vec![
        ("arguments", arguments::fixtures(limits)),
        ("outcomes", outcomes::fixtures()),
        ("access", access::fixtures()),
        ("flow", flow::fixtures()),
        ("asking", asking::fixtures()),
        ("news", news::fixtures()),
        ("pages", pages::fixtures()),
        ("tasks", tasks::fixtures()),
    ]
}

/// All of them.
pub fn manifest(limits: &Limits) -> Vec<Fixture> {
    groups(limits).into_iter().flat_map(|(_, fixtures)| fixtures).collect()
}
