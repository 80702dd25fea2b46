//! The command through proxies. The proxy comes with tools that need more than the servers of the other tests give them, so it is tried apart.

mod environment;
#[path = "../shared/run.rs"]
mod run;
#[path = "../cli/support.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod support;
