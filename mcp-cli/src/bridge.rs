//! `mcp bridge`: a remote server for hosts that only launch programs.

use clap::Args;
use mcp_relay::{Credentials, Options, Relay, RelaySettings};

use crate::connect::Connect;
use crate::failure::Failure;
use crate::gateway::serve;

/// Serve a remote server over the standard streams, for hosts that only launch programs
#[derive(Args, Debug)]
pub(crate) struct Bridge {
    /// The server's URL, or its name in the file of --config
    server: Option<String>,
    #[command(flatten)]
    connect: Connect,
}

impl Bridge {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let words: Vec<String> = self.server.iter().cloned().collect();
        let (target, _) = self.connect.target(&words)?;
        let mut options = Options::new(self.connect.maker(&target).await?);
        // Whoever launched this owns it; what they may do is for the remote server to say.
        options.settings = RelaySettings::open();
        options.credentials = Credentials::OfCaller;
        let relay = Relay::open(target.upstream(), options).await.map_err(|error| Failure::Client(error.0))?;
        let ending = relay.ending();
        let served = serve(relay).serve_stdio().await;
        ending.end().await;
        Ok(served?)
    }
}
