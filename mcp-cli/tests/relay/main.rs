//! `mcp gateway` and `mcp bridge`, as operators and hosts run them: real processes and real sockets.

mod access;
mod alike;
mod identity;
mod questions;
mod restart;
#[path = "../shared/served.rs"]
mod served;
mod support;
mod telling;
