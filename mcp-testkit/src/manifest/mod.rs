//! What every server must do, whatever it offers. Each fixture links to the passage it follows from.

mod batches;
mod headers;
mod items;
mod lifecycle;
mod malformed;
mod metadata;
mod one_way;
mod sessions;

use mcp_parity::Limits;

use crate::fixture::Fixture;

/// The fixtures for any server with these limits, by what they are about.
pub fn groups(limits: &Limits) -> Vec<(&'static str, Vec<Fixture>)> {
    vec![
        ("malformed", malformed::fixtures(limits)),
        ("lifecycle", lifecycle::fixtures()),
        ("metadata", metadata::fixtures()),
        ("batches", batches::fixtures()),
        ("one_way", one_way::fixtures()),
        ("items", items::fixtures()),
        ("sessions", sessions::fixtures()),
        ("headers", headers::fixtures()),
    ]
}

/// The fixtures for any server with these limits.
pub fn protocol(limits: &Limits) -> Vec<Fixture> {
    groups(limits).into_iter().flat_map(|(_, fixtures)| fixtures).collect()
}

/// A link into the specification.
macro_rules! spec {
    ($place:literal) => {
        concat!("https://modelcontextprotocol.io/specification/", $place)
    };
}
pub(crate) use spec;
