//! What the server has for its ways to sign in.

use std::fmt;
use std::sync::Arc;

use crate::server::db::Db;
use crate::server::record::Records;
use crate::{Clock, Fetch};

/// What the server has for its [login methods](crate::server::LoginMethod).
#[derive(Clone)]
pub struct LoginHost {
    pub(crate) db: Db,
    pub(crate) fetcher: Arc<dyn Fetch>,
    pub(crate) clock: Clock,
    pub(crate) brand: String,
    pub(crate) records: Arc<Records>,
}

impl fmt::Debug for LoginHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginHost").field("brand", &self.brand).finish_non_exhaustive()
    }
}

impl LoginHost {
    pub(crate) fn new(db: Db, fetcher: Arc<dyn Fetch>, clock: Clock, brand: impl Into<String>, records: Arc<Records>) -> Self {
        Self { db, fetcher, clock, brand: brand.into(), records }
    }

    /// The way to the network.
    pub fn fetcher(&self) -> &Arc<dyn Fetch> {
        &self.fetcher
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What the server calls itself before people.
    pub fn brand(&self) -> &str {
        &self.brand
    }
}
