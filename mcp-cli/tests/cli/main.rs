//! The command `mcp`, as people and scripts run it: real processes, servers that are processes, sockets and terminals.

mod authorized;
mod call;
mod comparing;
mod debug;
mod installing;
mod listing;
mod other;
#[path = "../shared/run.rs"]
mod run;
mod starting;
mod support;
mod targets;
#[cfg(target_os = "linux")]
mod terminal;
