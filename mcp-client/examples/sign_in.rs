//! Signs in to an MCP server, lists its tools, and stays signed in for the next time.
//!
//! ```sh
//! cargo run -p mcp-parity-client --features oauth --example sign_in -- https://mcp.example.com/mcp logins
//! ```

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use mcp_client::Client;
use mcp_client::oauth::{FileStore, OAuth, ShowUrl};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [server, directory] = &arguments[..] else {
        eprintln!("sign_in SERVER DIRECTORY");
        return ExitCode::FAILURE;
    };
    match run(server, directory).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(server: &str, directory: &str) -> mcp_client::Result<()> {
    // `SystemBrowser::default()` opens it instead.
    let browser = ShowUrl(|url: &str| eprintln!("Open {url}"));
    let oauth = OAuth::person(browser).name("Sign-in example").store(Arc::new(FileStore::new(directory))).build();
    let client = Client::builder().credentials(Arc::new(oauth)).connect(server).await?;
    for tool in client.list_tools().await? {
        eprintln!("{}", tool.name);
    }
    client.close().await;
    Ok(())
}
