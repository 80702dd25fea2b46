//! The fixture server as hosts launch it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::client::PATIENCE;

/// A child process, killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    log: Receiver<String>,
}

/// Reads lines on a thread of its own.
fn lines(source: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(source).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

impl Process {
    /// Launches `program` with arguments.
    ///
    /// # Panics
    /// When it cannot be launched.
    pub fn launch(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).env_remove("MCP_SCOPES").env_remove("MCP_ACCESS_TOKEN");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program exists");
        let lines_of_output = lines(child.stdout.take().expect("asked for above"));
        let log = lines(child.stderr.take().expect("asked for above"));
        let input = child.stdin.take();
        Self { child, input, lines: lines_of_output, log }
    }

    /// Writes one line.
    ///
    /// # Panics
    /// When the process does not read.
    pub fn send(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{line}").and_then(|()| input.flush()).expect("the process reads");
    }

    /// The next line of output; `None` at its end.
    ///
    /// # Panics
    /// When nothing comes for long.
    pub fn next(&self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("nothing came in time"),
        }
    }

    /// The next line of the log.
    ///
    /// # Panics
    /// When nothing comes for long.
    pub fn next_of_log(&self) -> String {
        self.log.recv_timeout(PATIENCE).expect("the process logs")
    }

    /// Closes the input.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Asks the process to stop, as a service manager does.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn terminate(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("there is `kill`");
        assert!(asked.success(), "the process is gone already");
    }

    /// Waits for the process to end.
    ///
    /// # Panics
    /// When it does not for long.
    pub fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the process does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
