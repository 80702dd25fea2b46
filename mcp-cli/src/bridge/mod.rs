//! `mcp bridge`: a remote server for hosts that only launch programs.

mod advice;
mod host;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use mcp_client::Error;
use mcp_relay::{Credentials, Options, Relay, RelaySettings, Upstream};

use self::advice::Advice;
use self::host::Host;
use crate::connect::{Connect, duration};
use crate::failure::Failure;
use crate::gateway::{log, serve};
use crate::interrupt::until_interrupted;
use crate::server_log::ServerLog;
use crate::target::Target;
use crate::terminal::note;

/// For how long hosts may keep lists that were read while there was no server, in milliseconds.
const LISTS_KEPT: u64 = 1_000;

/// Serve a remote server over the standard streams, for hosts that only launch programs
#[derive(Args, Debug)]
pub(crate) struct Bridge {
    /// The server's URL, or its name in the file of --config
    server: Option<String>,
    /// How long a call waits for a server that is gone or for somebody who signs in, and at the start four fifths of it: hosts give up
    /// servers that say nothing for 30 s then
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "25s")]
    patience: Duration,
    #[command(flatten)]
    connect: Connect,
}

impl Bridge {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        log()?;
        let words: Vec<String> = self.server.iter().cloned().collect();
        let (target, _) = self.connect.target(&words)?;
        let advice = Arc::new(Advice::about(&target, &self.connect));
        let mut options = Options::new(self.connect.maker(&target, self.patience).await?);
        // Whoever launched this owns it; what they may do is for the remote server to say.
        options.settings = RelaySettings::open();
        options.credentials = Credentials::OfCaller;
        options.patience = self.patience;
        // Less than what signing in may take: a refusal at the start is then one that nobody is about to mend.
        options.start = matches!(target, Target::Url { .. }).then_some(self.patience * 4 / 5);
        let name = match &target {
            Target::Url { url, .. } => url.clone(),
            Target::Command { program, .. } => program.to_string_lossy().into_owned(),
        };
        let advise = Arc::clone(&advice);
        options.advise(move |error| advise.on(error));
        let log = ServerLog::of(&target, &mut options)?;
        let done = serve_from(target.upstream(), options, &advice, &name).await;
        if let Some(log) = log {
            log.end().await;
        }
        done
    }
}

/// Opens the relay and serves the host, until that is gone.
async fn serve_from(upstream: Upstream, options: Options, advice: &Advice, name: &str) -> Result<(), Failure> {
    let mut host = Host::wait()?;
    let opening = async { Relay::open(upstream, options).await.map_err(|error| ended(error.0, advice)) };
    let relay = tokio::select! {
        biased;
        relay = until_interrupted(opening) => relay?,
        // Nobody is there to be served.
        () = host.gone() => return Ok(()),
    };
    let ending = relay.ending();
    let served = serve_host(relay, host, name).await;
    ending.end().await;
    Ok(served?)
}

/// Why there is no bridge, and what to do about it.
fn ended(error: Error, advice: &Advice) -> Failure {
    let url = match advice {
        Advice::SignIn(url) => Some(url.as_str()),
        Advice::Settled => None,
    };
    let error = match (&error, advice.on(&error)) {
        (Error::Authorization(_), Some(advice)) => Error::authorization(advice),
        _ => error,
    };
    Failure::Client(error).at(url)
}

async fn serve_host(relay: Relay, host: Host, name: &str) -> mcp_parity::Result<()> {
    let awaits = relay.awaits();
    let mut server = serve(relay);
    match awaits {
        None => note(&format!("serving {name} over stdio; what may be done there is for that server to say")),
        Some(why) => {
            note(&format!("serving over stdio without {name}, which is tried until it is there: {why}"));
            let limits = mcp_parity::Limits { list_ttl_ms: LISTS_KEPT, ..mcp_parity::Limits::default() };
            server = server.configure(move |builder| builder.limits(limits));
        }
    }
    server.serve_stdio_from(host.listen()).await
}
