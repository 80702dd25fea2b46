//! A source tree for a team: people sign in, and decide which of their agents may search, read and run the project's check.
//!
//! Without an `mcp.toml` it is for this machine: everybody is one of two developers, and what is granted is forgotten when the
//! process ends. `mcp.toml.example` beside this crate's manifest is how a team runs it, built with `--no-default-features`: that
//! leaves the developers out.

use mcp_parity::Server;

#[tokio::main]
async fn main() -> mcp_parity::Result<()> {
    let server = code_search::server()?.named("team-server", env!("CARGO_PKG_VERSION"));
    for_development(server).run().await
}

/// What a configuration file says takes the place of this.
#[cfg(feature = "developer-login")]
fn for_development(server: Server) -> Server {
    use mcp_parity::auth::server::{Brand, Developer, DeveloperLogin, MasterKey};
    use mcp_parity::store::Memory;

    server.authorization(|builder| {
        let people = [Developer::new("ann").email("ann@example.com").group("maintainers"), Developer::new("bob").email("bob@example.com")];
        let builder = builder.store(Memory::new()).key(MasterKey::generate()).brand(Brand::new("Team server"));
        Ok(builder.login(DeveloperLogin::new(people)).elevated_scopes(["mcp:execute"]))
    })
}

#[cfg(not(feature = "developer-login"))]
fn for_development(server: Server) -> Server {
    server
}
