//! The commands, and what they have in common.

use clap::{Parser, Subcommand};

use crate::failure::{Failure, HELP};
use crate::{bridge, call, completion, doctor, gateway, install, list, login, new, parity, prompt, read, watch, whoami};

/// Looks at, calls, installs, compares and starts MCP servers.
///
/// A server is named by its URL, by the command that starts it (after `--`), or by its name in a file of `mcpServers`.
#[derive(Debug, Parser)]
#[command(name = "mcp", version, after_help = HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(list::List),
    Call(call::Call),
    Read(read::Read),
    Prompt(prompt::GetPrompt),
    Whoami(whoami::Whoami),
    Login(login::Login),
    Logout(login::Logout),
    Doctor(doctor::Doctor),
    Bridge(bridge::Bridge),
    Gateway(gateway::Gateway),
    Install(install::Install),
    New(new::New),
    Parity(parity::Parity),
    Watch(watch::Watch),
    Completion(completion::Completion),
}

impl Cli {
    /// Does what was asked for.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::List(list) => list.run().await,
            Command::Call(call) => call.run().await,
            Command::Read(read) => read.run().await,
            Command::Prompt(prompt) => prompt.run().await,
            Command::Whoami(whoami) => whoami.run().await,
            Command::Login(login) => login.run().await,
            Command::Logout(logout) => logout.run().await,
            Command::Doctor(doctor) => doctor.run().await,
            Command::Bridge(bridge) => bridge.run().await,
            Command::Gateway(gateway) => gateway.run().await,
            Command::Install(install) => install.run().await,
            Command::New(new) => new.run(),
            Command::Parity(parity) => parity.run().await,
            Command::Watch(watch) => watch.run().await,
            Command::Completion(completion) => completion.run(),
        }
    }
}
