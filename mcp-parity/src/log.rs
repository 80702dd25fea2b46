//! Where the server's own words go: the standard error, as the standard output belongs to the protocol.

use tracing_subscriber::filter::LevelFilter;

use crate::error::{Error, Result};

/// Prints what is logged, from `MCP_LOG` on (`off`, `error`, `warn`, `info`, `debug` or `trace`; `warn` by default),
/// unless the program has set up logging itself. Lines that a full pipe does not take are left out, so that a server goes on when nobody reads them.
///
/// # Errors
/// When `MCP_LOG` is none of these.
pub fn to_stderr() -> Result<()> {
    let level = match std::env::var("MCP_LOG") {
        Err(_) => LevelFilter::WARN,
        Ok(level) => level
            .parse()
            .map_err(|_| Error::Config(format!("MCP_LOG is `{level}`; it must be `off`, `error`, `warn`, `info`, `debug` or `trace`")))?,
    };
    // Fails where the program has a subscriber of its own, which then counts.
    let _ = tracing_subscriber::fmt().with_max_level(level).with_writer(writer).with_ansi(false).try_init();
    Ok(())
}

/// A server goes on when nobody reads what it logs.
#[cfg(feature = "stdio")]
fn writer() -> mcp_transport_stdio::StandardError {
    mcp_transport_stdio::StandardError::new()
}

#[cfg(not(feature = "stdio"))]
fn writer() -> std::io::Stderr {
    std::io::stderr()
}
