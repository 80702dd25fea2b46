//! Servers as child processes, and what the kernel says they cost.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Doing, Error, Result};

/// How long a server may take to start, to answer and to end; valgrind makes all of them fifty times slower.
pub const PATIENCE: Duration = Duration::from_secs(30);

const READY: &str = "listening on ";
const STDERR_KEPT: usize = 2048;

/// A command line, without the number of tools.
#[derive(Clone, Debug)]
pub struct Launch {
    program: PathBuf,
    args: Vec<String>,
}

impl Launch {
    /// `program` with `args`.
    #[must_use]
    pub fn new(program: &Path, args: &[&str]) -> Self {
        Self { program: program.to_owned(), args: args.iter().map(|&arg| arg.to_owned()).collect() }
    }

    /// The same command under callgrind, which writes its counts to `out`.
    #[must_use]
    pub fn under_callgrind(&self, out: &Path) -> Self {
        let mut args = vec!["--tool=callgrind".to_owned(), format!("--callgrind-out-file={}", out.display())];
        args.push(self.program.display().to_string());
        args.extend_from_slice(&self.args);
        Self { program: "valgrind".into(), args }
    }

    fn spawn(&self, tools: usize, stdin: Stdio, stdout: Stdio) -> Result<Child> {
        Command::new(&self.program)
            .args(&self.args)
            .args(["--tools", &tools.to_string()])
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .doing(format!("starting {}", self.program.display()))
    }
}

/// A running server; dropping it ends the process.
#[derive(Debug)]
pub struct Server {
    child: Child,
    stderr: Arc<Mutex<Vec<u8>>>,
}

/// The ends of a server's pipes that a client holds.
#[derive(Debug)]
pub struct Pipes {
    /// Where requests go.
    pub to: ChildStdin,
    /// Where answers come from.
    pub from: ChildStdout,
}

impl Server {
    /// Starts a server that speaks on its standard streams.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be started.
    pub fn stdio(launch: &Launch, tools: usize) -> Result<(Self, Pipes)> {
        let mut child = launch.spawn(tools, Stdio::piped(), Stdio::piped())?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both streams were asked to be pipes");
        };
        let (server, _) = Self::watch(child);
        Ok((server, Pipes { to, from }))
    }

    /// Starts a server that listens on a port of its choice, and waits until it says which.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be started, [`Error::Silent`] if it does not say `listening on ADDR`.
    pub fn http(launch: &Launch, tools: usize) -> Result<(Self, SocketAddr)> {
        let child = launch.spawn(tools, Stdio::null(), Stdio::null())?;
        let (server, ready) = Self::watch(child);
        match ready.recv_timeout(PATIENCE) {
            Ok(address) => Ok((server, address)),
            Err(_) => Err(Error::Silent(format!("no `{READY}ADDR` on stderr:\n{}", server.stderr()))),
        }
    }

    fn watch(mut child: Child) -> (Self, mpsc::Receiver<SocketAddr>) {
        let stderr = Arc::default();
        let (ready, is_ready) = mpsc::channel();
        if let Some(stream) = child.stderr.take() {
            let kept = Arc::clone(&stderr);
            // Ends when the child closes stderr, at the latest when it is killed.
            thread::spawn(move || drain(stream, &kept, &ready));
        }
        (Self { child, stderr }, is_ready)
    }

    /// The end of what the server wrote on stderr.
    #[must_use]
    pub fn stderr(&self) -> String {
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&stderr).into_owned()
    }

    /// The processor time used so far.
    ///
    /// # Errors
    /// [`Error::Io`] if the process is gone.
    pub fn cpu(&self) -> Result<CpuReading> {
        CpuReading::take(self.child.id()).doing("reading the server's processor time")
    }

    /// The memory in use now, in KiB.
    ///
    /// # Errors
    /// [`Error::Io`] if the process is gone.
    pub fn memory_kib(&self) -> Result<u64> {
        // `VmRSS` in `status` lags by some pages per processor, which is much beside small sessions.
        self.proc("smaps_rollup", "Rss:")
    }

    /// The most memory that was ever in use, in KiB.
    ///
    /// # Errors
    /// [`Error::Io`] if the process is gone.
    pub fn peak_memory_kib(&self) -> Result<u64> {
        self.proc("status", "VmHWM:")
    }

    fn proc(&self, file: &str, key: &str) -> Result<u64> {
        let path = format!("/proc/{}/{file}", self.child.id());
        let text = fs::read_to_string(&path).doing(format!("reading {path}"))?;
        let value = text.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse().ok());
        value.ok_or_else(|| Error::Silent(format!("{path} has no {key}; has the server ended?")))
    }

    /// Asks the server to end and waits until it has, so that callgrind can write its counts.
    ///
    /// # Errors
    /// [`Error::Silent`] if it does not end.
    pub fn terminate(mut self) -> Result<ExitStatus> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).map_err(io::Error::from).doing("ending the server")?;
        self.wait()
    }

    /// Waits until the server has ended on its own, as it should once its input is closed.
    ///
    /// # Errors
    /// [`Error::Silent`] if it does not end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().doing("waiting for the server")? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                return Err(Error::Silent(format!("the server does not end:\n{}", self.stderr())));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn drain(stream: ChildStderr, kept: &Mutex<Vec<u8>>, ready: &Sender<SocketAddr>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.by_ref().take(STDERR_KEPT as u64).read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        if let Some(address) = announced(&line) {
            // Nobody waits for the address of a server on stdio.
            let _ = ready.send(address);
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.append(&mut line);
        let excess = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..excess);
    }
}

