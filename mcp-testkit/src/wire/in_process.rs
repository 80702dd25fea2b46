//! The dispatcher without a transport: the references that transports are compared with.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;

use mcp_core::{Connection, Dispatcher, Exchange, Headers, Outlet, Principal, Reply, Transport};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Client, Event, Opening};
use crate::compose::Outgoing;

type Events = mpsc::UnboundedSender<Event>;

/// Has the future polled once, in place.
fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// One connection that carries all messages.
pub(super) struct OneConnection {
    dispatcher: Dispatcher,
    connection: Arc<Connection>,
    outlet: Outlet,
    principal: Principal,
    events: mpsc::UnboundedReceiver<Event>,
    report: Events,
    work: JoinSet<()>,
}

impl OneConnection {
    pub(super) fn open(opening: &Opening<'_>) -> Self {
        let dispatcher = (opening.dispatcher)();
        let (connection, outlet) = (Connection::new(), Outlet::new());
        let (report, events) = mpsc::unbounded_channel();
        let mut work = JoinSet::new();
        work.spawn(dispatcher.connection_news(Arc::clone(&connection), outlet.clone()));
        work.spawn(forward(outlet.clone(), None, report.clone()));
        let principal = opening.callers[opening.caller].principal().clone();
        Self { dispatcher, connection, outlet, principal, events, report, work }
    }
}

/// Reports what calls send, in order.
async fn forward(outlet: Outlet, exchange: Option<usize>, report: Events) {
    while let Some(frame) = poll_fn(|cx| outlet.poll_next(cx)).await {
        let _ = report.send(Event::Frame { exchange, frame });
    }
}

/// Reports what was sent before an answer.
fn drain(outlet: &Outlet, exchange: Option<usize>, report: &Events) {
    while let Some(frame) = outlet.pop() {
        let _ = report.send(Event::Frame { exchange, frame });
    }
}

fn report_reply(reply: Reply, channel: Option<usize>, exchange: usize, report: &Events) {
    let _ = report.send(Event::Outcome { exchange, outcome: reply.outcome });
    if !reply.body.is_empty() {
        let _ = report.send(Event::Frame { exchange: channel, frame: reply.body });
    }
    let _ = report.send(Event::End { exchange });
}

#[async_trait]
impl Client for OneConnection {
    async fn send(&mut self, exchange: usize, message: &Outgoing) {
        let link = Exchange::on_connection(
            Arc::clone(&self.connection),
            self.principal.clone(),
            Transport::InProcess,
            self.outlet.clone(),
        );
        let mut started = self.dispatcher.start(&message.bytes, &link);
        match poll_once(&mut started) {
            Poll::Ready(reply) => {
                drain(&self.outlet, None, &self.report);
                report_reply(reply, None, exchange, &self.report);
            }
            Poll::Pending => {
                let (outlet, report) = (self.outlet.clone(), self.report.clone());
                self.work.spawn(async move {
                    let reply = started.await;
                    drain(&outlet, None, &report);
                    report_reply(reply, None, exchange, &report);
                });
            }
        }
    }

    async fn next(&mut self) -> Event {
        self.events.recv().await.expect("the client holds a sender")
    }

    async fn close(mut self: Box<Self>) {
        self.dispatcher.input_ended(&self.connection);
        self.dispatcher.disconnected(&self.connection);
        self.work.shutdown().await;
    }
}

/// Messages of their own, each with headers.
pub(super) struct WithHeaders {
    dispatcher: Dispatcher,
    principals: Vec<Principal>,
    events: mpsc::UnboundedReceiver<Event>,
    report: Events,
    work: JoinSet<()>,
}

struct Given(Vec<(String, String)>);

impl Headers for Given {
    fn get(&self, name: &str) -> Option<&[u8]> {
        let mut values = self.0.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        values.next().is_none().then(|| value.as_bytes())
    }
}

impl WithHeaders {
    pub(super) fn open(opening: &Opening<'_>) -> Self {
        let (report, events) = mpsc::unbounded_channel();
        let principals = opening.callers.iter().map(|caller| caller.principal().clone()).collect();
        Self { dispatcher: (opening.dispatcher)(), principals, events, report, work: JoinSet::new() }
    }

    fn exchange(&self, message: &Outgoing) -> Exchange {
        let headers = Arc::new(Given(message.headers.clone()));
        let peer = Some(IpAddr::from([127, 0, 0, 1]));
        Exchange::with_headers(headers, peer, self.principals[message.caller].clone(), Transport::InProcess)
    }
}

#[async_trait]
impl Client for WithHeaders {
    async fn send(&mut self, exchange: usize, message: &Outgoing) {
        let link = self.exchange(message);
        let mut started = self.dispatcher.start(&message.bytes, &link);
        let (outlet, report) = (link.outlet.clone(), self.report.clone());
        match poll_once(&mut started) {
            Poll::Ready(reply) => {
                drain(&outlet, Some(exchange), &report);
                report_reply(reply, Some(exchange), exchange, &report);
            }
            Poll::Pending => {
                self.work.spawn(async move {
                    // The exchange lives as long as its call.
                    let _link = link;
                    let reply = tokio::select! {
                        biased;
                        reply = &mut started => reply,
                        () = forward(outlet.clone(), Some(exchange), report.clone()) => started.await,
                    };
                    drain(&outlet, Some(exchange), &report);
                    report_reply(reply, Some(exchange), exchange, &report);
                });
            }
        }
    }

    async fn listen(&mut self, exchange: usize, message: &Outgoing) -> bool {
        let outlet = Outlet::new();
        match self.dispatcher.news(&self.exchange(message), outlet.clone()) {
            Ok(news) => {
                self.work.spawn(news);
                self.work.spawn(forward(outlet, Some(exchange), self.report.clone()));
            }
            Err(reply) => report_reply(reply, Some(exchange), exchange, &self.report),
        }
        true
    }

    async fn end_session(&mut self, exchange: usize, message: &Outgoing) -> bool {
        let reply = self.dispatcher.end_session(&self.exchange(message));
        report_reply(reply, Some(exchange), exchange, &self.report);
        true
    }

    async fn next(&mut self) -> Event {
        self.events.recv().await.expect("the client holds a sender")
    }

    async fn close(mut self: Box<Self>) {
        self.work.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_occurs_twice_is_none() {
        let given = Given(vec![("A".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned()), ("b".to_owned(), "3".to_owned())]);
        assert_eq!(given.get("a"), None);
        assert_eq!(given.get("b"), Some(&b"3"[..]));
    }

}
