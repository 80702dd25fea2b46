//! The stdio transport: one JSON-RPC message a line (2026-07-28, basic/transports/stdio).
//!
//! Two threads do blocking I/O and no more: one reads lines and answers in place whatever
//! answers at once, one writes what running calls send. A call that has to wait becomes a task
//! of the runtime. The standard output belongs to the protocol: see [`claim_stdout`].

mod lines;
mod output;
mod serve;
mod stdout;

pub use serve::{Options, serve, serve_stdio};
pub use stdout::claim_stdout;
