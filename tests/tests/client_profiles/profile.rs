//! A client as data: what it says it is, what it sends, and how it shows who it is.

use mcp_core::Revision;
use serde_json::Value;

/// A client that people use.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// Its name, as pages show it.
    pub(crate) name: &'static str,
    /// Its `User-Agent`.
    pub(crate) agent: &'static str,
    /// The page that it runs in, if it runs in a browser.
    pub(crate) origin: Option<&'static str>,
    /// The revision of MCP that it speaks.
    pub(crate) revision: Revision,
    /// How it finds the authorization server.
    pub(crate) discovery: Discovery,
    /// The kind of metadata that it asks the authorization server for.
    pub(crate) metadata: &'static str,
    /// How it becomes known.
    pub(crate) identity: Identity,
    /// Where it is led back to; `{port}` is a port that was free when it started.
    pub(crate) redirect: &'static str,
    /// How it shows who it is at the token endpoint.
    pub(crate) proof: Proof,
    /// What it asks for at first.
    pub(crate) scope: Scope,
    /// Its state.
    pub(crate) state: &'static str,
    /// How often it names the resource when it asks for authorization.
    pub(crate) resources: usize,
    /// Whether it names the resource when it exchanges a code.
    pub(crate) resource_at_exchange: bool,
    /// Whether it names the resource when it refreshes.
    pub(crate) resource_at_refresh: bool,
    /// What it holds in the end.
    pub(crate) granted: &'static str,
}

/// How a client finds the authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discovery {
    /// It is refused, and reads the document that the challenge names.
    Challenge,
    /// It reads the document of the resource at the path of the endpoint before it asks for anything.
    WellKnown,
    /// It knows of no such document: the server of the endpoint is the authorization server (2025-03-26).
    SameOrigin,
    /// As before, and the metadata is not read either: the endpoints are where 2025-03-26 has them by default.
    Defaults,
}

/// How a client becomes known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Identity {
    /// By a document at its id.
    Document {
        /// The id.
        id: &'static str,
        /// The document; `None` if it is not to be had.
        document: Option<fn() -> Value>,
    },
    /// By registering with this; `{port}` in a redirect URI is another port than the one on which it listens later.
    Registration(fn() -> Value),
}

/// How a client shows who it is at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It only says who it is.
    Nothing,
    /// By its secret in `Authorization`.
    Basic,
    /// By its secret in the form.
    Post,
    /// By an assertion that it signs with RS256.
    Assertion,
}

/// What a client asks for at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// It sends no such parameter.
    Absent,
    /// These, whether there are such or not.
    Fixed(&'static str),
    /// What the challenge or the document of the resource names.
    Challenged,
    /// That, and a refresh token by name.
    ChallengedAndOffline,
    /// Everything that the authorization server lists.
    Everything,
}
