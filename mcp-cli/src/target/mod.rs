//! Which server is meant: a URL, a command, or the name of an entry in a configuration file.

mod config;
mod expand;
mod jsonc;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub(crate) use jsonc::without_comments;

use mcp_relay::Upstream;

use crate::failure::Failure;

/// Where names are looked up when no file is given: what projects share with those who work on them.
const PROJECT_FILE: &str = ".mcp.json";

/// A server, and how to get there.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// It listens.
    Url {
        url: String,
        /// Sent with every request; may hold tokens.
        headers: Vec<(String, String)>,
    },
    /// It is started, and spoken to over its standard streams.
    Command {
        program: OsString,
        arguments: Vec<OsString>,
        /// Added to the environment; may hold tokens.
        environment: Vec<(String, String)>,
        directory: Option<PathBuf>,
    },
}

impl std::fmt::Debug for Target {
    /// Leaves out what may hold tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url { url, .. } => f.debug_struct("Url").field("url", url).finish_non_exhaustive(),
            Self::Command { program, .. } => f.debug_struct("Command").field("program", program).finish_non_exhaustive(),
        }
    }
}

impl Target {
    /// The same for a relay.
    pub(crate) fn upstream(self) -> Upstream {
        match self {
            Self::Url { url, .. } => Upstream::Url(url),
            Self::Command { program, arguments, environment, directory } => {
                Upstream::Command { program, arguments, environment, directory }
            }
        }
    }

    /// Its URL, if it has one.
    pub(crate) fn url(&self) -> Option<&str> {
        match self {
            Self::Url { url, .. } => Some(url),
            Self::Command { .. } => None,
        }
    }

    /// The server that a command line means: the command after `--`, or else the first of the words before.
    /// Returns the words that are left, too.
    ///
    /// # Errors
    /// When nothing is named, or what is named cannot be found.
    pub(crate) fn find<'w>(words: &'w [String], command: &[OsString], config: Option<&Path>) -> Result<(Self, &'w [String]), Failure> {
        if let Some((program, arguments)) = command.split_first() {
            let target =
                Self::Command { program: program.clone(), arguments: arguments.to_vec(), environment: Vec::new(), directory: None };
            return Ok((target, words));
        }
        let Some((name, rest)) = words.split_first() else {
            return Err(Failure::usage("which server? Give its URL, its name in a configuration file, or `-- command args…` to start it"));
        };
        if name.contains("://") {
            return Ok((Self::Url { url: name.clone(), headers: Vec::new() }, rest));
        }
        let file = match config {
            Some(file) => file,
            None if Path::new(PROJECT_FILE).exists() => Path::new(PROJECT_FILE),
            None => {
                return Err(Failure::usage(format!(
                    "`{name}` is not a URL, which begins with `http://` or `https://`, and there is no {PROJECT_FILE} here to look it up in; name a file with `--config`, or start a server with `-- command args…`"
                )));
            }
        };
        Ok((config::entry(file, name, |variable| std::env::var(variable).ok())?, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_takes_precedence_and_leaves_the_words() {
        let words = ["add".to_owned(), "a=1".to_owned()];
        let (target, rest) = Target::find(&words, &["hello".into(), "x".into()], None).expect("a command");
        assert!(matches!(target, Target::Command { ref program, ref arguments, .. } if program == "hello" && arguments.len() == 1));
        assert_eq!(rest, words);
        let words = ["http://localhost:1/mcp".to_owned(), "add".to_owned()];
        let (target, rest) = Target::find(&words, &[], None).expect("a URL");
        assert_eq!(target, Target::Url { url: words[0].clone(), headers: Vec::new() });
        assert_eq!(rest, &words[1..]);
        assert_eq!(Target::find(&[], &[], None).expect_err("nothing is named").code(), 2);
    }

    #[test]
    fn secrets_do_not_show() {
        let target = Target::Url { url: "http://x/".to_owned(), headers: vec![("a".to_owned(), "s3cret".to_owned())] };
        assert!(!format!("{target:?}").contains("s3cret"));
    }
}
