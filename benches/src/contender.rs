//! Which servers there are and how each is started.

use std::path::Path;

use crate::process::Launch;

/// A server under measurement.
#[derive(Clone, Debug)]
pub struct Contender {
    /// The name in tables.
    pub name: &'static str,
    /// How it is started to speak on its standard streams.
    pub stdio: Launch,
    /// How it is started to speak HTTP.
    pub http: Launch,
    /// How it is started to speak HTTP and keep legacy sessions, if it can.
    pub sessions: Option<Launch>,
}

/// The name of the server this project makes.
pub const OURS: &str = "ours";
/// The name of the server to compare with.
pub const RMCP: &str = "rmcp";
/// The name of the least a server can do.
pub const FLOOR: &str = "floor";

const HTTP: [&str; 3] = ["http", "--bind", "127.0.0.1:0"];

impl Contender {
    /// This project's server, at `program`.
    #[must_use]
    pub fn ours(program: &Path) -> Self {
        let http = Launch::new(program, &HTTP);
        Self { name: OURS, stdio: Launch::new(program, &["stdio"]), sessions: Some(http.clone()), http }
    }

    /// This project's server over HTTP, for callers with a token of [`issuer`](crate::issuer) only.
    #[must_use]
    pub fn protected(program: &Path) -> Launch {
        Launch::new(program, &[HTTP.as_slice(), &["--protected"]].concat())
    }

    /// The rmcp server at `program`, with its best settings or those its documentation shows.
    #[must_use]
    pub fn rmcp(program: &Path, documented: bool) -> Self {
        let launch = |args: &[&str], option: &str| {
            let options = if documented { "--documented" } else { option };
            let options = (!options.is_empty()).then_some(options);
            Launch::new(program, &args.iter().copied().chain(options).collect::<Vec<_>>())
        };
        Self { name: RMCP, stdio: launch(&["stdio"], ""), http: launch(&HTTP, ""), sessions: Some(launch(&HTTP, "--sessions")) }
    }

    /// The two floors.
    #[must_use]
    pub fn floor(stdio: &Path, http: &Path) -> Self {
        Self { name: FLOOR, stdio: Launch::new(stdio, &[]), http: Launch::new(http, &HTTP[1..]), sessions: None }
    }
}
