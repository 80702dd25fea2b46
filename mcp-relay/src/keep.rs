//! Keeping a registry as the upstream has it while it is served.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mcp_client::{Change, Changes, Client, Filter};
use mcp_core::LiveRegistry;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::access::Rules;
use crate::mirror::Lists;
use crate::reach::Connected;
use crate::relay::Shared;

/// How often to look whether a connection that tells of no changes is still there.
const LOOK: Duration = Duration::from_secs(2);
/// How often lists are read again of an upstream that listens and tells of no changes: nothing else shows that it was replaced.
const READ_AGAIN: Duration = Duration::from_secs(60);
/// The longest pause before lists that could not be read are read again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What has to be known to keep a registry.
pub(crate) struct Keeper {
    pub(crate) shared: Arc<Shared>,
    pub(crate) rules: Rules,
    pub(crate) live: LiveRegistry,
    pub(crate) lists: Lists,
    /// The resources that are watched at the upstream.
    pub(crate) watched: BTreeSet<String>,
    /// Told when others may be watched here.
    pub(crate) stirred: Arc<Notify>,
}

/// Most resources that are watched at the upstream.
const MOST_WATCHED: usize = 1_000;

impl Keeper {
    /// Runs as long as the runtime does. `read` is the number of the connection that the lists were read from, and 0 if they were not.
    pub(crate) async fn run(mut self, read: u64) {
        let mut past = 0;
        loop {
            let connected = self.shared.reach.after(past).await;
            if connected.number != read {
                self.read_anew(&connected.client).await;
                self.tell_of_all();
            }
            self.listen(&connected).await;
            // Nobody can be asked; what is wanted now is asked for when the upstream is back.
            self.shared.tuned.is_asked(self.shared.tuned.wanted());
            past = connected.number;
        }
    }

    /// What was missed is not known.
    fn tell_of_all(&self) {
        self.watched.iter().for_each(|uri| self.live.notify(mcp_core::Change::Resource(uri.as_str().into())));
    }

    /// Listens on a connection until it is gone.
    async fn listen(&mut self, connected: &Connected) {
        let client = &connected.client;
        let mut changes = None;
        let mut again = Instant::now() + READ_AGAIN;
        loop {
            let wanted = self.shared.tuned.wanted();
            self.watched = most(&self.watched, self.live.watched_by_caller());
            // What is listened to so far is heard until there is more, so that nothing is missed in between.
            let listening = client.listen(Filter { uris: self.watched.clone(), ..Filter::lists() });
            let mut listening = std::pin::pin!(listening);
            let opened = loop {
                tokio::select! {
                    opened = &mut listening => break opened,
                    change = next(client, changes.as_mut()), if changes.is_some() => match change {
                        Some(change) => self.heard(client, change).await,
                        // What comes of the new one shows whether the server is there.
                        None => changes = None,
                    },
                }
            };
            match opened {
                Ok(opened) => changes = Some(opened),
                Err(error) if error.is_disconnection() => return self.shared.reach.lost(connected.number, &error.to_string()),
                Err(error) => tracing::debug!(%error, "the upstream server tells of no further changes"),
            }
            self.shared.tuned.is_asked(wanted);
            // Until other resources are watched, on the same connection.
            loop {
                tokio::select! {
                    () = self.stirred.notified() => {
                        let wanted = self.shared.tuned.wanted();
                        if most(&self.watched, self.live.watched_by_caller()) != self.watched {
                            break;
                        }
                        self.shared.tuned.is_asked(wanted);
                    }
                    change = next(client, changes.as_mut()) => match change {
                        Some(change) => self.heard(client, change).await,
                        None => return self.shared.reach.lost(connected.number, "it does not tell of changes any more"),
                    },
                    // Somebody else noticed that it was gone.
                    _ = self.shared.reach.after(connected.number) => return,
                    () = sleep_until(again), if changes.is_none() && self.shared.reach.connect.is_url() => {
                        self.read_again(client, None).await;
                        again = Instant::now() + READ_AGAIN;
                    }
                }
            }
        }
    }

