//! Keeping stray output off the wire.

use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::fd::AsFd;

#[cfg(unix)]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
#[cfg(unix)]
use rustix::fs::FileType;

use crate::patient::Patient;

/// Takes the standard output for the protocol and points file descriptor 1 at the standard error.
///
/// After this a `println!` in a tool, or a library that writes to descriptor 1, ends up in the
/// log instead of between two messages. Call it once, before anything is printed.
///
/// # Errors
/// When the descriptors cannot be duplicated.
#[cfg(unix)]
pub fn claim_stdout() -> io::Result<File> {
    let wire = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    Ok(File::from(wire))
}

/// Takes the standard output for the protocol.
///
/// # Errors
/// Never on this platform, where stray output cannot be redirected.
#[cfg(not(unix))]
pub fn claim_stdout() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

/// How many bytes a pipe or a socket takes without making its writer wait, as far as that is known; none where it is neither.
#[cfg(unix)]
pub(crate) fn room(Patient(wire): &Patient<File>) -> usize {
    /// What a pipe takes whole or not at all, in bytes.
    const PIECE: usize = if cfg!(target_os = "linux") { 4_096 } else { 512 };
    if has_room(wire) { PIECE } else { 0 }
}

#[cfg(unix)]
fn has_room(stream: impl AsFd) -> bool {
    let mut waited_for = [PollFd::new(&stream, PollFlags::OUT)];
    let polled = poll(&mut waited_for, Some(&Timespec::default()));
    polled == Ok(1) && waited_for[0].revents() == PollFlags::OUT
}

/// Whether something is a pipe or a socket that takes nothing now.
#[cfg(unix)]
pub(crate) fn is_kept_waiting(stream: impl AsFd) -> bool {
    is_pipe(&stream) && !has_room(&stream)
}

/// Whether something is ready for its writer only if it has room: terminals and files are ready for writers whom they keep waiting all the same.
#[cfg(unix)]
fn is_pipe(stream: impl AsFd) -> bool {
    let kind = rustix::fs::fstat(stream).map(|known| FileType::from_raw_mode(known.st_mode));
    matches!(kind, Ok(FileType::Fifo | FileType::Socket))
}

/// How to tell how many bytes the wire takes without making its writer wait.
#[cfg(unix)]
pub(crate) fn room_of(wire: &File) -> fn(&Patient<File>) -> usize {
    if is_pipe(wire) { room } else { no_room }
}

/// How to tell how many bytes the wire takes without making its writer wait: not on this platform.
#[cfg(not(unix))]
pub(crate) fn room_of(_wire: &io::Stdout) -> fn(&Patient<io::Stdout>) -> usize {
    no_room
}

/// Of a writer of which nothing is known.
pub(crate) fn no_room<W>(_writer: &W) -> usize {
    0
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn only_a_pipe_that_is_full_keeps_its_writer_waiting() {
        let (mut reads, mut writes) = io::pipe().expect("there are pipes");
        assert!(!is_kept_waiting(&writes));
        rustix::io::ioctl_fionbio(&writes, true).expect("pipes can be made non-blocking");
        while writes.write(&[7; 4_096]).is_ok() {}
        assert!(is_kept_waiting(&writes));
        reads.read_exact(&mut [0; 8_192]).expect("it was written");
        assert!(!is_kept_waiting(&writes));
        assert!(!is_kept_waiting(tempfile()), "files are never full in this way");
    }

    fn tempfile() -> File {
        let path = std::env::temp_dir().join(format!("mcp-stdout-{}", std::process::id()));
        let file = File::create(&path).expect("the folder for such files can be written");
        std::fs::remove_file(&path).expect("it is ours");
        file
    }
}
