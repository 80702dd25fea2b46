//! The server as a process of its own.

use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _, stdin, stdout};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use mcp_auth::server::{MagicLink, MasterKey, Smtp};
use mcp_store::Sqlite;
use mcp_testkit::{Mailbox, VirtualClock};
use mcp_tests::authorized::Authorized;
use tokio::net::TcpListener;

use crate::mortal::{Death, Mortal};

/// Tells the child which file to serve from, and with it that it is the child.
const FILE: &str = "AUTHORIZATION_FILE";
const KEY: &str = "AUTHORIZATION_KEY";
const ADDRESS: &str = "AUTHORIZATION_ADDRESS";
const MAILS: &str = "AUTHORIZATION_MAILS";
const LISTENS: &str = "authorization server listens";
/// What a child answers to who tells it when to die, with the number of writes since it was told before.
const WROTE: &str = "authorization server wrote ";

/// A server that can be killed and started again at the same address.
pub(crate) struct Killable {
    pub(crate) address: SocketAddr,
    pub(crate) key: MasterKey,
    pub(crate) mailbox: Mailbox,
    process: Option<Process>,
}

/// A child, and what is said to it and by it.
struct Process {
    child: Child,
    tells: ChildStdin,
    says: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// The rest of the next line that begins like this; none if it has died.
    fn says(&mut self, begin: &str) -> Option<String> {
        self.says.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix(begin).map(str::to_owned))
    }
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
                process.child.kill().expect("it can be killed");
                let status = process.child.wait().expect("it has died");
                assert!(!status.success(), "it serves until it is killed");
            }
        }
    }

    /// Tells it at which write to die, counted from now on; how many there were since it was told before, unless it has died.
    pub(crate) fn dies(&mut self, death: Option<Death>) -> Option<u64> {
        let process = self.process.as_mut().expect("it was started");
        // Who has died does not listen.
        let told = writeln!(process.tells, "{}", death.map_or_else(String::new, |death| death.to_string()));
        let wrote = told.ok().and_then(|()| process.says(WROTE))?;
        Some(wrote.parse().expect("it says a number"))
    }

    /// Whether it died as it was told to.
    pub(crate) fn has_died(&mut self) -> bool {
        if self.dies(None).is_some() {
            return false;
        }
        let mut process = self.process.take().expect("it was started");
        let status = process.child.wait().expect("it has died");
        // Neither of these ends is that of a test, which a child is.
        !matches!(status.code(), Some(0 | 101))
    }

    /// Kills it and starts it again.
    pub(crate) fn restart(&mut self, file: &Path) {
        self.killer()();
        self.start_on(file);
    }

    /// Starts it on a file.
    pub(crate) fn start_on(&mut self, file: &Path) {
        let mut child = Command::new(env::current_exe().expect("the test is a program"))
            .args(["--exact", "serves_until_it_is_killed", "--nocapture"])
            .env(FILE, file)
            .env(KEY, self.key.expose())
            .env(ADDRESS, self.address.to_string())
            .env(MAILS, self.mailbox.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let (tells, says) = (child.stdin.take().expect("it is piped"), child.stdout.take().expect("it is piped"));
        let mut process = Process { child, tells, says: BufReader::new(says).lines() };
        process.says(LISTENS).expect("it listens");
        self.process = Some(process);
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself; the test has failed then.
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

/// Serves and does not return, if this process was started for that.
pub(crate) async fn serve_if_asked() {
    let Some(file) = env::var_os(FILE) else { return };
    let told = |name: &str| env::var(name).expect("the one that starts it says");
    let key = MasterKey::parse(&told(KEY)).expect("a key");
    let store = Arc::new(Mortal::new(Sqlite::open(file).expect("the store opens")));
    let socket = TcpListener::bind(told(ADDRESS)).await.expect("the port is free");
    let clock = VirtualClock::new();
    clock.set(SystemTime::now());
    let smtp = Smtp::new(&told(MAILS), "Team <login@example.com>").expect("a mail server");
    let site = Authorized::at(socket, Arc::clone(&store) as _, key, clock.clone(), |builder| builder.login(MagicLink::new(smtp))).await;
    say(&format!("\n{LISTENS} at {}", site.address));
    // It ends with the process, or with the one that started it.
    std::thread::spawn(move || {
        for line in stdin().lines().map_while(Result::ok) {
            say(&format!("{WROTE}{}", store.dies(line.parse().ok())));
        }
    });
    loop {
        clock.set(SystemTime::now());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn say(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the one that started it listens");
}
