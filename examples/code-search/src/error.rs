//! What can go wrong, said so that a model knows what to try next.

use std::io;

use rustix::io::Errno;

use crate::quoted::Quoted;

/// Why a question about the source tree has no answer.
///
/// The message is for whoever asked and names only paths they sent. The
/// operating system's own words stay in the source, for the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The path the tree should be opened at is missing or is not a directory.
    #[error("{path} is not a directory; name the source tree to serve in CODE_SEARCH_ROOT")]
    NoRoot {
        /// The path as the operator gave it.
        path: Quoted,
        /// What the operating system said, if it refused.
        source: Option<io::Error>,
    },

    /// The path, or a link it goes through, ends up outside the root.
    #[error("{0} leaves the source tree; paths are relative to its root")]
    Outside(Quoted),

    /// The path is not written the way paths in the tree are.
    #[error("{path} {problem}")]
    Malformed {
        /// The path as it was sent.
        path: Quoted,
        /// What is wrong with it and how to write it instead.
        problem: &'static str,
    },

    /// The path leads to a database.
    #[error("{0} is a database; only source files can be read")]
    Database(Quoted),

    /// The path leads into git's own data.
    #[error("{0} is part of `.git`, which is not served; read the files of the tree instead")]
    GitInternals(Quoted),

    /// Nothing is at the path.
    #[error("{0} does not exist; list the directory to see what is there")]
    NotFound(Quoted),

    /// The path treats a file as a directory.
    #[error("{0} goes through a file as if it were a directory; list the tree to find the path")]
    ThroughFile(Quoted),

    /// The path follows symbolic links in a circle.
    #[error("{0} is a symbolic link that leads nowhere; use another path")]
    LinkLoop(Quoted),

    /// A file was asked for and a directory is there.
    #[error("{0} is a directory; list it, or give the path of a file in it")]
    IsDirectory(Quoted),

    /// A directory was asked for and a file is there.
    #[error("{0} is not a directory; give the path of a directory, or read it as a file")]
    NotDirectory(Quoted),

    /// The path names a pipe, a socket or a device.
    #[error("{0} is a pipe, socket or device; only regular files can be read")]
    NotRegular(Quoted),

    /// The directory is left out of listings by git's ignore rules.
    #[error("{0} is ignored by git and is not listed; files in it can be read by exact path")]
    Ignored(Quoted),

    /// The operating system would not let the file be read.
    #[error("{path} could not be read; try another file")]
    Unreadable {
        /// The path as it was sent.
        path: Quoted,
        /// What the operating system said.
        source: io::Error,
    },

    /// The file is not text.
    #[error("{0} is a binary file; only text can be shown by line")]
    Binary(Quoted),

    /// The file is larger than this way of reading it allows.
    #[error("{path} has {bytes} bytes, over the limit of {limit}; {instead}")]
    TooLarge {
        /// The path as it was sent.
        path: Quoted,
        /// How large the file is.
        bytes: u64,
        /// How large it might have been.
        limit: u64,
        /// What to do instead.
        instead: &'static str,
    },

    /// Reading was to start after the last line.
    #[error("{path} has {total_lines} lines; start at line {total_lines} or before")]
    PastEnd {
        /// The path as it was sent.
        path: Quoted,
        /// How many lines the file has; at least one.
        total_lines: u64,
    },

    /// The regular expression does not compile.
    #[error("the pattern {pattern} is not a valid regular expression: {reason}")]
    BadPattern {
        /// The pattern as it was sent.
        pattern: Quoted,
        /// What the parser said, on one line.
        reason: String,
    },

    /// The glob does not compile.
    #[error("the glob {glob} is not valid: {reason}; globs look like `*.rs` or `src/**/*.md`")]
    BadGlob {
        /// The glob as it was sent.
        glob: Quoted,
        /// What the parser said, on one line.
        reason: String,
    },

    /// More entries match than are worth holding in memory.
    #[error("over {limit} entries match; narrow it with a glob or a directory")]
    TooMany {
        /// How many entries there might have been.
        limit: usize,
    },

    /// The caller asked for the work to stop.
    #[error("stopped before it was finished; ask again for an answer")]
    Stopped,

    /// There is no check to run.
    #[error("no check command is set; the operator names one when starting the server")]
    NoCheck,

    /// The check command could not be run at all.
    #[error("the check command {program} could not be run; the operator has to correct it")]
    CheckFailed {
        /// The first word of the command.
        program: Quoted,
        /// What the operating system said.
        source: io::Error,
    },
}

impl TreeError {
    /// Says what the operating system's refusal means for the path that was sent.
    pub(crate) fn from_io(path: &str, source: io::Error) -> Self {
        let path = Quoted::new(path);
        match Errno::from_io_error(&source) {
            Some(Errno::NOENT) => Self::NotFound(path),
            Some(Errno::NOTDIR) => Self::ThroughFile(path),
            Some(Errno::LOOP) => Self::LinkLoop(path),
            Some(Errno::ISDIR) => Self::IsDirectory(path),
            _ => Self::Unreadable { path, source },
        }
    }
}
