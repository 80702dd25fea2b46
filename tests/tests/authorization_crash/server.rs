//! The server as a process of its own.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use mcp_auth::server::{MagicLink, MasterKey, Smtp};
use mcp_store::Sqlite;
use mcp_testkit::{Mailbox, VirtualClock};
use mcp_tests::authorized::Authorized;
use tokio::net::TcpListener;

/// Tells the child which file to serve from, and with it that it is the child.
const FILE: &str = "AUTHORIZATION_FILE";
const KEY: &str = "AUTHORIZATION_KEY";
const ADDRESS: &str = "AUTHORIZATION_ADDRESS";
const MAILS: &str = "AUTHORIZATION_MAILS";
const LISTENS: &str = "authorization server listens";

/// A server that can be killed and started again at the same address.
pub(crate) struct Killable {
    pub(crate) address: SocketAddr,
    pub(crate) key: MasterKey,
    pub(crate) mailbox: Mailbox,
    process: Option<Child>,
}

impl Killable {
    /// Starts one on a file.
    pub(crate) async fn start(file: &Path) -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = free.local_addr().expect("a bound socket has an address");
        drop(free);
        let mut server = Self { address, key: MasterKey::generate(), mailbox: Mailbox::open().await, process: None };
        server.start_on(file);
        server
    }

    /// Where it is reached.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What kills it, as `kill -9` does, if it was not killed before.
    pub(crate) fn killer(&mut self) -> impl FnOnce() + use<> {
        let process = self.process.take();
        move || {
            if let Some(mut process) = process {
                process.kill().expect("it can be killed");
                let status = process.wait().expect("it has died");
                assert!(!status.success(), "it serves until it is killed");
            }
        }
    }

    /// Kills it and starts it again.
    pub(crate) fn restart(&mut self, file: &Path) {
        self.killer()();
        self.start_on(file);
    }

    fn start_on(&mut self, file: &Path) {
        let mut process = Command::new(env::current_exe().expect("the test is a program"))
            .args(["--exact", "serves_until_it_is_killed", "--nocapture"])
            .env(FILE, file)
            .env(KEY, self.key.expose())
            .env(ADDRESS, self.address.to_string())
            .env(MAILS, self.mailbox.url())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(LISTENS)), "it listens");
        self.process = Some(process);
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself; the test has failed then.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Serves and does not return, if this process was started for that.
pub(crate) async fn serve_if_asked() {
    let Some(file) = env::var_os(FILE) else { return };
    let told = |name: &str| env::var(name).expect("the one that starts it says");
    let key = MasterKey::parse(&told(KEY)).expect("a key");
    let store = Arc::new(Sqlite::open(file).expect("the store opens"));
    let socket = TcpListener::bind(told(ADDRESS)).await.expect("the port is free");
    let clock = VirtualClock::new();
    clock.set(SystemTime::now());
    let smtp = Smtp::new(&told(MAILS), "Team <login@example.com>").expect("a mail server");
    let site = Authorized::at(socket, store, key, clock.clone(), |builder| builder.login(MagicLink::new(smtp))).await;
    let said = writeln!(stdout().lock(), "\n{LISTENS} at {}", site.address).and_then(|()| stdout().lock().flush());
    said.expect("the one that started it listens");
    loop {
        clock.set(SystemTime::now());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
