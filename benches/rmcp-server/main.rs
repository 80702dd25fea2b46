//! The same tools on rmcp, set up as well as rmcp can be.
//!
//! `rmcp_server stdio|http [--bind ADDR] [--tools N] [--sessions] [--documented]`
//!
//! - The router is built once and shared; `#[tool_handler]` alone would rebuild it for every call.
//! - stdio uses the non-blocking pipes that rmcp offers beside its documented `stdio()`.
//! - HTTP is stateless and answers JSON, and every accepted socket has TCP_NODELAY. `--sessions` turns rmcp's
//!   default sessions on, which the memory cell needs.
//! - `--documented` takes back all of that and serves as rmcp's README does.

use std::sync::Arc;

use axum::{Router, serve::ListenerExt};
use mcp_bench::{args::Args, workload::extra_tool};
use rmcp::{
    ServerHandler, ServiceExt,
    handler::server::{
        router::tool::{ToolRoute, ToolRouter},
        wrapper::Parameters,
    },
    model::{CallToolResult, ContentBlock, Tool, object},
    schemars, tool, tool_handler, tool_router,
    transport::{
        stdio, stdio_pipes,
        streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager},
    },
};
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};

/// Either the router that every call shares, or how many tools a call has to build one for.
#[derive(Clone)]
enum Tools {
    Shared(Arc<ToolRouter<Server>>),
    RebuiltPerCall(usize),
}

#[derive(Clone)]
struct Server {
    tools: Tools,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Echo {
    text: String,
}

#[tool_router]
impl Server {
    #[tool(description = "Adds two integers.")]
    fn add(&self, Parameters(Add { a, b }): Parameters<Add>) -> String {
        (a + b).to_string()
    }

    #[tool(description = "Returns the text it was given.")]
    fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }
}

#[tool_handler(router = self.router())]
impl ServerHandler for Server {}

impl Server {
    fn new(tools: usize, documented: bool) -> Self {
        let tools = if documented { Tools::RebuiltPerCall(tools) } else { Tools::Shared(Arc::new(Self::router_of(tools))) };
        Self { tools }
    }

    fn router(&self) -> Arc<ToolRouter<Self>> {
        match &self.tools {
            Tools::Shared(router) => Arc::clone(router),
            Tools::RebuiltPerCall(tools) => Arc::new(Self::router_of(*tools)),
        }
    }

    fn router_of(tools: usize) -> ToolRouter<Self> {
        let mut router = Self::tool_router();
        for n in router.map.len()..tools {
            router.add_route(extra_route(n));
        }
        router
    }
}

fn extra_route(n: usize) -> ToolRoute<Server> {
    let (name, description) = extra_tool(n);
    let schema = serde_json::json!({
        "type": "object",
        "properties": {"value": {"type": "integer"}},
        "required": ["value"],
    });
    ToolRoute::new_dyn(Tool::new(name, description, object(schema)), |call| {
        let value = call.arguments.as_ref().and_then(|arguments| arguments.get("value")).cloned();
        Box::pin(async move {
            let text = value.unwrap_or_default().to_string();
            Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
        })
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = Args::from_env();
    let transport = args.subcommand();
    let bind = args.value("--bind")?.unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let tools = args.value("--tools")?.unwrap_or(2);
    let sessions = args.flag("--sessions");
    let documented = args.flag("--documented");
    args.finish()?;

    let server = Server::new(tools, documented);
    match transport.as_deref() {
        Some("stdio") if documented => {
            server.serve(stdio()).await?.waiting().await?;
        }
        Some("stdio") => {
            server.serve(stdio_pipes()).await?.waiting().await?;
        }
        Some("http") => serve_http(server, &bind, sessions, documented).await?,
        _ => return Err(format!("usage: {} stdio|http [options]", env!("CARGO_BIN_NAME")).into()),
    }
    Ok(())
}

async fn serve_http(server: Server, bind: &str, sessions: bool, documented: bool) -> Result<(), Box<dyn std::error::Error>> {
    let mut config = StreamableHttpServerConfig::default();
    if !documented {
        config.json_response = true;
        config.legacy_session_mode = sessions;
    }
    let service: StreamableHttpService<Server, LocalSessionManager> =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::default(), config);

    let listener = TcpListener::bind(bind).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    if documented {
        axum::serve(listener, Router::new().nest_service("/mcp", service)).await?;
    } else {
        let listener = listener.tap_io(|stream: &mut TcpStream| {
            if let Err(error) = stream.set_nodelay(true) {
                eprintln!("TCP_NODELAY could not be set: {error}");
            }
        });
        axum::serve(listener, Router::new().route_service("/mcp", service)).await?;
    }
    Ok(())
}
