//! What somebody may try against a server that takes tokens: over real HTTP with an issuer on a real socket, and the
//! same provider asked in process, as it is for stdio; and where a clock or a changing key set is no part of the attack, a process
//! that is launched with the token, too. The verdicts must be the same, every one must be recorded,
//! and no secret may appear in anything that is written.

#[path = "attacks/bench.rs"]
mod bench;
#[path = "attacks/canary.rs"]
mod canary;
#[path = "attacks/claims.rs"]
mod claims;
#[path = "attacks/clock.rs"]
mod clock;
#[path = "attacks/dumps.rs"]
mod dumps;
#[path = "attacks/events.rs"]
mod events;
#[path = "attacks/flood.rs"]
mod flood;
#[path = "attacks/freshness.rs"]
mod freshness;
#[path = "attacks/keys.rs"]
mod keys;
#[path = "attacks/launched.rs"]
mod launched;
#[path = "attacks/panics.rs"]
mod panics;
#[path = "attacks/presentation.rs"]
mod presentation;
#[path = "attacks/records.rs"]
mod records;
#[path = "attacks/signatures.rs"]
mod signatures;
#[path = "attacks/sizes.rs"]
mod sizes;
#[path = "attacks/smuggling.rs"]
mod smuggling;
#[path = "attacks/tools.rs"]
mod tools;
#[path = "attacks/traces.rs"]
mod traces;
#[path = "attacks/unreachable.rs"]
mod unreachable;
