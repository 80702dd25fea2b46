//! Two tools over stdio and HTTP, written as rmcp's documentation shows.
//!
//! `rmcp-hello [http [ADDR]]`: without arguments it speaks on its standard streams.

use std::env;

use rmcp::{
    ServerHandler, ServiceExt,
    handler::server::wrapper::Parameters,
    schemars, tool, tool_handler, tool_router,
    transport::{
        stdio,
        streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager},
    },
};
use serde::Deserialize;

#[derive(Clone)]
struct Hello;

#[derive(Deserialize, schemars::JsonSchema)]
struct AddRequest {
    /// The first summand.
    a: i64,
    /// The second summand.
    b: i64,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct GreetRequest {
    /// Who is greeted.
    name: String,
}

#[tool_router]
impl Hello {
    /// Add two integers.
    #[tool]
    fn add(&self, Parameters(AddRequest { a, b }): Parameters<AddRequest>) -> String {
        (a + b).to_string()
    }

    /// Greet somebody by name.
    #[tool]
    fn greet(&self, Parameters(GreetRequest { name }): Parameters<GreetRequest>) -> String {
        format!("Hello, {name}!")
    }
}

#[tool_handler]
impl ServerHandler for Hello {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    if args.next().as_deref() != Some("http") {
        Hello.serve(stdio()).await?.waiting().await?;
        return Ok(());
    }
    let address = args.next().unwrap_or_else(|| "127.0.0.1:8000".to_owned());
    let service: StreamableHttpService<Hello, LocalSessionManager> =
        StreamableHttpService::new(|| Ok(Hello), Default::default(), StreamableHttpServerConfig::default());
    let router = axum::Router::new().nest_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind(address).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
