//! Reaching files and directories so that a path cannot be swapped for another
//! in between.
//!
//! Every directory on the way is opened from the one before, refusing links, so
//! a directory that is replaced by a link at the wrong moment is an error and not
//! a way out of the root.

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::OwnedFd,
    path::Path,
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, open, openat, statat},
    io::Errno,
};

use crate::{error::TreeError, path::RelativePath, quoted::Quoted};

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// `NONBLOCK`, because a file may have become a pipe since it was looked at, and
/// opening a pipe waits for its other end.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// How large a file may be, and what to do when it is larger.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) bytes: u64,
    pub(crate) instead: &'static str,
}

/// Something in a directory.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) is_dir: bool,
}

/// Reads the whole of a regular file, unless it is over the limit.
///
/// # Errors
/// Whatever is there instead of a regular file, or the operating system's refusal.
pub(crate) fn load(root: &Path, path: &RelativePath, limit: Limit, contents: &mut Vec<u8>) -> Result<(), TreeError> {
    contents.clear();
    let fail = |error: io::Error| TreeError::from_io(path.as_str(), error);
    let too_large = |bytes| TreeError::TooLarge { path: Quoted::new(path.as_str()), bytes, limit: limit.bytes, instead: limit.instead };
    let file = open_regular(root, path)?;
    let size = file.metadata().map_err(fail)?.len();
    if size > limit.bytes {
        return Err(too_large(size));
    }
    // The file may have grown since its size was read.
    let read = file.take(limit.bytes + 1).read_to_end(contents).map_err(fail)? as u64;
    if read > limit.bytes { Err(too_large(read)) } else { Ok(()) }
}

/// The files and directories in a directory, in no order.
///
/// Links, devices and names that are not UTF-8 are left out.
///
/// # Errors
/// The operating system's refusal.
pub(crate) fn entries(root: &Path, path: &RelativePath) -> io::Result<Vec<Listed>> {
    let directory = open_directory(root, path.components())?;
    let mut listed = Vec::new();
    for entry in Dir::read_from(&directory)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        let kind = match entry.file_type() {
            FileType::Unknown => stat(&directory, name).map_or(FileType::Unknown, |stat| kind(&stat)),
            known => known,
        };
        let is_dir = kind == FileType::Directory;
        if (is_dir || kind == FileType::RegularFile) && !matches!(name, "." | "..") {
            listed.push(Listed { name: name.to_owned(), is_dir });
        }
    }
    Ok(listed)
}

/// The size of what is at a path.
pub(crate) fn size(root: &Path, path: &RelativePath) -> io::Result<u64> {
    let (directory, name) = open_parent(root, path)?;
    Ok(u64::try_from(stat(&directory, name)?.st_size).unwrap_or_default())
}

fn open_regular(root: &Path, path: &RelativePath) -> Result<File, TreeError> {
    let fail = |error| TreeError::from_io(path.as_str(), error);
    let (directory, name) = open_parent(root, path).map_err(fail)?;
    // Looked at before it is opened, because merely opening some devices acts on them.
    match stat(&directory, name).map(|stat| kind(&stat)).map_err(fail)? {
        FileType::RegularFile => {}
        FileType::Directory => return Err(fail(Errno::ISDIR.into())),
        FileType::Symlink => return Err(fail(Errno::LOOP.into())),
        _ => return Err(TreeError::NotRegular(Quoted::new(path.as_str()))),
    }
    let file = openat(&directory, name, FILE, Mode::empty()).map_err(|errno| fail(errno.into()))?;
    let file = File::from(file);
    if file.metadata().map_err(fail)?.is_file() { Ok(file) } else { Err(TreeError::NotRegular(Quoted::new(path.as_str()))) }
}

/// The directory something is in, and its name there; the root is in none.
fn open_parent<'a>(root: &Path, path: &'a RelativePath) -> io::Result<(OwnedFd, &'a str)> {
    let components: Vec<&str> = path.components().collect();
    let (name, parents) = components.split_last().ok_or(Errno::ISDIR)?;
    Ok((open_directory(root, parents.iter().copied())?, name))
}

fn open_directory<'a>(root: &Path, components: impl Iterator<Item = &'a str>) -> io::Result<OwnedFd> {
    let mut directory = open(root, DIRECTORY, Mode::empty())?;
    for component in components {
        directory = openat(&directory, component, DIRECTORY, Mode::empty())?;
    }
    Ok(directory)
}

fn stat(directory: &OwnedFd, name: &str) -> io::Result<Stat> {
    Ok(statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?)
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}
