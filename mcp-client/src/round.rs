//! Results that are not final: input is required, or the call became a task
//! (2026-07-28, basic/patterns/mrtr).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::task::TaskState;

/// A request of the server inside a result.
#[derive(Debug, Deserialize)]
pub(crate) struct InputRequest {
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) params: Option<Box<RawValue>>,
}

/// What a result asks of the client.
#[derive(Debug)]
pub(crate) enum Round {
    /// Nothing: it is the result.
    Complete,
    /// To repeat the call with answers to these, and with this state as it is.
    InputRequired { requests: BTreeMap<String, InputRequest>, state: Option<Box<RawValue>> },
    /// To look for the result later.
    Task(TaskState),
}

impl Round {
    /// Reads what kind of result it is; a result that does not say is complete.
    ///
    /// # Errors
    /// When the kind is not known, or it lacks what its kind needs.
    pub(crate) fn of(result: &RawValue) -> Result<Self> {
        #[derive(Deserialize)]
        struct Kind<'a> {
            #[serde(default, borrow, rename = "resultType")]
            name: Option<std::borrow::Cow<'a, str>>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct InputRequired {
            #[serde(default)]
            input_requests: Option<BTreeMap<String, InputRequest>>,
            #[serde(default)]
            request_state: Option<Box<RawValue>>,
        }
        let kind: Kind<'_> = serde_json::from_str(result.get()).map_err(|error| Error::unreadable(&error))?;
        match kind.name.as_deref().unwrap_or("complete") {
            "complete" => Ok(Self::Complete),
            "input_required" => {
                let required: InputRequired = serde_json::from_str(result.get()).map_err(|error| Error::unreadable(&error))?;
                if required.request_state.as_ref().is_some_and(|state| !state.get().starts_with('"')) {
                    return Err(Error::Malformed("`requestState` is not a string".to_owned()));
                }
                if required.input_requests.is_none() && required.request_state.is_none() {
                    return Err(Error::Malformed("input is required, but neither `inputRequests` nor `requestState` is there".to_owned()));
                }
                Ok(Self::InputRequired { requests: required.input_requests.unwrap_or_default(), state: required.request_state })
            }
            "task" => serde_json::from_str(result.get()).map(Self::Task).map_err(|error| Error::unreadable(&error)),
            other => Err(Error::Malformed(format!("this client knows no result of type `{other}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(result: &str) -> String {
        let result = RawValue::from_string(result.to_owned()).expect("valid JSON");
        match Round::of(&result) {
            Ok(Round::Complete) => "complete".to_owned(),
            Ok(Round::InputRequired { requests, state }) => {
                format!("input {:?} {}", requests.keys().collect::<Vec<_>>(), state.map_or("-".to_owned(), |state| state.get().to_owned()))
            }
            Ok(Round::Task(state)) => format!("task {}", state.task.id),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn results_say_what_they_are() {
        for (result, expected) in [
            (r#"{"content":[]}"#, "complete"),
            (r#"{"resultType":"complete","inputRequests":null}"#, "complete"),
            (
                r#"{"resultType":"input_required","inputRequests":{"b":{"method":"roots/list"},"a":{"method":"x","params":{}}}}"#,
                r#"input ["a", "b"] -"#,
            ),
            (r#"{"resultType":"input_required","requestState":"\u0041"}"#, r#"input [] "\u0041""#),
            (r#"{"resultType":"task","taskId":"t","status":"working"}"#, "task t"),
            (
                r#"{"resultType":"input_required"}"#,
                "the server's answer cannot be read: input is required, but neither `inputRequests` nor `requestState` is there",
            ),
            (r#"{"resultType":"input_required","requestState":7}"#, "the server's answer cannot be read: `requestState` is not a string"),
            (r#"{"resultType":"odd"}"#, "the server's answer cannot be read: this client knows no result of type `odd`"),
        ] {
            assert_eq!(read(result), expected, "{result}");
        }
    }
}
