//! The parity suite at a gateway and at a bridge: what a server says, it says through them, byte for byte.
//!
//! The server, its callers and the conversations are those of the suite of the transports (`tests/tests/parity.rs`). In front of it
//! real processes are started for each conversation, and what they answer is compared with the dispatcher in process.

mod bridge;
mod exclusions;
mod gateway;
#[path = "../shared/served.rs"]
mod served;
mod suite;
