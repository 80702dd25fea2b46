//! The server under test.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Doing as _, Failure, Result};

/// The port that the suite's documentation uses; another one does as well.
const USUAL_PORT: u16 = 3_001;
/// How long the server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server, ended when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    url: String,
    log: PathBuf,
}

impl Server {
    /// Starts a server and waits until it answers; what it says goes to `log`.
    pub(crate) fn start(program: &Path, log: &Path) -> Result<Self> {
        let address = free_address()?;
        Self::launch(program, &["http", "--bind", &address.to_string()], address, log)
    }

    /// The same with a gateway in front of a server that it starts itself.
    pub(crate) fn start_behind(gateway: &Path, program: &Path, log: &Path) -> Result<Self> {
        let address = free_address()?;
        let program = program.to_string_lossy();
        Self::launch(gateway, &["gateway", "--dev", "--bind", &address.to_string(), "--", &program], address, log)
    }

    fn launch(program: &Path, arguments: &[&str], address: SocketAddr, log: &Path) -> Result<Self> {
        let said = File::create(log).doing(|| format!("creating {}", log.display()))?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let process = command.spawn().doing(|| format!("{} could not be started", program.display()))?;
        println!("{} serves {address} as process {}", program.display(), process.id());
        let mut server = Self { process, address, url: format!("http://{address}/mcp"), log: log.to_owned() };
        server.wait()?;
        Ok(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn wait(&mut self) -> Result<()> {
        let (start, address) = (Instant::now(), self.address);
        while !answers(address) {
            let exited = self.process.try_wait().doing(|| "asking for the server's state".to_owned())?;
            if let Some(status) = exited {
                return Err(Failure::new(format!("the server ended ({status}):\n{}", self.said())));
            }
            if start.elapsed() > PATIENCE {
                return Err(Failure::new(format!("the server does not answer at {address}:\n{}", self.said())));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself needs no ending.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The usual port if nobody listens there, else one that the system picks.
pub(super) fn free_address() -> Result<SocketAddr> {
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(local(USUAL_PORT)).or_else(|_| TcpListener::bind(local(0)));
    listener.and_then(|listener| listener.local_addr()).doing(|| "looking for a free port".to_owned())
}

/// Whether an HTTP server answers anything at all.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(format!("DELETE /mcp HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        Ok(&start == b"HTTP/")
    };
    ask().unwrap_or(false)
}
