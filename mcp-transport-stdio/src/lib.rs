//! The stdio transport: one JSON-RPC message a line (2026-07-28, basic/transports/stdio).
//!
//! Two threads do blocking I/O and no more: one reads lines and answers in place whatever
//! answers at once, one writes what would make its writer wait. A call that has to wait becomes a task
//! of the runtime, which writes by itself what a pipe or socket has room for. The standard output belongs to the protocol: see [`claim_stdout`].

mod lines;
mod output;
mod patient;
mod serve;
mod stderr;
mod stdout;

pub use serve::{Options, serve, serve_stdio, serve_stdio_from, standard_input};
pub use stderr::StandardError;
pub use stdout::claim_stdout;
