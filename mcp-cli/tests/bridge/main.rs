//! `mcp bridge` to servers that want a login, that are gone, or that are not there yet: the program as hosts launch it, and our own
//! authorization server on a clock that tests move.

mod bridge;
mod person;
mod revoked;
mod shared;
mod signing_in;
mod site;
mod start;
mod step_up;
