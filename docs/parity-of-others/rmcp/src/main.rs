//! Three tools on rmcp: on standard streams, or over HTTP on the port that is given.

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
struct Others;

#[derive(Deserialize, schemars::JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

#[tool_router]
impl Others {
    /// Says what it is told.
    #[tool(annotations(read_only_hint = true))]
    fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }

    /// Adds two integers.
    #[tool(annotations(read_only_hint = true))]
    fn add(&self, Parameters(Add { a, b }): Parameters<Add>) -> String {
        (a + b).to_string()
    }

    /// Fails.
    #[tool(annotations(read_only_hint = true))]
    fn fail(&self) -> Result<String, String> {
        Err("this tool always fails".to_owned())
    }
}

#[tool_handler]
impl ServerHandler for Others {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(port) = env::args().nth(1) else {
        Others.serve(stdio()).await?.waiting().await?;
        return Ok(());
    };
    let service: StreamableHttpService<Others, LocalSessionManager> =
        StreamableHttpService::new(|| Ok(Others), Default::default(), StreamableHttpServerConfig::default());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}
