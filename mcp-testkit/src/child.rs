//! Serving stdio from a real child process: the test binary itself, or a program.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use mcp_parity::Server;
use mcp_parity::stdio::{Options, serve_stdio};

use crate::caller::Caller;

/// Tells a child that it is one, and the place of its caller in the list.
const CALLER: &str = "MCP_TESTKIT_SERVE_AS";
/// Tells a child what to print before it serves, if anything.
const MARK: &str = "MCP_TESTKIT_MARK";

/// What is launched to serve stdio.
#[derive(Clone, Debug)]
pub enum Child {
    /// A program that calls [`serve_if_asked`] before anything else.
    Asked {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<OsString>,
    },
    /// Any mcp-parity server. It can only be launched on behalf of local callers.
    Program(PathBuf),
}

impl Child {
    /// This test binary, running the test with this path only.
    ///
    /// # Panics
    /// When the operating system does not tell where the binary is.
    pub fn this_test(path: &str) -> Self {
        let program = std::env::current_exe().expect("a running program has a path");
        // The test harness does not know the crate's name.
        let name = path.split_once("::").map_or(path, |(_, name)| name);
        let arguments = [name, "--exact", "--nocapture", "--test-threads=1", "--include-ignored"].map(OsString::from).to_vec();
        Self::Asked { program, arguments }
    }

    /// How to launch it for a caller, and the line after which its output counts; `None` if it cannot be.
    pub(crate) fn command(&self, index: usize, caller: &Caller) -> Option<(Command, Option<String>)> {
        match self {
            Self::Asked { program, arguments } => {
                let mark = format!("mcp-testkit serves {}", std::process::id());
                let mut command = Command::new(program);
                command.args(arguments).env(CALLER, index.to_string()).env(MARK, &mark);
                Some((command, Some(mark)))
            }
            Self::Program(program) => {
                let scopes = caller.launch_scopes()?;
                let mut command = Command::new(program);
                command.arg("stdio").env_remove("MCP_ACCESS_TOKEN");
                match scopes {
                    Some(scopes) => command.env("MCP_SCOPES", scopes),
                    None => command.env_remove("MCP_SCOPES"),
                };
                Some((command, None))
            }
        }
    }
}

/// What a program that calls [`serve_if_asked`] needs in its environment to serve the caller at this place in the list, and
/// to print nothing before: for whoever launches it in the test's place.
pub fn asks_to_serve(caller: usize) -> (&'static str, String) {
    (CALLER, caller.to_string())
}

/// Serves stdio and ends the process, if it was launched to; returns at once if not.
///
/// # Panics
/// When the process was launched for a caller that is not in the list, or serving fails.
pub fn serve_if_asked(server: impl FnOnce() -> Server, callers: &[Caller]) {
    let Ok(index) = std::env::var(CALLER) else { return };
    let caller = index.parse().ok().and_then(|index: usize| callers.get(index)).expect("the parent knows how many callers there are");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be started");
    let dispatcher = server().into_dispatcher().expect("the server is sound");
    let options = Options { principal: caller.principal().clone(), ..Options::default() };
    if let Ok(mark) = std::env::var(MARK) {
        // Whatever a test harness has printed before ends with this line.
        #[allow(clippy::print_stdout, reason = "this is the line the parent waits for")]
        {
            println!("\n{mark}");
        }
    }
    let served = runtime.block_on(serve_stdio(dispatcher, options, std::future::pending()));
    std::process::exit(i32::from(served.is_err()));
}
