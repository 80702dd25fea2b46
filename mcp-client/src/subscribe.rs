//! Listening, in either era.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::inner::Inner;
use crate::link::Owned;
use crate::listen::{Changes, Filter};
use crate::news::News;

/// How long a server may take to say what it tells of, where it says so at once.
const ACKNOWLEDGED: Duration = Duration::from_secs(30);
/// How long a server may take to say whether it tells of a resource.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many resources it is asked about at a time.
const AT_ONCE: usize = 16;

impl Inner {
    /// Starts to listen.
    pub(crate) async fn listen(self: &Arc<Self>, filter: Filter) -> Result<Changes> {
        if self.revision().is_modern() { self.listen_to_request(filter).await } else { self.listen_in_session(filter).await }
    }

    /// Listens to the answer of a request that does not end (2026-07-28, basic/patterns/subscriptions).
    async fn listen_to_request(self: &Arc<Self>, filter: Filter) -> Result<Changes> {
        let id = self.next_id();
        let mut draft = Draft::new("subscriptions/listen");
        draft.params.set("notifications", &filter)?;
        (draft.silence, draft.total) = (Some(Duration::MAX), Some(Duration::MAX));
        let news = Arc::new(News::new(Some(id), filter));
        self.router.listen(&news);
        let task = Owned::spawn({
            let (inner, news) = (Arc::clone(self), Arc::clone(&news));
            async move {
                let answer = inner.exchange_as(id, &draft, Some(inner.revision())).await;
                news.end(answer.and_then(|answer| answer.map_err(Error::Protocol)).err());
            }
        });
        let patience = self.settings.timeouts.silence.min(ACKNOWLEDGED);
        match timeout(patience, std::future::poll_fn(|cx| news.poll_granted(cx))).await {
            Ok(Some(granted)) => Ok(Changes::new(news, granted, task)),
            Ok(None) => match std::future::poll_fn(|cx| news.poll_next(cx)).await {
                Some(Err(error)) => Err(error),
                _ => Err(Error::Malformed("the server ended the listening before it began".to_owned())),
            },
            Err(_) => Err(Error::Timeout(patience)),
        }
    }

    /// Listens to what the session is told anyhow, and subscribes to resources.
    async fn listen_in_session(self: &Arc<Self>, filter: Filter) -> Result<Changes> {
        let server = self.server();
        let mut granted = Filter {
            tools: filter.tools && server.can("tools.listChanged"),
            prompts: filter.prompts && server.can("prompts.listChanged"),
            resources: filter.resources && server.can("resources.listChanged"),
            uris: if server.can("resources.subscribe") { filter.uris } else { Default::default() },
            tasks: Default::default(),
        };
        if granted == Filter::default() {
            return Err(Error::Unsupported("the server does not tell of any of these changes".to_owned()));
        }
        let others = self.router.listeners();
        let news = Arc::new(News::new(None, granted.clone()));
        self.router.listen(&news);
        self.link.open_news().await?;
        let subscribed = Subscribed { inner: Arc::clone(self), news: Arc::clone(&news) };
        // The session is told of some already, for somebody else.
        let new = news.filter.uris.iter().filter(|uri| !others.iter().any(|other| other.filter.uris.contains(*uri)));
        let mut asking = tokio::spawn(subscribe_to_all(Arc::clone(self), new.cloned().collect()));
        match timeout(PATIENCE, &mut asking).await {
            Ok(Ok(refused)) => {
                for uri in refused? {
                    granted.uris.remove(&uri);
                }
            }
            // Nobody aborts it, so it panicked.
            Ok(Err(_)) => return Err(Error::Unsupported("a subscription failed inside the client".to_owned())),
            // It goes on, and what the server tells of later is heard all the same.
            Err(_) => tracing::debug!("the server is slow to say of which resources it tells"),
        }
        Ok(Changes::new(news, granted, subscribed))
    }

    /// Has the session told of a resource, and says whether it is.
    async fn subscribe(&self, uri: &str) -> Result<bool> {
        let error = match timeout(PATIENCE, self.send(&Draft::new("resources/subscribe").with("uri", uri))).await {
            Ok(Ok(_)) => return Ok(true),
            Ok(Err(error @ Error::Protocol(_))) => error,
            Ok(Err(error)) => return Err(error),
            Err(_) => Error::Timeout(PATIENCE),
        };
        tracing::debug!(%error, uri, "the server does not tell of a resource");
        Ok(false)
    }

    /// Whether somebody listens for a resource who does not leave just now.
    fn is_listened_for(&self, uri: &str, leaving: &Weak<News>) -> bool {
        let mut others = self.router.listeners().into_iter().filter(|listener| !std::ptr::eq(Arc::as_ptr(listener), leaving.as_ptr()));
        others.any(|listener| listener.filter.uris.contains(uri))
    }

    /// Tells a session that was just opened what the last one knew.
    pub(crate) async fn listen_again(&self) -> Result<()> {
        let listeners = self.router.listeners();
        if listeners.is_empty() {
            return Ok(());
        }
        self.link.open_news().await?;
        for listener in listeners {
            for uri in &listener.filter.uris {
                match self.exchange(&Draft::new("resources/subscribe").with("uri", uri)).await {
                    // One that is not there any more does not stand in the way of the others.
                    Ok(_) | Err(Error::Protocol(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            // What happened in between was told to nobody.
            listener.push(crate::listen::Change::Missed);
        }
        Ok(())
    }
}

/// Has a session told of resources. Returns those of which it is not told; they do not stand in the way of others.
async fn subscribe_to_all(inner: Arc<Inner>, uris: Vec<String>) -> Result<Vec<String>> {
    let (mut asking, mut refused, mut uris) = (JoinSet::new(), Vec::new(), uris.into_iter());
    loop {
        while let Some(uri) = (asking.len() < AT_ONCE).then(|| uris.next()).flatten() {
            // Whoever wanted it may have left since.
            if inner.is_listened_for(&uri, &Weak::new()) {
                let inner = Arc::clone(&inner);
                asking.spawn(async move { inner.subscribe(&uri).await.map(|told| (!told).then_some(uri)) });
            }
        }
        match asking.join_next().await {
            Some(Ok(asked)) => refused.extend(asked?),
            Some(Err(_)) => return Err(Error::Unsupported("a subscription failed inside the client".to_owned())),
            None => return Ok(refused),
        }
    }
}

/// The subscriptions of one listener; dropping it ends those that no other has.
struct Subscribed {
    inner: Arc<Inner>,
    news: Arc<News>,
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let others: Vec<_> = self.inner.router.listeners().into_iter().filter(|other| !Arc::ptr_eq(other, &self.news)).collect();
        for uri in self.news.filter.uris.iter().filter(|uri| !others.iter().any(|other| other.filter.uris.contains(*uri))) {
            let (inner, uri, leaving) = (Arc::clone(&self.inner), uri.clone(), Arc::downgrade(&self.news));
            runtime.spawn(async move {
                // Somebody may want it again meanwhile, and over HTTP one request may overtake the other.
                if inner.is_listened_for(&uri, &leaving) {
                    return;
                }
                if let Err(error) = inner.exchange(&Draft::new("resources/unsubscribe").with("uri", &uri)).await {
                    tracing::debug!(%error, "a subscription could not be ended");
                }
                if inner.is_listened_for(&uri, &leaving) {
                    // An error is one that whoever listens has been told.
                    let _ = inner.subscribe(&uri).await;
                }
            });
        }
    }
}
