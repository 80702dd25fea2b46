//! `AUTH PLAIN` and `AUTH LOGIN` (RFC 4954).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What is asked for in the middle of a login.
#[derive(Debug)]
pub(super) enum Login {
    Plain,
    User,
    Password(String),
}

/// What comes of one line of a login.
#[derive(Debug)]
pub(super) enum Progress {
    Ask(Login),
    Given(String, String),
    Malformed,
    UnknownMechanism,
}

impl Login {
    /// What the server says when it asks for this.
    pub(super) fn prompt(&self) -> String {
        match self {
            Self::Plain => "334 ".to_owned(),
            Self::User => format!("334 {}", STANDARD.encode("Username:")),
            Self::Password(_) => format!("334 {}", STANDARD.encode("Password:")),
        }
    }

    /// Reads the answer.
    pub(super) fn answer(self, line: &str) -> Progress {
        let Some(decoded) = STANDARD.decode(line.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Progress::Malformed;
        };
        match self {
            Self::Plain => match decoded.split('\0').collect::<Vec<_>>()[..] {
                [_, user, password] => Progress::Given(user.to_owned(), password.to_owned()),
                _ => Progress::Malformed,
            },
            Self::User => Progress::Ask(Self::Password(decoded)),
            Self::Password(user) => Progress::Given(user, decoded),
        }
    }
}

/// Reads what is after `AUTH`.
pub(super) fn start(arguments: &str) -> Progress {
    let (mechanism, initial) = arguments.split_once(' ').unwrap_or((arguments, ""));
    let login = match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => Login::Plain,
        "LOGIN" => Login::User,
        _ => return Progress::UnknownMechanism,
    };
    if initial.is_empty() { Progress::Ask(login) } else { login.answer(initial) }
}
