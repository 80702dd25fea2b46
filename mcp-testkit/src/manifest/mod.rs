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

/// The fixtures for any server with these limits.
pub fn protocol(limits: &Limits) -> Vec<Fixture> {
    let parts = [
        malformed::fixtures(limits),
        lifecycle::fixtures(),
        metadata::fixtures(),
        batches::fixtures(),
        one_way::fixtures(),
        items::fixtures(),
        sessions::fixtures(),
        headers::fixtures(),
    ];
    parts.into_iter().flatten().collect()
}

/// A link into the specification.
macro_rules! spec {
    ($place:literal) => {
        concat!("https://modelcontextprotocol.io/specification/", $place)
    };
}
pub(crate) use spec;
