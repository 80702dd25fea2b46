//! Keeping stray output off the wire.

use std::fs::File;
use std::io;

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
