//! Copies of a store that is in use.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::thread;

use tokio::sync::oneshot;

use super::open;
use super::work::ended;
use crate::StoreError;

/// Copies the store `from` to the new file `to`, on a thread of its own: it takes as long as there is to read.
pub(super) async fn write(from: PathBuf, to: PathBuf) -> Result<(), StoreError> {
    let (answer, answered) = oneshot::channel();
    thread::Builder::new()
        .name("store-backup".to_owned())
        // Whoever no longer waits has the copy all the same.
        .spawn(move || drop(answer.send(copy(&from, &to))))
        .map_err(|error| StoreError::Unavailable(format!("no thread can be started: {error}")))?;
    answered.await.map_err(|_| ended())?
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let name = to.to_str().ok_or_else(|| StoreError::Setup(format!("{}: the name is not UTF-8", to.display())))?;
    let file = open::private(OpenOptions::new().write(true).create_new(true)).open(to).map_err(|error| open::io(to, &error))?;
    let written = fill(from, name, &file);
    if written.is_err() {
        // What there is of it is no copy; that it cannot be removed matters less than why there is none.
        let _ = fs::remove_file(to);
    }
    written
}

/// Fills the empty file of this name.
fn fill(from: &Path, name: &str, file: &File) -> Result<(), StoreError> {
    open::connect(from)?.execute("VACUUM INTO ?1", [name])?;
    let to = Path::new(name);
    file.sync_all().map_err(|error| open::io(to, &error))?;
    // The name has to last as well; only Unix lets a directory be asked.
    #[cfg(unix)]
    File::open(open::directory(to)).and_then(|directory| directory.sync_all()).map_err(|error| open::io(to, &error))?;
    Ok(())
}
