#![allow(unused_variables)]

use mcp_parity::tool;

use std::borrow::Cow;
use std::path::Path;

/// Finds text.
#[tool]
fn find(a: &str, b: &[u8], c: &Path, d: &Vec<u8>, e: Option<&str>, f: Cow<'_, str>) {}

fn main() {}
