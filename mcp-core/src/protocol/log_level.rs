//! Severities of log notifications.

use serde::{Deserialize, Serialize};

use super::error::RpcError;
use super::scan::Raw;

/// How severe a log message is (RFC 5424, section 6.2.1), least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogLevel {
    /// Function entry and exit.
    Debug,
    /// Progress of an operation.
    Info,
    /// Normal but significant.
    Notice,
    /// Something is deprecated or odd.
    Warning,
    /// An operation failed.
    Error,
    /// A component failed.
    Critical,
    /// Action must be taken immediately.
    Alert,
    /// The system is unusable.
    Emergency,
}

impl LogLevel {
    pub(crate) fn parse(raw: Raw<'_>, key: &str) -> Result<Self, RpcError> {
        serde_json::from_str(raw.get()).map_err(|_| {
            RpcError::invalid_params(format!(
                "`params.{key}` must be one of debug, info, notice, warning, error, critical, alert, emergency; got {}",
                raw.get()
            ))
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }
}
