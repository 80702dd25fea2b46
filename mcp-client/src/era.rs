//! Which era a server belongs to (2026-07-28, basic/versioning, "Backward Compatibility").

use mcp_core::{Revision, code};
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::settings::Era;
use crate::types::ServerInfo;
use crate::wire::Answer;

/// The answer to `server/discover`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Discovered {
    supported_versions: Vec<String>,
    #[serde(default)]
    pub(crate) capabilities: Value,
    #[serde(default)]
    pub(crate) instructions: Option<String>,
    #[serde(default, rename = "_meta")]
    meta: Value,
}

impl Discovered {
    /// What the server calls itself.
    pub(crate) fn info(&self) -> Option<ServerInfo> {
        ServerInfo::deserialize(self.meta.get("io.modelcontextprotocol/serverInfo")?).ok()
    }
}

/// What the answer to the first request says about the server.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It speaks the revision that was asked for. What it offers is not known if it does not say.
    Modern(Discovered),
    /// It speaks another stateless revision.
    Again(Revision),
    /// It wants `initialize`.
    Legacy,
    /// It cannot be used, for this reason.
    Unfit(Error),
}

/// Judges the answer to `server/discover` in revision `asked`.
pub(crate) fn judge(era: Era, asked: Revision, over_http: bool, answer: Result<Answer>) -> Verdict {
    let error = match answer {
        Ok(Ok(result)) => match serde_json::from_str::<Discovered>(result.get()) {
            Ok(found) if found.supported_versions.iter().any(|version| version == asked.as_str()) => return Verdict::Modern(found),
            Ok(found) => return choose(era, &found.supported_versions),
            Err(error) => Error::unreadable(&error),
        },
        Ok(Err(error)) => Error::Protocol(error),
        Err(error) => error,
    };
    if error.has_code(code::UNSUPPORTED_VERSION) {
        return choose(era, &error.server_error().map(|error| error.supported_versions()).unwrap_or_default());
    }
    if error.has_code(code::HEADER_MISMATCH) || error.has_code(code::MISSING_CLIENT_CAPABILITY) {
        return Verdict::Unfit(error);
    }
    // Over HTTP, a stateless server says so with a status and a body; `server/discover` may be all that it lacks.
    let lacks_discovery = error.has_code(code::METHOD_NOT_FOUND);
    if lacks_discovery && (era.legacy().is_none() || (over_http && matches!(error, Error::Refused { status: 404, .. }))) {
        return Verdict::Modern(Discovered::default());
    }
    let is_old = match &error {
        Error::Protocol(_) | Error::Malformed(_) => true,
        Error::Refused { status, .. } => (400..500).contains(status) && !matches!(status, 401 | 403 | 407 | 408 | 429),
        Error::Timeout(_) => !over_http,
        _ => false,
    };
    match era.legacy() {
        Some(_) if is_old => Verdict::Legacy,
        None if is_old => Verdict::Unfit(Error::Unsupported(format!("the server does not seem to speak {asked}: {error}"))),
        _ => Verdict::Unfit(error),
    }
}

/// Picks one of the versions that the server supports.
pub(crate) fn choose(era: Era, supported: &[impl AsRef<str>]) -> Verdict {
    let mut common: Vec<Revision> =
        supported.iter().filter_map(|version| Revision::parse(version.as_ref())).filter(|revision| era.permits(*revision)).collect();
    common.sort();
    match common.last() {
        Some(revision) if revision.is_modern() => Verdict::Again(*revision),
        Some(_) => Verdict::Legacy,
        None => {
            let list: Vec<&str> = supported.iter().map(AsRef::as_ref).collect();
            Verdict::Unfit(Error::Unsupported(format!("the server supports other protocol versions only: {}", list.join(", "))))
        }
    }
}

/// Whether a refused `initialize` leaves hope for HTTP+SSE (2025-11-25, basic/transports, "Backwards Compatibility").
pub(crate) fn may_speak_http_sse(error: &Error) -> bool {
    matches!(error, Error::Refused { status: 400 | 404 | 405, .. })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::*;
    use crate::error::ServerError;

    fn error(code: i64, data: Value) -> ServerError {
        ServerError { code, message: "m".to_owned(), data: Some(serde_json::from_value(data).expect("JSON")) }
    }

    fn refused(status: u16, reason: Option<ServerError>) -> Result<Answer> {
        Err(Error::Refused { status, challenge: None, reason: reason.map(Box::new) })
    }

    fn result(result: &str) -> Result<Answer> {
        Ok(Ok(RawValue::from_string(result.to_owned()).expect("valid JSON")))
    }

    fn check(era: Era, over_http: bool, answer: Result<Answer>, expected: &str) {
        let shown = format!("{era:?} {answer:?}");
        let verdict = match judge(era, Revision::LATEST, over_http, answer) {
            Verdict::Modern(_) => "modern",
            Verdict::Again(_) => "again",
            Verdict::Legacy => "legacy",
            Verdict::Unfit(_) => "unfit",
        };
        assert_eq!(verdict, expected, "{shown}, over HTTP: {over_http}");
    }

    #[test]
    fn a_stateless_server_is_known_by_its_answer_or_its_errors() {
        let both = json!({"supported": ["2026-07-28", "2025-11-25"]});
        let old = json!({"supported": ["2025-11-25"]});
        for over_http in [true, false] {
            check(Era::Auto, over_http, result(r#"{"supportedVersions":["2026-07-28"],"capabilities":{}}"#), "modern");
            check(Era::Auto, over_http, Ok(Err(error(-32022, both.clone()))), "again");
            check(Era::Auto, over_http, Ok(Err(error(-32022, old.clone()))), "legacy");
            check(Era::Modern, over_http, Ok(Err(error(-32022, old.clone()))), "unfit");
            check(Era::Auto, over_http, Ok(Err(error(-32022, json!({"supported": ["2030-01-01"]})))), "unfit");
            check(Era::Auto, over_http, Ok(Err(error(-32021, json!({})))), "unfit");
            check(Era::Modern, over_http, Ok(Err(error(-32601, json!({})))), "modern");
        }
        check(Era::Auto, true, refused(400, Some(error(-32022, both))), "again");
        check(Era::Auto, true, refused(400, Some(error(-32020, json!({})))), "unfit");
        check(Era::Auto, true, refused(404, Some(error(-32601, json!({})))), "modern");
    }

    #[test]
    fn anything_else_is_an_old_server() {
        for code in [-32601, -32602, -32600, -32000] {
            check(Era::Auto, false, Ok(Err(error(code, json!({})))), "legacy");
            check(Era::Auto, true, Ok(Err(error(code, json!({})))), "legacy");
        }
        check(Era::Auto, false, Err(Error::Timeout(Duration::ZERO)), "legacy");
        check(Era::Auto, true, Err(Error::Timeout(Duration::ZERO)), "unfit");
        for status in [400, 404, 405, 406, 415] {
            check(Era::Auto, true, refused(status, None), "legacy");
        }
        check(Era::Auto, true, refused(400, Some(error(-32000, json!({})))), "legacy");
        check(Era::Auto, true, result("{}"), "legacy");
        check(Era::Modern, true, refused(400, None), "unfit");
    }

    #[test]
    fn a_server_that_asks_who_calls_is_not_taken_for_an_old_one() {
        for status in [401, 403, 429, 500, 503] {
            check(Era::Auto, true, refused(status, None), "unfit");
        }
        check(Era::Auto, false, Err(Error::Closed("x".to_owned())), "unfit");
    }
}
