//! `mcp gateway` and `mcp bridge`, as operators and hosts run them: real processes and real sockets.

mod access;
mod alike;
#[cfg(target_os = "linux")]
mod ending;
mod identity;
mod questions;
mod restart;
mod support;
mod telling;
