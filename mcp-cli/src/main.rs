//! The command `mcp`: looks at, calls, installs, compares and starts MCP servers.
//!
//! One file or folder for each command; what they share is how a server is reached ([`target`], [`connect`]),
//! how people are spoken to ([`terminal`]) and how a command ends ([`failure`]).

mod arguments;
mod bridge;
mod call;
mod command;
mod completion;
mod connect;
mod content;
mod debug;
mod doctor;
mod elicitation;
mod failure;
mod gateway;
mod install;
mod interrupt;
mod list;
mod login;
mod new;
mod parity;
mod prompt;
mod read;
mod redact;
mod schema;
mod server_log;
mod target;
mod terminal;
mod watch;
mod whoami;

use clap::Parser as _;
use tokio::runtime::Builder;

use crate::command::{Cli, Command};

/// What is relayed is allocated by one thread and freed by another, which the system's allocator does not like.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let cli = Cli::parse();
    // A bridge has one host, and threads of its own for the standard streams; further ones would only wake each other.
    let mut runtime = match cli.command {
        Command::Bridge(_) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let code = match runtime.enable_all().build() {
        Ok(runtime) => {
            let done = runtime.block_on(cli.run());
            // A thread may still wait for somebody to type something.
            runtime.shutdown_background();
            failure::report(done)
        }
        Err(error) => failure::report(Err(error.into())),
    };
    std::process::exit(code);
}
