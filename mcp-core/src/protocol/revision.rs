//! The protocol revisions served, and everything that differs between them.

use std::fmt;

/// A revision of the MCP specification.
///
/// Each difference between revisions is one method here, so that no other place
/// compares revisions. Ordered from oldest to newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// 2024-11-05, the first: HTTP+SSE.
    V2024_11_05,
    /// 2025-03-26: Streamable HTTP, batches, tool annotations, audio.
    V2025_03_26,
    /// 2025-06-18: structured content, elicitation, resource links.
    V2025_06_18,
    /// 2025-11-25: icons, URL elicitation, resumable polling.
    V2025_11_25,
    /// 2026-07-28: stateless; every request carries its own metadata.
    V2026_07_28,
}

impl Revision {
    /// Every revision served, oldest first.
    pub const ALL: [Self; 5] = [Self::V2024_11_05, Self::V2025_03_26, Self::V2025_06_18, Self::V2025_11_25, Self::V2026_07_28];
    /// The newest revision served.
    pub const LATEST: Self = Self::V2026_07_28;
    /// The newest revision that opens with `initialize`.
    pub const LATEST_LEGACY: Self = Self::V2025_11_25;
    /// What a request over HTTP without a version header is taken for
    /// (2025-06-18, basic/transports, "Protocol Version Header").
    pub const ASSUMED_OVER_HTTP: Self = Self::V2025_03_26;

    /// The revision with this date.
    pub fn parse(date: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.as_str() == date)
    }

    /// The date that names the revision on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Its place in [`Revision::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether requests stand alone and carry `_meta` (2026-07-28, basic/versioning).
    pub fn is_modern(self) -> bool {
        self >= Self::V2026_07_28
    }

    /// The revision to answer an `initialize` with that asked for `wanted`
    /// (2025-11-25, basic/lifecycle, "Version Negotiation").
    pub fn negotiate(wanted: &str) -> Self {
        match Self::parse(wanted) {
            Some(revision) if !revision.is_modern() => revision,
            _ => Self::LATEST_LEGACY,
        }
    }

    /// Whether an array of messages is a message (2025-03-26, basic, "Batching").
    pub fn has_batches(self) -> bool {
        self == Self::V2025_03_26
    }

    /// Whether parts of the body are repeated in headers over HTTP.
    pub fn mirrors_parameters(self) -> bool {
        self.is_modern()
    }

    /// Whether results say what kind they are in `resultType`.
    pub fn has_result_type(self) -> bool {
        self.is_modern()
    }

    /// Whether lists and resources carry `ttlMs` and `cacheScope`.
    pub fn has_caching_hints(self) -> bool {
        self.is_modern()
    }

    /// Whether every result names the server in `_meta`.
    pub fn names_server_in_results(self) -> bool {
        self.is_modern()
    }

    /// Whether tools have annotations.
    pub fn has_tool_annotations(self) -> bool {
        self >= Self::V2025_03_26
    }

    /// Whether audio content exists.
    pub fn has_audio(self) -> bool {
        self >= Self::V2025_03_26
    }

    /// Whether progress notifications may carry a message.
    pub fn has_progress_message(self) -> bool {
        self >= Self::V2025_03_26
    }

    /// Whether `completions` is announced among the capabilities.
    pub fn announces_completions(self) -> bool {
        self >= Self::V2025_03_26
    }

    /// Whether tools have output schemas and results structured content.
    pub fn has_structured_content(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether structured content may be any JSON value, not only an object.
    pub fn structures_any_value(self) -> bool {
        self.is_modern()
    }

    /// Whether content may link to a resource.
    pub fn has_resource_links(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether items carry a `title` and `_meta`.
    pub fn has_titles(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether items carry `icons`, and the server a description and web site.
    pub fn has_icons(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// Whether a user can be asked for input with a form.
    pub fn has_elicitation(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether a user can be sent to a URL for input.
    pub fn has_url_elicitation(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// Whether the choices of a form have titles of their own (client/elicitation, "Requested Schema").
    pub fn has_titled_choices(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// Whether a URL elicitation carries an `elicitationId`.
    pub fn has_elicitation_id(self) -> bool {
        self.has_url_elicitation() && !self.is_modern()
    }

    /// Whether arguments that break the input schema are reported to the model
    /// as a tool result instead of to the program as a protocol error
    /// (2025-11-25, server/tools, "Error Handling").
    pub fn reports_bad_arguments_to_the_model(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// The error code for a resource that does not exist.
    pub fn resource_not_found_code(self) -> i32 {
        if self.is_modern() { -32602 } else { -32002 }
    }

    /// Whether a request may say that a task is to be made of it (2025-11-25, basic/utilities/tasks). Later tasks are an extension.
    pub fn has_session_tasks(self) -> bool {
        self == Self::V2025_11_25
    }

    /// Whether an SSE stream opens with an event that only carries an id
    /// (2025-11-25, basic/transports, "Sending Messages to the Server").
    pub fn primes_streams(self) -> bool {
        self == Self::V2025_11_25
    }

    /// Whether an SSE stream can be resumed with `Last-Event-ID`.
    pub fn resumes_streams(self) -> bool {
        self >= Self::V2025_03_26 && !self.is_modern()
    }

    /// Whether a client that leaves has thereby cancelled its request.
    pub fn disconnect_cancels(self) -> bool {
        self.is_modern() || self == Self::V2024_11_05
    }

    /// Whether a JSON-RPC error of a known kind has an HTTP status of its own
    /// (2026-07-28, basic/transports/streamable-http).
    pub fn maps_errors_to_statuses(self) -> bool {
        self.is_modern()
    }

    /// Whether JSON Schema dialect and `$schema` may appear in tool schemas.
    pub fn allows_schema_dialect(self) -> bool {
        self >= Self::V2025_11_25
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_revision_is_found_by_its_date() {
        for revision in Revision::ALL {
            assert_eq!(Revision::parse(revision.as_str()), Some(revision));
            assert_eq!(Revision::ALL[revision.index()], revision);
        }
        assert_eq!(Revision::parse("2025-06-19"), None);
    }

    #[test]
    fn initialize_never_negotiates_a_stateless_revision() {
        for (wanted, granted) in [
            ("2024-11-05", Revision::V2024_11_05),
            ("2025-11-25", Revision::V2025_11_25),
            ("2026-07-28", Revision::V2025_11_25),
            ("1999-01-01", Revision::V2025_11_25),
        ] {
            assert_eq!(Revision::negotiate(wanted), granted, "{wanted}");
        }
    }
}
