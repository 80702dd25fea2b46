//! The client against real servers, in every revision and over every transport, and against
//! scripted ones that behave as real servers should not.

mod asking;
mod calls;
mod giving_up;
mod http;
mod listening;
mod old_servers;
mod pipes;
mod scripted;
mod server;
mod sessions;
mod tasks;
