//! `mcp gateway` and `mcp bridge`, as operators and hosts run them: real processes and real sockets.

mod access;
mod alike;
mod identity;
mod questions;
mod restart;
mod sizes;
mod support;
mod telling;
