//! A request that can still be changed, and is sent when awaited.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::handler::Progress;
use crate::inner::Inner;
use crate::types::Completion;

type Running<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// A request that can still be changed, and is sent when awaited.
///
/// Dropping it while it runs, as `select!` or a time-out does, cancels it at the server.
#[must_use = "a request is sent when it is awaited"]
pub struct Request<'c, T> {
    inner: &'c Arc<Inner>,
    draft: Result<Draft>,
    run: fn(&'c Arc<Inner>, Draft) -> Running<'c, T>,
    cancelled: Option<Pin<Box<dyn Future<Output = ()> + Send + 'c>>>,
}

impl<T> std::fmt::Debug for Request<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.draft.as_ref().ok().map(|draft| &draft.method)).finish_non_exhaustive()
    }
}

impl<'c, T> Request<'c, T> {
    pub(crate) fn new(inner: &'c Arc<Inner>, draft: Result<Draft>, run: fn(&'c Arc<Inner>, Draft) -> Running<'c, T>) -> Self {
        Self { inner, draft, run, cancelled: None }
    }

    fn change(mut self, change: impl FnOnce(&mut Draft) -> Result<()>) -> Self {
        self.draft = self.draft.and_then(|mut draft| change(&mut draft).map(|()| draft));
        self
    }

    /// How long to wait for something to be heard of it; progress starts the clock anew.
    pub fn timeout(self, silence: Duration) -> Self {
        self.change(|draft| {
            draft.silence = Some(silence);
            Ok(())
        })
    }

    /// How long to wait for the answer, whatever is heard of it meanwhile.
    pub fn at_most(self, total: Duration) -> Self {
        self.change(|draft| {
            draft.total = Some(total);
            Ok(())
        })
    }

    /// Asks the server to tell how far it is. Called by the task that reads the connection, so it should be quick.
    pub fn on_progress(self, hear: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.change(|draft| {
            draft.hearing.progress = Some(Arc::new(hear));
            Ok(())
        })
    }

    /// Adds a member to `_meta`, as `traceparent`.
    pub fn meta<V: Serialize + ?Sized>(self, key: impl Into<String>, value: &V) -> Self {
        self.change(|draft| draft.meta.set(key.into(), value))
    }

    /// Cancels the request when this completes before it does.
    pub fn cancelled_by(mut self, signal: impl Future<Output = ()> + Send + 'c) -> Self {
        self.cancelled = Some(Box::pin(signal));
        self
    }
}

impl Request<'_, Completion> {
    /// Tells the server of an argument that is known already (2025-06-18, server/utilities/completion).
    pub fn given(self, argument: impl Into<String>, value: impl Into<String>) -> Self {
        self.change(|draft| {
            #[derive(Default, Serialize, serde::Deserialize)]
            struct Given {
                arguments: std::collections::BTreeMap<String, String>,
            }
            let known = draft.params.get("context").and_then(|known| serde_json::from_str(known.get()).ok());
            let mut given: Given = known.unwrap_or_default();
            given.arguments.insert(argument.into(), value.into());
            draft.params.set("context", &given)
        })
    }
}

impl<'c, T: Send + 'static> IntoFuture for Request<'c, T> {
    type Output = Result<T>;
    type IntoFuture = Running<'c, T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let running = (self.run)(self.inner, self.draft?);
            let Some(cancelled) = self.cancelled else { return running.await };
            tokio::select! {
                biased;
                answer = running => answer,
                () = cancelled => Err(Error::Cancelled),
            }
        })
    }
}

/// Makes a call and reads its result.
pub(crate) fn call<T: DeserializeOwned + Send + 'static>(inner: &Arc<Inner>, draft: Draft) -> Running<'_, T> {
    Box::pin(async move {
        let result = inner.perform(draft).await?;
        serde_json::from_str(result.get()).map_err(|error| Error::unreadable(&error))
    })
}
