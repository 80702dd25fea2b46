//! A program that serves HTTP and says where.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// Something that serves HTTP, until this is dropped.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Served {
    /// Starts a program and waits until it says where it serves.
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        Self::try_start(program, arguments).expect("the program says where it serves")
    }

    /// The same for a program that may refuse to; the error is what it said.
    pub(crate) fn try_start(program: &str, arguments: &[&str]) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.args(arguments).env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN").stdin(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program exists");
        let mut log = BufReader::new(child.stderr.take().expect("asked for above")).lines();
        let mut said = String::new();
        let url = log.by_ref().map_while(Result::ok).find_map(|line| {
            said.push_str(&line);
            let (_, rest) = line.split_once("serving HTTP at ")?;
            rest.split_whitespace().next().map(str::to_owned)
        });
        // Read to its end, so that the server can go on writing.
        std::thread::spawn(move || log.for_each(drop));
        match url {
            Some(url) => Ok(Self { child, url }),
            None => {
                let _ = child.wait();
                Err(said)
            }
        }
    }

    /// Where it listens, as `--bind` takes it.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://").split('/').next().expect("a URL has an address")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
