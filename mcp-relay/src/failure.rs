//! Why a call could not be forwarded, as its caller is told.

use mcp_client::{Error, ServerError};
use mcp_core::{Answer, Context, RpcError, ToolError, code};

use crate::reach::Gone;
use crate::relay::Credentials;
use crate::request::Kind;

/// Why a call could not be forwarded.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The upstream did not come back in time.
    Gone(Gone),
    /// Too many callers have connections of their own.
    Full,
    /// This caller has as many as one may have.
    Share(usize),
    /// The upstream's error, or the way to it.
    Client(Error),
    /// The caller could not be asked.
    Caller(RpcError),
    /// The caller did not want to answer.
    Refused(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        Self::Caller(error)
    }
}

impl Failure {
    /// What the caller is told of an error for which there is advice: the upstream's details for programs, and for people what to do.
    pub(crate) fn advised(&self, advise: impl FnOnce(&Error) -> Option<String>) -> Option<Answer> {
        let Self::Client(error) = self else { return None };
        let advice = advise(error)?;
        tracing::warn!(%error, "the upstream server does not let this server in");
        let number = if matches!(error, Error::Refused { status: 403, .. }) { code::FORBIDDEN } else { code::UNAUTHENTICATED };
        let refusal = RpcError::new(number, advice);
        let data = error.server_error().and_then(|error| error.data.as_ref());
        Some(Answer::protocol_error(match data {
            Some(data) => refusal.with_data(data),
            None => refusal,
        }))
    }

    /// What the caller is told. Refusals of the upstream are about the caller where it is let in with that one's own `credentials`.
    pub(crate) fn answer(self, cx: &Context, kind: &Kind, credentials: Credentials) -> Answer {
        let internal = |message: String| Answer::protocol_error(RpcError::new(code::INTERNAL_ERROR, message));
        match self {
            Self::Gone(Gone { why, advice }) => {
                tracing::warn!(%why, "a call was given up because the upstream server is gone");
                internal(
                    advice.map_or_else(|| "the upstream server cannot be reached; try again later".to_owned(), |advice| advice.to_string()),
                )
            }
            Self::Full => Answer::protocol_error(RpcError::new(code::BUSY, "too many callers use the upstream server; try again shortly")),
            Self::Share(most) => Answer::protocol_error(RpcError::new(
                code::BUSY,
                format!("a caller has at most {most} calls under way that need a connection of their own; end one, or try again shortly"),
            )),
            Self::Caller(error) => Answer::protocol_error(error),
            Self::Refused(why) => Answer::error(ToolError::new(why)),
            Self::Client(Error::Protocol(error)) => passed_on(&error, cx, kind),
            Self::Client(Error::Refused { reason: Some(error), .. }) if credentials == Credentials::OfCaller => passed_on(&error, cx, kind),
            Self::Client(Error::Refused { status, .. }) if !matches!(status, 401 | 403 | 407) => {
                tracing::warn!(status, "the upstream server refuses a call");
                internal(format!("the upstream server refused the call with HTTP status {status}"))
            }
            Self::Client(Error::Refused { status, .. }) => {
                tracing::warn!(status, "the upstream server does not let this server in");
                internal(format!("the upstream server does not let this server in (HTTP status {status})"))
            }
            Self::Client(Error::TooLarge { limit, .. }) => {
                let message = format!("with what is added for the upstream server, the message is larger than {limit} bytes");
                Answer::protocol_error(RpcError::new(code::TOO_LARGE, message))
            }
            Self::Client(error) if error.is_disconnection() => {
                tracing::warn!(%error, "the connection to the upstream server broke");
                internal("the connection to the upstream server broke during the call; whether it was done is not known".to_owned())
            }
            Self::Client(error) => {
                tracing::warn!(%error, "a call could not be forwarded");
                internal(format!("the upstream server did not answer as it should: {error}"))
            }
        }
    }
}

/// The details of an error about a resource.
#[derive(serde::Deserialize)]
struct Located {
    #[serde(rename = "uri")]
    _uri: serde::de::IgnoredAny,
}

/// The upstream's error, in the words of the caller's revision.
fn passed_on(error: &ServerError, cx: &Context, kind: &Kind) -> Answer {
    let revision = cx.revision();
    let mut number = i32::try_from(error.code).unwrap_or(code::INTERNAL_ERROR);
    match number {
        // These are about this server's own request.
        code::HEADER_MISMATCH | code::UNSUPPORTED_VERSION | code::PARSE_ERROR | code::INVALID_REQUEST => {
            tracing::error!(%error, "the upstream server does not understand this one");
            number = code::INTERNAL_ERROR;
        }
        // Sessions have no error for what a client cannot be asked; what it takes to have a task is no question.
        code::MISSING_CLIENT_CAPABILITY if !revision.is_modern() && !is_about_extensions(error) => {
            return Answer::error(ToolError::new(error.message.clone()));
        }
        _ => {}
    }
    let names_uri = error.data.as_ref().is_some_and(|data| data.parse::<Located>().is_ok());
    let not_found = mcp_core::Revision::ALL.iter().any(|revision| revision.resource_not_found_code() == number);
    if matches!(kind, Kind::Resource) && names_uri && not_found {
        number = revision.resource_not_found_code();
    }
    let passed = RpcError::new(number, error.message.clone());
    Answer::protocol_error(match &error.data {
        Some(data) => passed.with_data(data),
        None => passed,
    })
}

fn is_about_extensions(error: &ServerError) -> bool {
    #[derive(serde::Deserialize)]
    struct Required {
        #[serde(rename = "requiredCapabilities")]
        _capabilities: Capabilities,
    }
    #[derive(serde::Deserialize)]
    struct Capabilities {
        #[serde(rename = "extensions")]
        _extensions: serde::de::IgnoredAny,
    }
    error.data.as_ref().is_some_and(|data| data.parse::<Required>().is_ok())
}
