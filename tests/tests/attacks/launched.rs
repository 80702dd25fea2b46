//! Tokens in `MCP_ACCESS_TOKEN` of a process of its own, which is set up by a file.

use std::fmt::Write as _;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The longest value of an environment variable that every system takes.
const MAX_VALUE: usize = 100_000;

/// A directory with a file that trusts issuers.
fn trusting(issuers: &[&str]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    let mut text = "public_url = \"https://mcp.example.com\"\n".to_owned();
    for issuer in issuers {
        let _ = write!(text, "\n[[auth.jwt]]\nissuer = \"{issuer}\"\n");
    }
    std::fs::write(directory.path().join("mcp.toml"), text).expect("a file");
    directory
}

/// Launches a server that trusts `issuers` as whoever a token says, and checks that it serves if the token is `taken` and else does not.
pub(crate) async fn check(issuers: &[&str], tokens: Vec<(String, String, bool)>) {
    let directory = trusting(issuers);
    for (name, token, taken) in tokens {
        if token.len() > MAX_VALUE || token.contains('\0') {
            continue;
        }
        let file = directory.path().join("mcp.toml");
        let value = token.clone();
        let launched = tokio::task::spawn_blocking(move || launch(&file, &value));
        let output = launched.await.expect("no panic");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), taken, "{name}: {said}");
        if !taken {
            assert!(output.stdout.is_empty() && said.contains("MCP_ACCESS_TOKEN"), "{name}: {output:?}");
        }
        assert!(token.len() < 8 || !format!("{output:?}").contains(&token), "{name}: the token was written");
    }
}

/// Serves nothing over stdio, to whoever the token says.
fn launch(file: &std::path::Path, token: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parity-server"));
    command.args(["stdio", "--config"]).arg(file).env("MCP_ACCESS_TOKEN", token).env_remove("MCP_SCOPES").env_remove("MCP_CONFIG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("the program starts")
}
