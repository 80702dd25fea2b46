//! How commands end: what is said, and the exit code.

use std::error::Error as _;
use std::io::{self, Write as _};

use mcp_client::oauth::OAuthError;
use mcp_client::{Error, ServerError};
use mcp_core::code;

use crate::terminal::plain;

/// The part of `--help` that lists the exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
    0  done
    1  differences or faults were found, or a file or stream of this machine failed
    2  the command line or a configuration file is wrong
    3  the server cannot be reached, or the connection broke or fell silent
    4  the server wants to know who is calling (401)
    5  the caller may not do this (403, insufficient_scope)
    6  the server has no tool, resource or prompt of this name
    7  the tool reports a failure
    8  the server answered with an error, or not as the protocol demands
  130  cancelled";

/// `ResourceNotFound` in the revisions with sessions (2025-11-25, server/resources, "Error Handling").
const RESOURCE_NOT_FOUND: i64 = -32002;

/// Why a command did not do what was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What was asked for makes no sense, or a file that says how to do it is wrong.
    #[error("{0}")]
    Usage(String),
    /// There is no such tool, resource or prompt.
    #[error("{0}")]
    Unknown(String),
    /// What should be alike is not. Where has been shown.
    #[error("{0}")]
    Differs(String),
    /// The tool reports a failure. What it says has been shown.
    #[error("the tool reports a failure")]
    ToolFailed,
    /// So many checks of a server failed. What they found has been shown.
    #[error("{}", unhealthy(*.0))]
    Unhealthy(usize),
    /// Somebody pressed Ctrl-C or ended the process.
    #[error("cancelled")]
    Cancelled,
    /// The server, or the way to it.
    #[error("{0}")]
    Client(#[from] Error),
    /// The server, which does not let the caller in or do this.
    #[error("{error}")]
    Refused {
        /// Its URL.
        server: String,
        /// What it said.
        error: Error,
    },
    /// A server of this process could not start or serve.
    #[error(transparent)]
    Server(#[from] mcp_parity::Error),
    /// Something of this machine.
    #[error("{0}")]
    Here(String),
    /// A stream of this process.
    #[error("an input or output of this program failed: {0}")]
    Stream(#[from] io::Error),
}

impl Failure {
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::Usage(what.into())
    }

    /// A file of this machine could not be read or written.
    pub(crate) fn file(verb: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::Here(format!("{} cannot be {verb}: {error}", path.display()))
    }

    /// The exit code, as in [`HELP`].
    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Differs(_) | Self::Unhealthy(_) | Self::Here(_) | Self::Stream(_) => 1,
            Self::Server(mcp_parity::Error::Config(_) | mcp_parity::Error::Unidentified { .. }) => 2,
            Self::Server(_) => 1,
            Self::Usage(_) => 2,
            Self::Unknown(_) => 6,
            Self::ToolFailed => 7,
            Self::Cancelled => 130,
            Self::Client(error) | Self::Refused { error, .. } => code_of(error),
        }
    }

    /// The same, and at which server it was if that refused something: whoever is told to sign in has to know where.
    pub(crate) fn at(self, server: Option<&str>) -> Self {
        match (self, server) {
            (Self::Client(error), Some(server)) if matches!(code_of(&error), 4 | 5) => Self::Refused { server: server.to_owned(), error },
            (other, _) => other,
        }
    }

    /// What to do about it, if that is known.
    fn advice(&self) -> Option<String> {
        match self {
            Self::Refused { server, error } => match code_of(error) {
                4 => to_get_in(server, error),
                _ => {
                    let scopes = required_scopes(error.server_error()?)?;
                    if names_no_place(error) {
                        return Some(format!("a token or key with the scopes `{scopes}` is needed"));
                    }
                    Some(format!("a token with the scopes `{scopes}` is needed, as `mcp login {server} {}` gets", for_scopes(&scopes)))
                }
            },
            Self::Server(mcp_parity::Error::Unidentified { .. }) => Some(
                "say in `mcp.toml`, here or where `--settings` says, who could, as by an issuer in `[[auth.jwt]]`; or try it on this machine \
                 only, where everybody is you, with `mcp gateway --dev`"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// How to get into a server that wants to know who is calling.
fn to_get_in(server: &str, error: &Error) -> Option<String> {
    const TOKEN: &str = "pass a token or key with `--bearer-env NAME`, where NAME is an environment variable that holds it";
    match error {
        Error::Authorization(cause) => match cause.downcast_ref() {
            Some(OAuthError::NoClient { .. }) => {
                Some(format!("if you have a client there, say which: `mcp login {server} --client-id ID`"))
            }
            _ => None,
        },
        _ if names_no_place(error) => Some(format!("it names no place to sign in; {TOKEN}")),
        _ => Some(format!("run `mcp login {server}` to sign in, or {TOKEN}")),
    }
}

/// Whether the challenge of a server leads to no place where one could sign in, for it names no metadata (RFC 9728, section 5.1).
fn names_no_place(error: &Error) -> bool {
    matches!(error, Error::Refused { challenge: Some(challenge), .. } if !challenge.contains("resource_metadata="))
}

fn code_of(error: &Error) -> i32 {
    match error {
        Error::Authorization(cause) if matches!(cause.downcast_ref(), Some(OAuthError::Store { .. })) => return 1,
        Error::Refused { status: 401, .. } | Error::Authorization(_) => return 4,
        Error::Refused { status: 403, .. } => return 5,
        Error::Transport { .. } | Error::Closed(_) | Error::Timeout(_) | Error::SessionLost => return 3,
        Error::Arguments(_) | Error::TooLarge { .. } | Error::Configuration(_) => return 2,
        Error::Cancelled => return 130,
        _ => {}
    }
    match (error.server_error(), error) {
        (Some(server), _) if server.code == i64::from(code::UNAUTHENTICATED) => 4,
        (Some(server), _) if server.code == i64::from(code::FORBIDDEN) || required_scopes(server).is_some() => 5,
        (Some(server), _) if server.code == RESOURCE_NOT_FOUND => 6,
        // What speaks no MCP at all is no server of ours to talk to.
        (None, Error::Refused { .. }) => 3,
        _ => 8,
    }
}

fn unhealthy(count: usize) -> String {
    match count {
        1 => "1 thing that clients need is not right".to_owned(),
        count => format!("{count} things that clients need are not right"),
    }
}

/// The scopes that the server says are missing.
pub(crate) fn required_scopes(error: &ServerError) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Missing {
        required_scopes: Vec<String>,
    }
    let missing: Missing = error.data.as_ref()?.parse().ok()?;
    Some(missing.required_scopes.join(" ")).filter(|list| !list.is_empty())
}

/// The options by which `mcp login` asks for scopes.
pub(crate) fn for_scopes(scopes: &str) -> String {
    scopes.split_whitespace().map(|scope| format!("--scope {scope}")).collect::<Vec<_>>().join(" ")
}

/// Says on the standard error how a command ended, and returns its exit code.
pub(crate) fn report(done: Result<(), Failure>) -> i32 {
    let Err(failure) = done else { return 0 };
    // Whoever reads the output has seen enough of it.
    if matches!(&failure, Failure::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe) {
        return 0;
    }
    let mut text = format!("mcp: {}", plain(&failure.to_string()));
    if let Failure::Client(error) | Failure::Refused { error, .. } = &failure {
        let mut cause = error.source();
        while let Some(because) = cause {
            let said = plain(&because.to_string());
            // Some errors say what they come from themselves.
            if !text.ends_with(&*said) {
                text.push_str(&format!(": {said}"));
            }
            cause = because.source();
        }
        if let Error::Refused { challenge: Some(challenge), .. } = error {
            text.push_str(&format!("\n     it asks for: {}", plain(challenge)));
        }
    }
    if let Some(advice) = failure.advice() {
        text.push_str(&format!("\n     {}", plain(&advice)));
    }
    // There is nobody to tell that the standard error is closed.
    let _ = writeln!(io::stderr(), "{text}");
    failure.code()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn server(code: i32, data: &serde_json::Value) -> ServerError {
        serde_json::from_value(json!({"code": code, "message": "no", "data": data})).expect("a valid error")
    }

    #[test]
    fn every_way_to_fail_has_its_code() {
        let refused = |status, reason: Option<ServerError>| Error::Refused { status, challenge: None, reason: reason.map(Box::new) };
        for (error, expected) in [
            (Error::Closed("x".to_owned()), 3),
            (Error::Timeout(std::time::Duration::ZERO), 3),
            (refused(502, None), 3),
            (refused(401, None), 4),
            (refused(403, None), 5),
            (refused(400, Some(server(-32600, &json!(null)))), 8),
            (Error::Protocol(server(code::UNAUTHENTICATED, &json!(null))), 4),
            (Error::Protocol(server(code::FORBIDDEN, &json!(null))), 5),
            (Error::Protocol(server(-32000, &json!({"required_scopes": ["a"]}))), 5),
            (Error::Protocol(server(-32002, &json!(null))), 6),
            (Error::Protocol(server(-32602, &json!(null))), 8),
            (Error::Malformed("x".to_owned()), 8),
            (Error::Configuration("x".to_owned()), 2),
            (Error::authorization(OAuthError::Store { what: "x".to_owned(), cause: io::ErrorKind::NotFound.into() }), 1),
            (Error::authorization("x"), 4),
            (Error::Cancelled, 130),
        ] {
            assert_eq!(code_of(&error), expected, "{error:?}");
        }
    }

    #[test]
    fn whoever_is_not_let_in_is_told_what_to_do_at_this_server() {
        let refused = |status, challenge: Option<&str>, reason: Option<ServerError>| Error::Refused {
            status,
            challenge: challenge.map(str::to_owned),
            reason: reason.map(Box::new),
        };
        let lacks = server(-32003, &json!({"required_scopes": ["a", "b"]}));
        let no_client = OAuthError::NoClient { issuer: "https://i".to_owned(), why: "it takes none".to_owned() };
        for (error, expected) in [
            (refused(401, Some("Bearer resource_metadata=\"https://x\""), None), Some("run `mcp login https://x/mcp` to sign in")),
            (refused(401, None, None), Some("run `mcp login https://x/mcp` to sign in")),
            (refused(401, Some("Bearer"), None), Some("pass a token or key with `--bearer-env NAME`")),
            (
                refused(403, None, Some(lacks)),
                Some("a token with the scopes `a b` is needed, as `mcp login https://x/mcp --scope a --scope b`"),
            ),
            (Error::authorization(no_client), Some("`mcp login https://x/mcp --client-id ID`")),
            (refused(403, None, None), None),
            (refused(502, None, None), None),
        ] {
            let advice = Failure::from(error).at(Some("https://x/mcp")).advice();
            match expected {
                Some(start) => assert!(advice.as_deref().is_some_and(|advice| advice.contains(start)), "{advice:?}"),
                None => assert_eq!(advice, None),
            }
        }
    }
}
