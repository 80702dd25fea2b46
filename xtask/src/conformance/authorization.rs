//! The suite's command for authorization servers, against `examples/team-server`.
//!
//! The suite is a client that waits for a person: it prints the URL that the person is to open, and goes on when the
//! browser comes back. The person is `virtual-browser` of `tests`.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::checks::{self, Check};
use super::server::{Server, free_address};
use crate::failure::{Doing as _, Failure, Result};
use crate::process::{self, cargo};
use crate::setup;
use crate::workspace::Workspace;

/// How many checks the suite makes; it leaves out those of codes when it is not told of a client.
const CHECKS: usize = 3;

/// Runs it and answers the checks that it wrote down below `results`.
pub(super) fn run(workspace: &Workspace, results: &Path) -> Result<Vec<Check>> {
    let programs = ["build", "--package", "team-server", "--package", "mcp-tests", "--bin", "team-server", "--bin", "virtual-browser"];
    process::run(cargo(workspace).args(programs))?;
    let directory = results.join("authorization");
    let server = Server::start(&workspace.target().join("debug/team-server"), &results.join("team-server.log"))?;
    let callback = free_address()?;
    let client = register(server.address(), callback)?;
    let issuer = format!("http://{}", server.address());
    let mut suite = Command::new(setup::node(workspace));
    suite.arg(setup::suite(workspace)).args(["authorization", "--url", &issuer, "--client-id", &client, "--port"]);
    suite.arg(callback.port().to_string()).arg("-o").arg(&directory).current_dir(workspace.root());
    let browser = workspace.target().join("debug/virtual-browser");
    converse(&mut suite, &results.join("authorization.log"), &format!("{issuer}/authorize?"), &browser)?;
    let found = checks::read_all(&directory)?;
    if found.len() < CHECKS {
        return Err(Failure::new(format!("authorization: the suite wrote down {} checks instead of {CHECKS}", found.len())));
    }
    Ok(found)
}

/// Runs the suite and opens what it prints that begins as a URL of the authorization endpoint does.
fn converse(suite: &mut Command, log: &Path, authorize: &str, browser: &Path) -> Result<()> {
    let mut log = File::create(log).doing(|| format!("creating {}", log.display()))?;
    println!("$ conformance authorization, with a browser that signs in and allows");
    let running = suite.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut running = Running(running.doing(|| "the suite could not be started".to_owned())?);
    let said = running.0.stdout.take().into_iter().flat_map(|said| BufReader::new(said).lines());
    for line in said {
        let line = line.doing(|| "reading what the suite says".to_owned())?;
        writeln!(log, "{line}").doing(|| "writing down what the suite says".to_owned())?;
        if line.starts_with(authorize) {
            process::run(Command::new(browser).arg(line))?;
        }
    }
    let status = running.0.wait().doing(|| "waiting for the suite".to_owned())?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("the suite's command for authorization servers failed ({status})"))) }
}

/// A suite that is ended if nobody opens its URL: it would wait for minutes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself needs no ending.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Registers the suite as a client without a secret (RFC 7591), and answers its id.
fn register(server: SocketAddr, callback: SocketAddr) -> Result<String> {
    let body = json!({
        "client_name": "Conformance suite",
        "redirect_uris": [format!("http://{callback}/callback")],
        "token_endpoint_auth_method": "none",
    });
    let answer = post(server, "/register", &body.to_string()).doing(|| "registering the suite as a client".to_owned())?;
    let registered = answer.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str::<Value>(body).ok());
    let id = registered.as_ref().and_then(|registered| registered["client_id"].as_str());
    id.map(str::to_owned).ok_or_else(|| Failure::new(format!("the suite could not be registered as a client:\n{answer}")))
}

fn post(server: SocketAddr, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
