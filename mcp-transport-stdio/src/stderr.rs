//! The standard error of programs that must go on when nobody reads it.

use std::io::{self, Write};

/// The most that is written of one line, in bytes: what a pipe that has room takes whole.
#[cfg(unix)]
const LONGEST: usize = 4_096;

/// The standard error, which keeps nobody waiting: what a full pipe does not take is left out, for a log that nobody reads must not
/// stop a server. Each call of [`Write::write`] is one line, with its end.
#[derive(Debug)]
pub struct StandardError(io::Stderr);

impl StandardError {
    /// That of this process.
    pub fn new() -> Self {
        Self(io::stderr())
    }
}

impl Default for StandardError {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(unix)]
impl Write for StandardError {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if crate::stdout::is_kept_waiting(&self.0) {
            return Ok(line.len());
        }
        if line.len() <= LONGEST {
            self.0.write_all(line)?;
        } else {
            let mut start = line[..LONGEST - 1].to_vec();
            start.push(b'\n');
            self.0.write_all(&start)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(not(unix))]
impl Write for StandardError {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
