//! The same tools on mcp-parity, with its default settings.
//!
//! `ours stdio|http [--bind ADDR] [--tools N] [--sessions] [--protected]`; sessions are always on and cost nothing until used.
//! With `--protected`, HTTP takes access tokens of [`mcp_bench::issuer`] and nobody without one.

use std::{future::pending, net::SocketAddr, sync::Arc};

use mcp_bench::{
    args::Args,
    issuer::{PUBLIC_URL, Signer, verifier},
    workload::extra_tool,
};
use mcp_parity::{
    Context, Dispatcher, Registry, ServerInfo, TokioRuntime, Tool, ToolError,
    auth::{Authenticator, Cached},
    http::{HttpConfig, HttpService, Listener},
    stdio::{Options, serve_stdio},
    tool,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Adds two integers.
#[tool]
async fn add(
    /// The first.
    a: i64,
    /// The second.
    b: i64,
) -> String {
    (a + b).to_string()
}

/// Returns the text it was given.
#[tool]
async fn echo(
    /// The text.
    text: String,
) -> String {
    text
}

#[derive(Deserialize, JsonSchema)]
struct Extra {
    value: i64,
}

fn config(protected: bool) -> HttpConfig {
    if !protected {
        return HttpConfig::default();
    }
    let authenticator = Authenticator::Provider(Arc::new(Cached::new(verifier(&Signer::eddsa()).0)));
    HttpConfig { authenticator, public_url: Some(PUBLIC_URL.to_owned()), ..HttpConfig::default() }
}

fn registry(tools: usize) -> Result<Registry, Box<dyn std::error::Error>> {
    let mut registry = Registry::linked()?;
    for n in 2..tools {
        let (name, description) = extra_tool(n);
        let run = |_cx: Context, extra: Extra| async move { Ok::<_, ToolError>(extra.value.to_string()) };
        registry.add_tool(Tool::new(name, run).with_description(description))?;
    }
    Ok(registry)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = Args::from_env();
    let transport = args.subcommand();
    let bind: SocketAddr = args.value("--bind")?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let tools = args.value("--tools")?.unwrap_or(2);
    args.flag("--sessions");
    let protected = args.flag("--protected");
    args.finish()?;

    let dispatcher = Dispatcher::builder(registry(tools)?, Arc::new(TokioRuntime)).info(ServerInfo::new("ours", "0.1.0")).build()?;
    match transport.as_deref() {
        Some("stdio") => serve_stdio(dispatcher, Options::default(), pending()).await?,
        Some("http") => {
            let listener = Listener::bind(bind, HttpService::new(dispatcher, config(protected))?).await?;
            eprintln!("listening on {}", listener.local_addr()?);
            listener.serve(pending()).await;
        }
        _ => return Err(format!("usage: {} stdio|http [options]", env!("CARGO_BIN_NAME")).into()),
    }
    Ok(())
}
