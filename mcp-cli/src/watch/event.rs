//! One record of an audit log.

use serde::Deserialize;

/// The longest text that is kept of a record, in bytes.
const LONGEST: usize = 256;

/// One record of an audit log, as far as it is shown. See docs/authorization.md, "Audit".
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    pub(super) time: String,
    pub(super) subject: Option<String>,
    pub(super) client: Option<String>,
    pub(super) operation: String,
    pub(super) item: String,
    pub(super) transport: String,
    pub(super) verdict: String,
    pub(super) reason: Option<String>,
    pub(super) latency_us: u64,
}

impl Event {
    /// Reads a line; `None` if it is no record.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let mut event: Self = serde_json::from_slice(line).ok().filter(|event: &Self| !event.operation.is_empty())?;
        let texts = [&mut event.time, &mut event.operation, &mut event.item, &mut event.transport, &mut event.verdict];
        let optional = [&mut event.subject, &mut event.client, &mut event.reason];
        for text in texts.into_iter().chain(optional.into_iter().flatten()) {
            text.truncate(text.floor_char_boundary(LONGEST));
            text.shrink_to_fit();
        }
        Some(event)
    }

    /// Who called, as far as that is known.
    pub(super) fn who(&self) -> &str {
        self.subject.as_deref().or(self.client.as_deref()).unwrap_or("anonymous")
    }

    /// The item, or else what was done.
    pub(super) fn what(&self) -> &str {
        if self.item.is_empty() { &self.operation } else { &self.item }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.verdict == "denied"
    }

    pub(super) fn has_failed(&self) -> bool {
        self.verdict == "failed"
    }
}
