//! What a host is told of a server that does not let the bridge in: what to do about it.

use mcp_client::Error;

use crate::connect::Connect;
use crate::failure::{for_scopes, required_scopes};
use crate::target::Target;

/// What to do where the server does not let the bridge in.
pub(crate) enum Advice {
    /// Sign in to the server at this URL.
    SignIn(String),
    /// Whoever configured the bridge has said who is calling.
    Settled,
}

impl Advice {
    pub(crate) fn about(target: &Target, connect: &Connect) -> Self {
        match target {
            Target::Url { url, headers } if !connect.tells_who(headers) => Self::SignIn(url.clone()),
            _ => Self::Settled,
        }
    }

    /// What is told of an error; nothing in particular of those that are no refusal.
    pub(crate) fn on(&self, error: &Error) -> Option<String> {
        match (self, error) {
            // There is nothing to do but what the server itself says.
            (Self::Settled, Error::Refused { reason: Some(_), .. }) => None,
            (Self::SignIn(url), Error::Authorization(cause)) => {
                Some(format!("nobody is signed in: {cause}. Run `mcp login {url}`, then try again"))
            }
            (Self::SignIn(url), Error::Refused { status: 401, .. }) => Some(format!(
                "the server wants to know who is calling: sign in on the page that the bridge has opened, or run `mcp login {url}`; then try again"
            )),
            (_, Error::Refused { status: 403, challenge, .. }) => {
                let scopes = error.server_error().and_then(required_scopes).or_else(|| scope_of(challenge.as_deref()?))?;
                Some(match self {
                    Self::SignIn(url) => format!(
                        "the login lacks the scopes `{scopes}`: allow them on the page that the bridge has opened, or run `mcp login {url} {}`; \
                         then try again",
                        for_scopes(&scopes)
                    ),
                    Self::Settled => format!("the token that the bridge was given lacks the scopes `{scopes}`"),
                })
            }
            (Self::Settled, Error::Refused { status: 401, .. }) => {
                Some("the server does not take the token that the bridge was given, or wants one".to_owned())
            }
            _ => None,
        }
    }
}

/// The scopes that a challenge names (RFC 6750, section 3).
fn scope_of(challenge: &str) -> Option<String> {
    let (_, rest) = challenge.split_once("scope=\"")?;
    rest.split_once('"').map(|(scopes, _)| scopes.to_owned()).filter(|scopes| !scopes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_to_run() {
        let refused = |status, challenge: Option<&str>| Error::Refused { status, challenge: challenge.map(str::to_owned), reason: None };
        let lacks = r#"Bearer error="insufficient_scope", scope="a b""#;
        let login = Advice::SignIn("https://x/mcp".to_owned());
        for (advice, error, expected) in [
            (&login, refused(401, None), Some("or run `mcp login https://x/mcp`;")),
            (&login, refused(403, Some(lacks)), Some("lacks the scopes `a b`")),
            (&login, refused(403, Some(lacks)), Some("`mcp login https://x/mcp --scope a --scope b`")),
            (&login, refused(403, None), None),
            (&login, refused(502, None), None),
            (&login, Error::authorization("it was denied"), Some("it was denied. Run `mcp login https://x/mcp`")),
            (&Advice::Settled, refused(401, None), Some("the token that the bridge was given")),
            (&Advice::Settled, refused(403, Some(lacks)), Some("lacks the scopes `a b`")),
            (&Advice::Settled, Error::authorization("x"), None),
        ] {
            let said = advice.on(&error);
            match expected {
                Some(part) => assert!(said.as_deref().is_some_and(|said| said.contains(part)), "{said:?} {part}"),
                None => assert_eq!(said, None),
            }
        }
    }
}
