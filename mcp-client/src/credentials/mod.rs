//! What lets a client in over HTTP, and what to do when the server does not let it in.

mod challenge;
mod pass;

use std::sync::Arc;

use async_trait::async_trait;

pub use challenge::{Challenge, Parameters};
pub use pass::{Asked, Pass};

use crate::error::{Error, Result};

/// How often one request is sent again after the server refused it
/// (2026-07-28, basic/authorization, "Step-Up Authorization Flow": no more than a few times).
pub(crate) const MOST_CHALLENGES: u32 = 3;

/// What lets a client in over HTTP.
///
/// The transports ask for a [`Pass`] before every request, also inside one session, and tell of every 401 and 403.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// What to send with a request; `None` to send it as it is.
    ///
    /// # Errors
    /// When there should be something to send and it cannot be had. The request is not sent then.
    async fn pass(&self, asked: &Asked<'_>) -> Result<Option<Pass>>;

    /// The server refused a request. May take as long as a person needs to sign in.
    ///
    /// # Errors
    /// Why nothing could be done about it, when that says more than the refusal itself.
    async fn challenged(&self, challenge: &Challenge<'_>) -> Result<Retry> {
        let _ = challenge;
        Ok(Retry::GiveUp)
    }
}

/// Whether a refused request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// With the pass that can be had now.
    Now,
    /// It is not; whoever made the call hears of the refusal.
    GiveUp,
}

/// A token that does not change.
#[derive(Clone, Debug)]
pub struct StaticToken(Pass);

impl StaticToken {
    /// The token that is sent as `Authorization: Bearer`.
    ///
    /// # Errors
    /// When it holds what a header may not.
    pub fn new(token: &str) -> Result<Self> {
        Pass::bearer(token).map(Self)
    }

    /// The same, ready for [`Builder::credentials`](crate::Builder::credentials).
    ///
    /// # Errors
    /// As [`StaticToken::new`].
    pub fn shared(token: &str) -> Result<Arc<dyn Credentials>> {
        Ok(Arc::new(Self::new(token)?))
    }
}

#[async_trait]
impl Credentials for StaticToken {
    async fn pass(&self, _: &Asked<'_>) -> Result<Option<Pass>> {
        Ok(Some(self.0.clone()))
    }
}

/// Says which header cannot be sent, without its value.
pub(crate) fn unfit_token() -> Error {
    Error::Configuration("the token holds what a header may not".to_owned())
}
