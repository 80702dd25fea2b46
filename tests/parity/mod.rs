//! The requirement manifest of this project: conversations with the fixture server, as data.
//!
//! What holds for any server is in `mcp_testkit::protocol`; here is what needs tools that fail,
//! wait, ask and are guarded. [`REQUIREMENTS`] says which fixture or test covers what.

mod access;
mod arguments;
mod asking;
mod flow;
mod news;
mod outcomes;
mod pages;
mod requirements;
mod tasks;

pub use requirements::{Cover, REQUIREMENTS, Requirement};

use mcp_testkit::Fixture;

/// A link into the specification.
macro_rules! spec {
    ($place:literal) => {
        concat!("https://modelcontextprotocol.io/specification/", $place)
    };
}
pub(crate) use spec;

/// All fixtures that need the fixture server.
pub fn manifest() -> Vec<Fixture> {
    let parts = [
        arguments::fixtures(),
        outcomes::fixtures(),
        access::fixtures(),
        flow::fixtures(),
        asking::fixtures(),
        news::fixtures(),
        pages::fixtures(),
        tasks::fixtures(),
    ];
    parts.into_iter().flatten().collect()
}
