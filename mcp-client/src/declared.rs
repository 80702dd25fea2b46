//! What the client says of itself with every request, where there are no sessions to say it once in
//! (2026-07-28, basic, "Per-Request Metadata").

use std::sync::{Arc, Mutex, PoisonError};

use mcp_core::Revision;

use crate::error::Result;
use crate::handler::Offers;
use crate::params::Params;
use crate::settings::Settings;

/// The members of `_meta` in which it says it.
pub(crate) const KEYS: [&str; 3] =
    ["io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientInfo", "io.modelcontextprotocol/clientCapabilities"];

/// What the client says of itself with every request, written once for each kind of caller. There are as many kinds as there are offers.
#[derive(Debug, Default)]
pub(crate) struct Declared(Mutex<Vec<(Offered, Arc<[u8]>)>>);

/// What it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) offers: Offers,
    pub(crate) tasks: bool,
    pub(crate) releases: bool,
    pub(crate) revision: Revision,
}

impl Declared {
    /// The members of `_meta`, as JSON without the braces around them.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub(crate) fn members(&self, settings: &Settings, offered: Offered) -> Result<Arc<[u8]>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, members)) = known.iter().find(|(known, _)| *known == offered) {
            return Ok(Arc::clone(members));
        }
        let mut said = Params::default();
        let [version, info, capabilities] = KEYS;
        said.set(version, offered.revision.as_str())?;
        said.set(info, &settings.info)?;
        said.set(capabilities, &settings.capabilities(offered))?;
        let mut members = Vec::new();
        said.write_members(&mut members, true);
        let members: Arc<[u8]> = members.into();
        known.push((offered, Arc::clone(&members)));
        Ok(members)
    }
}
