//! What `cfg` removes is not served.
#![deny(warnings)]

use mcp_parity::tool;

/// Is there.
#[tool]
#[cfg(not(any()))]
fn there() {}

/// Is not there.
#[tool]
#[cfg(any())]
fn not_there(missing: Missing) {}

struct Notes;

#[tool]
impl Notes {
    /// Is there.
    #[tool]
    fn method(&self) {}

    /// Is not there.
    #[tool]
    #[cfg(any())]
    fn not_there(&self, missing: Missing) {}
}

#[tool]
#[cfg(any())]
impl Missing {
    /// Is not there.
    #[tool]
    fn method(&self) {}
}

fn main() {
    use mcp_parity::__private::{ToolDef, inventory};
    assert_eq!(inventory::iter::<ToolDef>().count(), 2);
}
