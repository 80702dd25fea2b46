//! A client that is signed in already: for tests in which several processes share a login.
//!
//! `oauth-client SERVER DIRECTORY` calls a tool with the login that is kept in the directory, and prints what it answers.

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use mcp_client::oauth::{FileStore, OAuth, SystemBrowser};
use mcp_client::{Client, Era};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let [server, directory] = <[String; 2]>::try_from(env::args().skip(1).collect::<Vec<_>>()).expect("a server and a directory");
    // Nobody is there to sign in.
    let oauth = OAuth::person(SystemBrowser::program("/nowhere/browser")).store(Arc::new(FileStore::new(directory))).build();
    match run(&server, oauth).await {
        Ok(text) => {
            #[allow(clippy::print_stdout, reason = "that is what the test reads")]
            {
                println!("{text}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(server: &str, oauth: OAuth) -> mcp_client::Result<String> {
    let client = Client::builder().era(Era::Modern).credentials(Arc::new(oauth)).connect(server).await?;
    Ok(client.call_tool("any", &json!({})).await?.text())
}
