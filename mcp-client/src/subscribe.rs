//! Listening, in either era.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::inner::Inner;
use crate::link::Owned;
use crate::listen::{Changes, Filter};
use crate::news::News;

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
        let patience = self.settings.timeouts.silence;
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
        let mut new = news.filter.uris.iter().filter(|uri| !others.iter().any(|other| other.filter.uris.contains(*uri)));
        let mut asking = JoinSet::new();
        loop {
            while let Some(uri) = (asking.len() < AT_ONCE).then(|| new.next()).flatten() {
                asking.spawn(subscribe(Arc::clone(self), uri.clone()));
            }
            match asking.join_next().await {
                Some(Ok(asked)) => {
                    if let Some(refused) = asked? {
                        granted.uris.remove(&refused);
                    }
                }
                // Nobody aborts it, so it panicked.
                Some(Err(_)) => return Err(Error::Unsupported("a subscription failed inside the client".to_owned())),
                None => break,
            }
        }
        Ok(Changes::new(news, granted, subscribed))
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

/// Has a session told of a resource. Returns its URI where that cannot be; then it does not stand in the way of others.
async fn subscribe(inner: Arc<Inner>, uri: String) -> Result<Option<String>> {
    let draft = Draft::new("resources/subscribe").with("uri", &uri);
    let error = match timeout(PATIENCE, inner.send(&draft)).await {
        Ok(Ok(_)) => return Ok(None),
        Ok(Err(error @ Error::Protocol(_))) => error,
        Ok(Err(error)) => return Err(error),
        Err(_) => Error::Timeout(PATIENCE),
    };
    tracing::debug!(%error, uri, "the server does not tell of a resource");
    Ok(Some(uri))
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
            let (inner, draft) = (Arc::clone(&self.inner), Draft::new("resources/unsubscribe").with("uri", uri));
            runtime.spawn(async move {
                if let Err(error) = inner.exchange(&draft).await {
                    tracing::debug!(%error, "a subscription could not be ended");
                }
            });
        }
    }
}
