//! `mcp doctor`, `mcp login` and `mcp logout` as people run them: real processes, our own authorization server, and servers with one
//! fault at a time.

mod fault;
mod faults;
mod faulty;
mod home;
#[cfg(feature = "keyring")]
mod keyring;
mod login;
mod ours;
#[path = "../shared/run.rs"]
mod run;
mod running;
