//! What was answered outlives the server, whenever it is killed, and so does nobody's sign-in become somebody else's.
//!
//! The test starts itself again, as a server on a SQLite file, and kills it.

#[path = "authorization_crash/flows.rs"]
mod flows;
#[path = "authorization_crash/mortal.rs"]
mod mortal;
#[path = "authorization_crash/restored.rs"]
mod restored;
#[path = "authorization_crash/server.rs"]
mod server;
#[path = "authorization_crash/stolen.rs"]
mod stolen;
#[path = "authorization_crash/visitor.rs"]
mod visitor;
#[path = "authorization_crash/writes.rs"]
mod writes;

/// The server, if this process was started to be it.
#[tokio::test(flavor = "multi_thread")]
async fn serves_until_it_is_killed() {
    server::serve_if_asked().await;
}
