#![allow(unused_variables)]

use mcp_parity::tool;

struct Tenant;

/// Finds text.
#[tool]
fn find(#[inject] tenant: Tenant) {}

fn main() {}
