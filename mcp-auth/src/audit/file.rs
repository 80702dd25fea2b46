//! Lines in a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::chain::{MAX_LINE, unseal};
use super::{AuditSink, ChainHead};

/// Appends lines to a file and hands each to the operating system at once. It does not wait for the disk: a
/// crash of the process loses nothing, a power cut may lose the last lines.
#[derive(Debug)]
pub struct FileSink(Mutex<State>);

#[derive(Debug)]
struct State {
    file: File,
    /// Up to where the file holds whole lines.
    length: u64,
    /// Whether a part of a line stands behind that and could not be taken away.
    torn: bool,
}

impl FileSink {
    /// Opens a file, or creates one that only its owner may read (mode 0600 on Unix), and says where its chain ends.
    /// The file stays locked, as far as the system has locks, until the sink is dropped.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if another sink writes to the file, [`io::ErrorKind::InvalidData`] if its last
    /// line does not verify, and whatever opening or reading it may answer.
    pub fn open(path: impl AsRef<Path>) -> io::Result<(Self, ChainHead)> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(io::ErrorKind::WouldBlock, "another process writes to the audit file"));
            }
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        let length = metadata.len();
        let head = last_head(&mut file, length)?;
        Ok((Self(Mutex::new(State { file, length, torn: false })), head))
    }
}

impl AuditSink for FileSink {
    fn append(&self, line: &str) -> io::Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.torn {
            state.take_back()?;
            state.torn = false;
        }
        let line = format!("{line}\n");
        match state.file.write_all(line.as_bytes()).and_then(|()| state.file.flush()) {
            Ok(()) => {
                state.length += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // A full disk may have taken half of the line, and the next one must not be glued to it.
                state.torn = state.take_back().is_err();
                Err(error)
            }
        }
    }
}

impl State {
    /// Takes away what stands behind the whole lines. A file that somebody else made shorter is left alone.
    fn take_back(&self) -> io::Result<()> {
        if self.file.metadata()?.len() > self.length { self.file.set_len(self.length) } else { Ok(()) }
    }
}

/// Where the chain of a file ends, by its last line.
fn last_head(file: &mut File, length: u64) -> io::Result<ChainHead> {
    if length == 0 {
        return Ok(ChainHead::default());
    }
    file.seek(SeekFrom::Start(length.saturating_sub(MAX_LINE as u64 + 1)))?;
    let mut tail = Vec::new();
    file.take(MAX_LINE as u64 + 1).read_to_end(&mut tail)?;
    let last = tail.strip_suffix(b"\n").map(|lines| lines.rsplit(|byte| *byte == b'\n').next().unwrap_or(lines));
    last.and_then(unseal)
        .filter(|link| link.sound)
        .map(|link| link.head)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the last line of the audit file does not verify"))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use mcp_core::{Audit as _, AuditEvent, Transport, Verdict};

    use super::*;

    fn sink(file: File, length: u64, torn: bool) -> FileSink {
        FileSink(Mutex::new(State { file, length, torn }))
    }

    #[test]
    fn half_a_line_is_taken_back_before_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        for (kept, torn, expected) in [(4, true, "one\ntwo\n"), (4, false, "one\nhalftwo\n"), (99, true, "one\nhalftwo\n")] {
            std::fs::write(&path, "one\nhalf").expect("it can be written");
            let file = OpenOptions::new().read(true).append(true).open(&path).expect("it opens");
            sink(file, kept, torn).append("two").expect("it is kept");
            assert_eq!(std::fs::read_to_string(&path).expect("it can be read"), expected);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_and_no_panic() {
        let full = OpenOptions::new().append(true).open("/dev/full").expect("it opens");
        let log = crate::AuditLog::new(sink(full, 0, false));
        for _ in 0..2 {
            let nobody = crate::Principal::anonymous();
            log.record(&AuditEvent::new(UNIX_EPOCH, &nobody, Transport::Stdio, "tools/call", Verdict::Succeeded));
        }
        assert_eq!(log.head(), ChainHead::default());
    }
}
