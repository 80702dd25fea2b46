//! A server that shows what servers can offer, and the fixture of the official conformance suite.
//!
//! One module for each thing a server can offer. The names and answers that the suite
//! expects (`docs/conformance.md`) are kept; nothing in here is special to it otherwise.

mod about;
mod arguments;
mod ask;
mod changes;
mod content;
mod forms;
mod prompts;
mod resources;
mod rounds;
mod skills;
mod tasks;
mod while_running;

use mcp_parity::Server;

#[tokio::main]
async fn main() -> mcp_parity::Result<()> {
    Server::linked()?
        .named("everything", env!("CARGO_PKG_VERSION"))
        .instructions("Shows what a server can do. Start with the tool `about`.")
        .state(resources::Watched::default())
        .state(rounds::Draws::default())
        .tool(arguments::verbatim())?
        .skill(skills::pdf_processing())
        .tasks()
        .apps()
        .run()
        .await
}
