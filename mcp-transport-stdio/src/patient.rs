//! Streams that wait where another process has made them give up.
//!
//! Whether a stream is non-blocking is a property of what its descriptors share, so any process that holds one of them, as the host or
//! another child of it, can change it at any time.

use std::io::{self, ErrorKind, Read, Write};

/// A stream that waits until it can be read or written.
#[derive(Debug)]
pub(crate) struct Patient<F>(pub(crate) F);

#[cfg(unix)]
pub(crate) use std::os::fd::AsFd as Waitable;

/// Everything: nothing on this platform gives up.
#[cfg(not(unix))]
pub(crate) trait Waitable {}

#[cfg(not(unix))]
impl<F> Waitable for F {}

/// What to wait for.
#[derive(Clone, Copy, Debug)]
enum Ready {
    ToRead,
    ToWrite,
}

impl<F: Read + Waitable> Read for Patient<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => wait(&self.0, Ready::ToRead)?,
                read => return read,
            }
        }
    }
}

impl<F: Write + Waitable> Write for Patient<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => wait(&self.0, Ready::ToWrite)?,
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Waits until a stream is ready, or has failed, which the next attempt will tell.
#[cfg(unix)]
fn wait<F: Waitable>(stream: &F, ready: Ready) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    let flags = match ready {
        Ready::ToRead => PollFlags::IN,
        Ready::ToWrite => PollFlags::OUT,
    };
    match poll(&mut [PollFd::new(stream, flags)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn wait<F: Waitable>(_stream: &F, _ready: Ready) -> io::Result<()> {
    Err(ErrorKind::WouldBlock.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::thread;
    use std::time::Duration;

    use rustix::io::ioctl_fionbio;

    use super::*;

    #[test]
    fn what_another_process_made_non_blocking_is_waited_for() {
        const ALL: usize = 1_024 * 1_024;

        let (mut reads, writes) = io::pipe().expect("there are pipes");
        for end in [reads.as_fd(), writes.as_fd()] {
            ioctl_fionbio(end, true).expect("pipes can be made non-blocking");
        }
        assert_eq!(reads.read(&mut [0]).expect_err("there is nothing to read").kind(), ErrorKind::WouldBlock);
        let writing = thread::spawn(move || Patient(writes).write_all(&vec![7; ALL]));
        // Long enough for the pipe to be full, which fails without patience.
        thread::sleep(Duration::from_millis(50));
        let mut all = Vec::new();
        Patient(reads).read_to_end(&mut all).expect("it is read to the end");
        writing.join().expect("it does not panic").expect("all is written");
        assert_eq!(all.len(), ALL);
    }
}
