//! What the tests share: the program, servers for it, and clients.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use mcp_client::{Builder, Client, Era};
use mcp_core::LiveRegistry;
use mcp_parity::Server;
use mcp_parity::http::{HttpConfig, HttpService, Listener};

pub(crate) use crate::served::Served;

pub(crate) const MCP: &str = env!("CARGO_BIN_EXE_mcp");

/// The program of an example, which is built when it is first asked for.
pub(crate) fn example(name: &str) -> String {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let directory = BUILT.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the workspace");
        let mut cargo = Command::new(env!("CARGO"));
        let built = cargo.args(["build", "--quiet", "--offline", "-p", "hello", "-p", "everything"]).current_dir(workspace).status();
        assert!(built.expect("there is cargo").success(), "the examples can be built");
        Path::new(MCP).parent().expect("a program is in a directory").to_owned()
    });
    let program = directory.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    program.to_str().expect("the target directory has a plain name").to_owned()
}

impl Served {
    /// An example that serves HTTP by itself.
    pub(crate) fn example(name: &str) -> Self {
        Self::start(&example(name), &["http", "--dev", "--bind", "127.0.0.1:0"])
    }

    /// A gateway on loopback, with these arguments.
    pub(crate) fn gateway(arguments: &[&str]) -> Self {
        Self::start(MCP, &[&["gateway", "--dev", "--bind", "127.0.0.1:0"], arguments].concat())
    }

    /// A gateway in front of an example that it starts.
    pub(crate) fn gateway_of(name: &str, arguments: &[&str]) -> Self {
        Self::gateway(&[arguments, &["--", &example(name)]].concat())
    }

    /// Its process.
    #[cfg(target_os = "linux")]
    pub(crate) fn process(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Waits until it has ended by itself.
    #[cfg(target_os = "linux")]
    pub(crate) fn wait(mut self) -> std::process::ExitStatus {
        self.child.wait().expect("a child can be waited for")
    }
}

/// A client that launches a bridge to a URL.
pub(crate) async fn bridged(builder: Builder, url: &str, arguments: &[&str]) -> Client {
    let mut command = tokio::process::Command::new(MCP);
    command.arg("bridge").args(arguments).arg(url).stderr(Stdio::null());
    builder.spawn(command).await.expect("the bridge serves")
}

pub(crate) fn speaking(era: Era) -> Builder {
    Client::builder().era(era)
}

/// The eras in which both sides are tested.
pub(crate) const ERAS: [Era; 2] = [Era::Modern, Era::Legacy];

/// The name of an era on the command line.
pub(crate) fn named(era: Era) -> &'static str {
    if era == Era::Legacy { "legacy" } else { "modern" }
}

/// A server in this process that listens, and its registry.
pub(crate) async fn in_process(server: Server) -> (String, LiveRegistry) {
    let dispatcher = server.into_dispatcher().expect("the server is sound");
    let live = dispatcher.registry();
    let service = HttpService::new(dispatcher, HttpConfig::default()).expect("the configuration is sound");
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/mcp", socket.local_addr().expect("a bound socket has an address"));
    tokio::spawn(async move { Listener::on(socket, service).serve(std::future::pending()).await });
    (url, live)
}

/// Waits until something is so, for a while.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.is_ok(), "{what}");
}
