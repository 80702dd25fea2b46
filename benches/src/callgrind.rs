//! Instructions, counted by callgrind: what other load on the machine does not change. Only user space, not the kernel.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::{Doing, Error, Result};

/// Whether valgrind is installed.
#[must_use]
pub fn is_there() -> bool {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    valgrind.is_ok_and(|status| status.success())
}

/// The instructions that callgrind counted and wrote to `out`.
///
/// # Errors
/// [`Error::Framing`] if it wrote none.
pub fn totals(out: &Path) -> Result<u64> {
    let text = fs::read_to_string(out).doing(format!("reading {}", out.display()))?;
    let totals = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    totals.ok_or_else(|| Error::Framing(format!("{} has no totals", out.display())))
}
