//! `mcp gateway` and `mcp bridge`, as operators and hosts run them: real processes and real sockets.

mod access;
mod alike;
mod beyond;
#[cfg(target_os = "linux")]
mod ending;
mod identity;
mod locations;
mod questions;
mod releasing;
mod restart;
#[path = "../shared/served.rs"]
mod served;
mod sharing;
mod sizes;
mod support;
mod tasks;
mod telling;
mod watching;
