//! A configuration file: read, kept as it was, and replaced at once.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Most backups that are kept of one file.
const MOST: u32 = 1_000;

/// A configuration file as it was read.
#[derive(Debug)]
pub(super) struct ConfigFile {
    /// Where it is, behind links.
    path: PathBuf,
    /// `None` if there is no such file yet.
    text: Option<String>,
}

impl ConfigFile {
    /// Reads a file, which need not be there.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        // People keep such files elsewhere and link to them; the link stays.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::file("read", &path, &error)),
        };
        Ok(Self { path, text })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Replaces the file at once, with the mode that it had, and returns where the old one is kept.
    ///
    /// # Errors
    /// When somebody changed it meanwhile, or it cannot be written.
    pub(super) fn replace(&self, text: &str) -> Result<Option<PathBuf>, Failure> {
        if Self::read(&self.path)?.text != self.text {
            return Err(Failure::Here(format!("{} was changed meanwhile, so nothing was written; try again", self.path.display())));
        }
        let failed = |error: io::Error| Failure::file("written", &self.path, &error);
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let backup = self.text.as_ref().map(|old| self.keep(old)).transpose().map_err(failed)?;
        let mut new = temporary(folder).map_err(failed)?;
        new.write_all(text.as_bytes()).map_err(failed)?;
        if self.text.is_some() {
            let permissions = fs::metadata(&self.path).map_err(failed)?.permissions();
            new.as_file().set_permissions(permissions).map_err(failed)?;
        }
        new.as_file().sync_all().map_err(failed)?;
        new.persist(&self.path).map_err(|error| failed(error.error))?;
        Ok(backup)
    }

    /// Writes what was read beside the file, under a name that is not taken.
    fn keep(&self, old: &str) -> io::Result<PathBuf> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".bak");
        for number in 0..MOST {
            let mut numbered = name.clone();
            if number > 0 {
                numbered.push(format!(".{number}"));
            }
            let path = self.path.with_file_name(numbered);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    // What only the owner could read, nobody else shall read in the backup.
                    file.set_permissions(fs::metadata(&self.path)?.permissions())?;
                    file.write_all(old.as_bytes())?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other(format!("there are {MOST} backups already; remove some")))
    }
}

/// A file that replaces another one, as readable as any that is newly made.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.prefix(".mcp-install-").tempfile_in(folder)
}
