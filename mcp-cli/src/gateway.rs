//! `mcp gateway`: another server behind authenticated HTTP.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use mcp_client::Error;
use mcp_parity::Server;
use mcp_parity::auth::{SettingsError, parse_settings};
use mcp_relay::{Identity, Options, Relay, RelayError, RelaySettings, Upstream};

use crate::connect::Connect;
use crate::failure::Failure;
use crate::interrupt::until_interrupted;
use crate::server_log::ServerLog;

/// The configuration file that is looked for where the gateway is started.
const FILE: &str = "mcp.toml";
/// How long a call waits for somebody who signs the gateway in.
const PATIENCE: Duration = Duration::from_secs(25);

/// Serve another server over authenticated HTTP: `mcp gateway -- command args…`, or `mcp gateway URL`
#[derive(Args, Debug)]
pub(crate) struct Gateway {
    /// The server's URL, or its name in the file of --config
    server: Option<String>,
    /// Address and port to listen on; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = mcp_parity::http::address)]
    bind: SocketAddr,
    /// Treat every caller on loopback as the local developer with every scope
    #[arg(long)]
    dev: bool,
    /// Serve the standard streams of this program in place of HTTP
    #[arg(long, conflicts_with_all = ["bind", "dev"])]
    stdio: bool,
    /// Who may call what, how often, and where that is recorded [default: mcp.toml]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    connect: Connect,
}

/// What the configuration file says of the gateway, among other things.
#[derive(Default, serde::Deserialize)]
struct File {
    #[serde(default)]
    gateway: RelaySettings,
}

impl Gateway {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        log()?;
        let file = self.settings.clone().or_else(|| Some(PathBuf::from(FILE)).filter(|file| file.exists()));
        let settings = match &file {
            Some(file) => read(file)?,
            None => RelaySettings::default(),
        };
        let words: Vec<String> = self.server.iter().cloned().collect();
        let (target, _) = self.connect.target(&words)?;
        let mut options = Options::new(self.connect.maker(&target, PATIENCE).await?);
        options.identity = identity(&settings)?;
        options.settings = settings;
        let log = ServerLog::of(&target, &mut options)?;
        let url = target.url().map(str::to_owned);
        let done = self.serve(target.upstream(), options, file.as_deref()).await.map_err(|failure| failure.at(url.as_deref()));
        if let Some(log) = log {
            log.end().await;
        }
        done
    }

    async fn serve(&self, upstream: Upstream, options: Options, file: Option<&Path>) -> Result<(), Failure> {
        let relay = until_interrupted(open(upstream, options)).await?;
        let ending = relay.ending();
        let mut server = serve(relay);
        if let Some(file) = file {
            server = server.configured(file)?;
        }
        let served = if self.stdio { server.serve_stdio().await } else { server.serve_http(self.bind, self.dev).await };
        ending.end().await;
        Ok(served?)
    }
}

/// Opens the relay. Whoever starts a gateway may take longer to sign in than a call waits for it.
async fn open(upstream: Upstream, options: Options) -> Result<Relay, Failure> {
    loop {
        let begun = Instant::now();
        match Relay::open(upstream.clone(), options.clone()).await {
            Ok(relay) => return Ok(relay),
            Err(RelayError(Error::Refused { status: 401, .. })) if begun.elapsed() >= PATIENCE => {}
            Err(RelayError(error)) => return Err(Failure::Client(error)),
        }
    }
}

/// Has what is logged shown on the standard error, as it is of servers that are no relays.
pub(crate) fn log() -> Result<(), Failure> {
    Ok(mcp_parity::log_to_stderr()?)
}

/// A server of what is relayed.
pub(crate) fn serve(relay: Relay) -> Server {
    let (info, watcher, has_tasks) = (relay.info(), relay.watcher(), relay.has_tasks());
    let (extensions, roots) = (relay.extensions(), relay.roots_watcher());
    let server = Server::new(relay.registry()).info(info).configure(move |builder| {
        extensions
            .iter()
            .fold(builder.watcher(watcher).roots_watcher(roots), |builder, (name, settings)| builder.extension(name.as_str(), settings))
    });
    let server = if has_tasks { server.tasks() } else { server };
    server.when_built(move |dispatcher| relay.keep(dispatcher.registry()))
}

fn read(file: &std::path::Path) -> Result<RelaySettings, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))?;
    let read: Result<File, SettingsError> = parse_settings(&file.display().to_string(), &text);
    Ok(read.map_err(|error| Failure::usage(error.to_string()))?.gateway)
}

fn identity(settings: &RelaySettings) -> Result<Option<Identity>, Failure> {
    if !settings.identity_headers {
        return Ok(None);
    }
    let Some(name) = &settings.identity_secret_env else { return Ok(Some(Identity::default())) };
    match std::env::var(name) {
        Ok(secret) if !secret.trim().is_empty() => Ok(Some(Identity::default().secret(secret.trim()))),
        _ => Err(Failure::usage(format!("the environment variable `{name}`, which should hold the secret for the upstream, is not set"))),
    }
}
