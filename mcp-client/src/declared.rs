//! What the client says of itself with every request, where there are no sessions to say it once in
//! (2026-07-28, basic, "Per-Request Metadata").

use std::sync::{Mutex, PoisonError};

use mcp_core::Revision;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::{Error, Result};
use crate::handler::Offers;
use crate::settings::Settings;

/// What the client says of itself with every request, written once.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    info: Mutex<Option<Box<RawValue>>>,
    /// There are as many as there are offers.
    capabilities: Mutex<Vec<(Offered, Box<RawValue>)>>,
}

/// What capabilities depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) offers: Offers,
    pub(crate) tasks: bool,
    pub(crate) releases: bool,
    pub(crate) revision: Revision,
}

impl Declared {
    /// What the client is called.
    ///
    /// # Errors
    /// When that cannot be written as JSON.
    pub(crate) fn info(&self, settings: &Settings) -> Result<Box<RawValue>> {
        let mut known = self.info.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(info) = &*known {
            return Ok(info.clone());
        }
        Ok(known.insert(to_raw_value(&settings.info).map_err(Error::Arguments)?).clone())
    }

    /// What it can be asked.
    ///
    /// # Errors
    /// When that cannot be written as JSON.
    pub(crate) fn capabilities(&self, settings: &Settings, offered: Offered) -> Result<Box<RawValue>> {
        let mut known = self.capabilities.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, capabilities)) = known.iter().find(|(known, _)| *known == offered) {
            return Ok(capabilities.clone());
        }
        let capabilities = to_raw_value(&settings.capabilities(offered)).map_err(Error::Arguments)?;
        known.push((offered, capabilities.clone()));
        Ok(capabilities)
    }
}
