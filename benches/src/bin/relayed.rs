//! A relay in front of another server of these benchmarks.
//!
//! `relayed gateway PROGRAM [ARGUMENT…]` starts the program with `stdio` and serves it over HTTP; `relayed bridge URL [--tools N]` serves a URL on the
//! standard streams. Everybody may call everything, so that what is measured is the hop.

use std::{future::pending, sync::Arc};

use mcp_client::Client;
use mcp_parity::{
    Dispatcher, TokioRuntime,
    http::{HttpConfig, HttpService, Listener},
    stdio::{Options, serve_stdio},
};
use mcp_relay::{Relay, RelaySettings, Upstream};
use tokio::runtime::Builder;

/// The allocator of `mcp`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(kind), Some(upstream)) = (words.next(), words.next()) else { return Err("gateway or bridge, and what to relay".into()) };
    // As `mcp` runs them: a bridge has one host, and threads of its own for the standard streams.
    let mut runtime = if kind == "bridge" { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    runtime.enable_all().build()?.block_on(relay(&kind, upstream, words))
}

async fn relay(kind: &str, upstream: String, words: impl Iterator<Item = String>) -> Result<(), Box<dyn std::error::Error>> {
    let upstream = match kind {
        "bridge" => Upstream::Url(upstream),
        _ => Upstream::Command {
            program: upstream.into(),
            arguments: std::iter::once("stdio".to_owned()).chain(words).map(Into::into).collect(),
            environment: Vec::new(),
            directory: None,
        },
    };
    let mut options = mcp_relay::Options::new(Client::builder);
    options.settings = RelaySettings::open();
    let relay = Relay::open(upstream, options).await?;
    let dispatcher = Dispatcher::builder(relay.registry(), Arc::new(TokioRuntime)).info(relay.info()).build()?;
    relay.keep(dispatcher.registry());
    if kind == "bridge" {
        serve_stdio(dispatcher, Options::default(), pending()).await?;
        return Ok(());
    }
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), HttpService::new(dispatcher, HttpConfig::default())?).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    listener.serve(pending()).await;
    Ok(())
}
