//! The authorization server as its operator has it: set up by a file, checked, and administered on the command line.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use mcp_auth::server::{AuthServer, ClientToAdd, Developer, DeveloperLogin, MasterKey};
use mcp_store::Sqlite;
use tempfile::TempDir;

/// Keys for tests only, of 32 bytes each.
const KEY: &str = "dGhpcyBrZXkgaXMgZm9yIHRlc3RzIG9ubHkgLi4uLi4=";
const ANOTHER_KEY: &str = "YW5vdGhlciBrZXkgaXMgZm9yIHRlc3RzIG9ubHkuLi4=";

const SETTINGS: &str = r#"
public_url = "http://localhost"

[auth.server]
store = "{dir}/auth.db"
elevated_scopes = ["mcp:execute"]

[[auth.server.developers]]
name = "ann"
"#;

struct Operator {
    directory: TempDir,
    file: PathBuf,
}

impl Operator {
    fn with(settings: &str) -> Self {
        let directory = TempDir::new().expect("a directory");
        let file = directory.path().join("mcp.toml");
        std::fs::write(&file, settings.replace("{dir}", &directory.path().display().to_string())).expect("written");
        Self { directory, file }
    }

    /// Whether a command succeeds, what it answers, and what it says besides.
    fn run(&self, key: &str, arguments: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parity-server"));
        command.args(arguments).arg("--config").arg(&self.file).env("MCP_AUTH_KEY", key).env_remove("MCP_SCOPES");
        let output = command.env_remove("MCP_ACCESS_TOKEN").env_remove("MCP_CONFIG").output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    fn succeeds(&self, arguments: &[&str], says: &str) -> String {
        let (succeeded, answered, said) = self.run(KEY, arguments);
        assert!(succeeded && (answered.clone() + &said).contains(says), "{arguments:?}: {answered} {said}");
        answered
    }

    fn fails(&self, arguments: &[&str], says: &str) {
        let (succeeded, _, said) = self.run(KEY, arguments);
        assert!(!succeeded && said.contains(says), "{arguments:?}: {said}");
    }
}

#[test]
fn clients_are_made_listed_and_removed() {
    let operator = Operator::with(SETTINGS);
    let made = operator.succeeds(&["auth", "client", "add", "Nightly", "--scopes", "mcp:read"], "the secret is not shown again");
    let id = made.lines().find_map(|line| line.strip_prefix("client_id = ")).expect("an id");
    assert!(made.contains("\nclient_secret = "), "{made}");
    let listed = operator.succeeds(&["auth", "client", "list"], "[acts for itself]");
    assert!(listed.contains(id) && listed.contains("Nightly"), "{listed}");
    operator.succeeds(&["auth", "client", "remove", id], "is removed");
    assert_eq!(operator.succeeds(&["auth", "client", "list"], ""), "");
    operator.fails(&["auth", "client", "remove", id], "there is no client");
    for (arguments, says) in [
        (&["Commas", "--scopes", "mcp:read,mcp:write"][..], "scopes are separated by spaces"),
        (&["Dangerous", "--redirect", "javascript:alert(1)"], "javascript"),
    ] {
        operator.fails(&[&["auth", "client", "add"], arguments].concat(), says);
    }
    assert_eq!(operator.succeeds(&["auth", "client", "list"], ""), "", "what was refused left nothing");
}

#[tokio::test]
async fn lists_go_on_after_the_first_thousand() {
    let operator = Operator::with(SETTINGS);
    {
        let store = Sqlite::open(operator.directory.path().join("auth.db")).expect("the store opens");
        let builder = AuthServer::builder("http://localhost").store(store).key(MasterKey::parse(KEY).expect("a key"));
        let auth = builder.login(DeveloperLogin::new([Developer::new("ann")])).build().expect("it can start");
        auth.ready().await.expect("a new store");
        for number in 0..1_001 {
            let redirect_uris = vec!["https://client.example/callback".to_owned()];
            let client = ClientToAdd { name: format!("Client {number}"), public: true, redirect_uris, ..ClientToAdd::default() };
            auth.add_client(client).await.expect("a good client");
        }
        assert_eq!(auth.clients().await.expect("the store works").len(), 1_001);
    }
    let listed = operator.succeeds(&["auth", "client", "list"], "Client 1000");
    assert_eq!(listed.lines().collect::<BTreeSet<_>>().len(), 1_001);
    assert_eq!(listed.lines().count(), 1_001);
}

#[test]
fn what_is_done_to_nobody_is_said_to_be_nothing() {
    let operator = Operator::with(SETTINGS);
    for action in ["lock", "unlock", "reset-factor", "sign-out"] {
        operator.fails(&["auth", "user", action, "nobody"], "there is no user `nobody`; `auth user list` has the ids");
    }
}

#[test]
fn with_another_key_nothing_starts_and_nothing_is_written() {
    let operator = Operator::with(SETTINGS);
    operator.succeeds(&["auth", "client", "add", "Nightly", "--scopes", "mcp:read"], "client_id");
    let commands: [&[&str]; 5] = [
        &["check"],
        &["http", "--bind", "127.0.0.1:0"],
        &["auth", "client", "list"],
        &["auth", "client", "add", "Another", "--public", "--redirect", "https://client.example/callback"],
        &["auth", "key", "rotate", "--now"],
    ];
    for arguments in commands {
        let (succeeded, answered, said) = operator.run(ANOTHER_KEY, arguments);
        assert!(!succeeded && answered.is_empty() && said.contains("Set MCP_AUTH_KEY"), "{arguments:?}: {answered} {said}");
    }
    operator.succeeds(&["check"], "ok:");
    assert_eq!(operator.succeeds(&["auth", "client", "list"], "Nightly").lines().count(), 1);
    operator.succeeds(&["auth", "key", "rotate", "--now"], "signs at once");
    operator.succeeds(&["auth", "key", "rotate"], "signs in ten minutes");
    assert!(operator.directory.path().join("auth.db").is_file());
}

#[test]
fn what_cannot_be_meant_does_not_start() {
    for (from, to, says) in [
        (r#"["mcp:execute"]"#, r#"["mcp:exec"]"#, "`mcp:exec` is to be elevated, and nothing asks for it"),
        ("http://localhost", "https://mcp.example.com", "for development and only for a public URL on loopback"),
        ("[[auth.server.developers]]\nname = \"ann\"\n", "", "add a login method (`[auth.server.email]`"),
        ("[[auth.server.developers]]\nname = \"ann\"\n", "[auth.server.email]\nsmtp_url_env = \"NO_SUCH_VARIABLE\"\n", "NO_SUCH_VARIABLE"),
    ] {
        assert!(SETTINGS.contains(from));
        Operator::with(&SETTINGS.replace(from, to)).fails(&["check"], says);
    }
    let hosted = SETTINGS.replace("http://localhost", "https://mcp.example.com");
    let mailing = hosted.replace("[[auth.server.developers]]\nname = \"ann\"\n", "[auth.server.email]\n");
    Operator::with(&mailing).fails(&["check"], "mails are only printed; say with `smtp_url_env` and `from`");
    Operator::with(&hosted).fails(&["check"], "whoever signs in can be anybody");
}

#[test]
fn a_way_to_sign_in_for_development_is_announced_where_the_server_is_started() {
    use std::io::{BufRead as _, BufReader};

    let operator = Operator::with(SETTINGS);
    let mut command = Command::new(env!("CARGO_BIN_EXE_parity-server"));
    command.args(["http", "--bind", "127.0.0.1:0", "--config"]).arg(&operator.file).env("MCP_AUTH_KEY", KEY);
    let mut server = command.stderr(std::process::Stdio::piped()).spawn().expect("it runs");
    let lines = BufReader::new(server.stderr.take().expect("asked for above")).lines().map_while(Result::ok);
    let said: Vec<String> = lines.take_while(|line| !line.contains("serving HTTP at")).collect();
    server.kill().and_then(|()| server.wait()).expect("it is a child of ours");
    assert!(said.iter().any(|line| line.contains("development mode") && line.contains("Continue as a developer")), "{said:?}");
}
