#![allow(unused_variables)]

use mcp_parity::{Args, tool};

struct Query;

/// Finds text.
#[tool]
fn find(#[arg(default)] query: Args<Query>) {}

/// Finds more text.
#[tool]
fn find_more(query: &Args<Query>) {}

/// Finds all text.
#[tool]
fn find_all(query: Args) {}

fn main() {}