    async fn heard(&mut self, client: &Client, change: Change) {
        match change {
            Change::Tools => drop(self.read_again(client, Some(mcp_core::Change::Tools)).await),
            Change::Prompts => drop(self.read_again(client, Some(mcp_core::Change::Prompts)).await),
            Change::Resources => drop(self.read_again(client, Some(mcp_core::Change::Resources)).await),
            Change::Resource(uri) => self.live.notify(mcp_core::Change::Resource(uri.into())),
            Change::Missed => {
                self.read_again(client, None).await;
                self.tell_of_all();
            }
            _ => {}
        }
    }

    /// Reads the lists on a new connection, and tries again while it is there: somebody may have to sign in first.
    async fn read_anew(&mut self, client: &Client) {
        let mut pause = LOOK;
        while !self.read_again(client, None).await && !client.is_closed() {
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Takes over what is different, and tells of that and of what the upstream itself told of. Says whether the lists could be read.
    async fn read_again(&mut self, client: &Client, heard: Option<mcp_core::Change>) -> bool {
        let lists = match Lists::read(client).await {
            Ok(lists) => lists,
            Err(error) => {
                tracing::warn!(%error, "the upstream server's lists cannot be read; those known so far are kept");
                return false;
            }
        };
        let mut news = lists.news(&self.lists);
        let is_other = !news.is_empty();
        news.extend(heard.filter(|heard| !news.contains(heard)));
        if !is_other {
            news.into_iter().for_each(|change| self.live.notify(change));
            return true;
        }
        match self.live.replace(self.shared.registry(&lists, &self.rules), &news) {
            Ok(()) => self.lists = lists,
            Err(error) => tracing::warn!(%error, "the upstream server's lists cannot be offered; those known so far are kept"),
        }
        true
    }
}

/// What to watch of what is watched here: where not all can be, as many for each caller, and of one's own those first that are watched already.
fn most(watched: &BTreeSet<String>, wanted: Vec<BTreeSet<String>>) -> BTreeSet<String> {
    let all: BTreeSet<String> = wanted.iter().flatten().cloned().collect();
    if all.len() <= MOST_WATCHED {
        return all;
    }
    let mut turns: Vec<_> = wanted
        .into_iter()
        .map(|own| {
            let (known, new): (Vec<String>, Vec<String>) = own.into_iter().partition(|uri| watched.contains(uri));
            known.into_iter().chain(new)
        })
        .collect();
    let mut chosen = BTreeSet::new();
    while chosen.len() < MOST_WATCHED {
        let round: Vec<String> = turns.iter_mut().filter_map(Iterator::next).collect();
        let left = MOST_WATCHED - chosen.len();
        chosen.extend(round.into_iter().take(left));
    }
    chosen
}

/// The next change; `None` when there will be no more.
async fn next(client: &Client, changes: Option<&mut Changes>) -> Option<Change> {
    let Some(changes) = changes else {
        while !client.is_closed() {
            sleep(LOOK).await;
        }
        return None;
    };
    changes.next().await?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_watched_stays_watched_where_not_all_can_be() {
        let uris = |range: std::ops::Range<usize>| range.map(|number| format!("a:{number:04}")).collect::<BTreeSet<_>>();
        assert_eq!(most(&uris(0..3), vec![uris(2..4), uris(3..5)]), uris(2..5));
        let watched = uris(MOST_WATCHED..MOST_WATCHED + 2);
        let all = most(&watched, vec![uris(0..MOST_WATCHED + 2)]);
        assert_eq!(all.len(), MOST_WATCHED);
        assert!(watched.is_subset(&all));
        // Whoever wants many leaves room for whoever wants few.
        let few = [("b:1".to_owned()), ("b:2".to_owned())].into();
        let all = most(&uris(0..MOST_WATCHED), vec![uris(0..MOST_WATCHED), few]);
        assert_eq!((all.len(), all.contains("b:1"), all.contains("b:2")), (MOST_WATCHED, true, true));
    }
}