/// The address in `listening on 127.0.0.1:8000`, which may be written as a URL.
fn announced(line: &[u8]) -> Option<SocketAddr> {
    let (_, address) = std::str::from_utf8(line).ok()?.split_once(READY)?;
    let address = address.trim_start_matches("http://");
    address.split(|c: char| c == '/' || c.is_whitespace()).next()?.parse().ok()
}

/// How much processor time every thread of a process has used.
#[derive(Debug)]
pub struct CpuReading {
    threads: Vec<(String, u64)>,
    process_ticks: u64,
}

impl CpuReading {
    /// The calling thread alone, which is how a driver learns what it costs itself.
    ///
    /// # Errors
    /// [`Error::Io`] if the kernel does not account for threads.
    pub fn this_thread() -> Result<Self> {
        let times = fs::read_to_string("/proc/thread-self/schedstat").doing("reading this thread's processor time")?;
        Ok(Self { threads: vec![(String::new(), nanoseconds(&times))], process_ticks: 0 })
    }

    fn take(pid: u32) -> io::Result<Self> {
        let mut threads = Vec::new();
        for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
            let entry = entry?;
            // A thread may end while its directory is being read; `since` notices.
            let Ok(times) = fs::read_to_string(entry.path().join("schedstat")) else {
                continue;
            };
            threads.push((entry.file_name().to_string_lossy().into_owned(), nanoseconds(&times)));
        }
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // Fields 14 and 15 of proc_pid_stat(5), counted after the name, which may hold spaces.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let process_ticks = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Ok(Self { threads, process_ticks })
    }

    /// The time used since `earlier`: to the nanosecond, unless a thread has ended, then to the clock tick.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Duration {
        let lost = |(id, _): &(String, u64)| !self.threads.iter().any(|(later, _)| later == id);
        if earlier.threads.iter().any(lost) {
            let ticks = self.process_ticks.saturating_sub(earlier.process_ticks);
            return Duration::from_secs(ticks) / u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100);
        }
        let total = |reading: &Self| reading.threads.iter().map(|(_, time)| time).sum::<u64>();
        Duration::from_nanos(total(self).saturating_sub(total(earlier)))
    }
}

/// The first field of a `schedstat` file: the time spent running.
fn nanoseconds(schedstat: &str) -> u64 {
    schedstat.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_with_and_without_decoration() {
        let expected = "127.0.0.1:8000".parse().ok();
        for line in ["listening on 127.0.0.1:8000\n", "INFO listening on http://127.0.0.1:8000/mcp (2 tools)\n"] {
            assert_eq!(announced(line.as_bytes()), expected, "{line}");
        }
        assert_eq!(announced(b"loading\n"), None);
    }
}
