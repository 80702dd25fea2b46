//! Scripts: what is asked, in words that each server has its own values for.
//!
//! `{app}`, `{other}`, `{conf}` and `{keys}` are clients without a secret, another, one with `{secret}`, and one that signs;
//! `{back}` is where the first and the third are led back to, `{mcp}` the resource, `{issuer}` the server. `{code}`, `{access}`,
//! `{refresh}`, `{client}` and `{management}` are the newest of what was answered, and with a number, as `{code-0}`, an earlier one.
//! `{sign AUDIENCE SECONDS JTI}` is an assertion of `{keys}` that expires so many seconds from now.

use mcp_tests::authorized::{VERIFIER, challenge_of};

/// A verifier of the right form that is not the one.
pub(crate) const WRONG: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Changes of what would be asked otherwise: a name with a value replaces, `+name` adds one more, `-name` takes it away.
pub(crate) type Changes<'a> = &'a [(&'a str, &'a str)];

/// Requests that build on each other.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) steps: Vec<Step>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) what: &'static str,
    pub(crate) ask: Ask,
    /// Why the two differ, if they do.
    pub(crate) differs: Option<&'static str>,
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Ask {
    /// A client's request for authorization, which a person allows.
    Authorize(Vec<(String, String)>),
    /// A form, with id and secret in `Authorization` if they are there.
    Form { path: &'static str, fields: Vec<(String, String)>, basic: Option<(&'static str, &'static str)> },
    /// Anything else.
    Raw { method: &'static str, path: &'static str, media_type: &'static str, body: String, bearer: Option<&'static str> },
    /// So many seconds pass.
    Wait(u64),
}

impl Script {
    pub(crate) fn new(name: &'static str, steps: Vec<Step>) -> Self {
        Self { name, steps }
    }
}

impl Ask {
    /// A step in which the two agree.
    pub(crate) fn step(self, what: &'static str) -> Step {
        self.compared(what, None)
    }

    /// A step in which they do not, and why.
    pub(crate) fn differs(self, what: &'static str, why: &'static str) -> Step {
        self.compared(what, Some(why))
    }

    pub(crate) fn compared(self, what: &'static str, differs: Option<&'static str>) -> Step {
        Step { what, ask: self, differs }
    }

    /// The same with id and secret in `Authorization`.
    pub(crate) fn by(self, id: &'static str, secret: &'static str) -> Self {
        let Self::Form { path, fields, .. } = self else { panic!("it is no form") };
        Self::Form { path, fields, basic: Some((id, secret)) }
    }
}

/// A request for authorization of `{app}` to read.
pub(crate) fn authorize(changes: Changes<'_>) -> Ask {
    let usual = [
        ("response_type", "code"),
        ("client_id", "{app}"),
        ("redirect_uri", "{back}"),
        ("state", "s1"),
        ("code_challenge", &challenge_of(VERIFIER)),
        ("code_challenge_method", "S256"),
        ("scope", "mcp:read"),
        ("resource", "{mcp}"),
    ];
    Ask::Authorize(changed(&usual, changes))
}

/// The exchange of the newest code.
pub(crate) fn exchange(changes: Changes<'_>) -> Ask {
    let usual = [
        ("grant_type", "authorization_code"),
        ("client_id", "{app}"),
        ("code", "{code}"),
        ("redirect_uri", "{back}"),
        ("code_verifier", VERIFIER),
    ];
    form("/token", &usual, changes)
}

/// A refresh with the newest refresh token.
pub(crate) fn refresh(changes: Changes<'_>) -> Ask {
    form("/token", &[("grant_type", "refresh_token"), ("client_id", "{app}"), ("refresh_token", "{refresh}")], changes)
}

pub(crate) fn form(path: &'static str, usual: Changes<'_>, changes: Changes<'_>) -> Ask {
    Ask::Form { path, fields: changed(usual, changes), basic: None }
}

/// A registration, or what is done with one later.
pub(crate) fn json(method: &'static str, path: &'static str, body: &str, bearer: Option<&'static str>) -> Ask {
    Ask::Raw { method, path, media_type: "application/json", body: body.to_owned(), bearer }
}

fn changed(usual: Changes<'_>, changes: Changes<'_>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = usual.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in changes {
        let (bare, adds) = (name.trim_start_matches(['+', '-']), name.starts_with('+'));
        if !adds {
            all.retain(|(known, _)| known != bare);
        }
        if !name.starts_with('-') {
            all.push((bare.to_owned(), (*value).to_owned()));
        }
    }
    all
}
