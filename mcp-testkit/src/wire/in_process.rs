//! The dispatcher without a transport: the references that transports are compared with.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
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

/// Where frames are reported, one after the other.
#[derive(Clone)]
struct Desk {
    outlet: Outlet,
    /// The exchange that the outlet belongs to, if it belongs to one.
    exchange: Option<usize>,
    report: Events,
    /// Taking a frame and reporting it are one step.
    order: Arc<Mutex<()>>,
}

impl Desk {
    fn new(outlet: Outlet, exchange: Option<usize>, report: Events) -> Self {
        Self { outlet, exchange, report, order: Arc::default() }
    }

    /// Reports what was sent so far, then `reply`.
    fn report(&self, exchange: usize, reply: Option<Reply>) {
        let _order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(frame) = self.outlet.pop() {
            let _ = self.report.send(Event::Frame { exchange: self.exchange, frame });
        }
        let Some(reply) = reply else { return };
        let _ = self.report.send(Event::Outcome { exchange, outcome: reply.outcome });
        if !reply.body.is_empty() {
            let _ = self.report.send(Event::Frame { exchange: self.exchange, frame: reply.body });
        }
        let _ = self.report.send(Event::End { exchange });
    }

    /// Reports what calls send, until the outlet is closed.
    async fn forward(self) {
        while poll_fn(|cx| self.outlet.poll_ready(cx)).await {
            self.report(0, None);
        }
    }
}

/// One connection that carries all messages.
pub(super) struct OneConnection {
    dispatcher: Dispatcher,
    connection: Arc<Connection>,
    principal: Principal,
    events: mpsc::UnboundedReceiver<Event>,
    desk: Desk,
    work: JoinSet<()>,
}

impl OneConnection {
    pub(super) fn open(opening: &Opening<'_>) -> Self {
        let dispatcher = (opening.dispatcher)();
        let connection = Connection::new();
        let (report, events) = mpsc::unbounded_channel();
        let desk = Desk::new(Outlet::new(), None, report);
        let mut work = JoinSet::new();
        let principal = opening.callers[opening.caller].principal().clone();
        work.spawn(dispatcher.connection_news(Arc::clone(&connection), &principal, desk.outlet.clone()));
        work.spawn(desk.clone().forward());
        Self { dispatcher, connection, principal, events, desk, work }
    }
}

#[async_trait]
impl Client for OneConnection {
    async fn send(&mut self, exchange: usize, message: &Outgoing) {
        let outlet = self.desk.outlet.clone();
        let link = Exchange::on_connection(Arc::clone(&self.connection), self.principal.clone(), Transport::InProcess, outlet);
        let mut started = self.dispatcher.start(&message.bytes, &link);
        match poll_once(&mut started) {
            Poll::Ready(reply) => self.desk.report(exchange, Some(reply)),
            Poll::Pending => {
                let desk = self.desk.clone();
                self.work.spawn(async move { desk.report(exchange, Some(started.await)) });
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
        values.next().is_none().then_some(value.as_bytes())
    }

    fn repeats(&self, name: &str) -> bool {
        self.0.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name)).nth(1).is_some()
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
        let desk = Desk::new(link.outlet.clone(), Some(exchange), self.report.clone());
        match poll_once(&mut started) {
            Poll::Ready(reply) => desk.report(exchange, Some(reply)),
            Poll::Pending => {
                self.work.spawn(async move {
                    // The exchange lives as long as its call.
                    let _link = link;
                    let reply = tokio::select! {
                        biased;
                        reply = &mut started => reply,
                        () = desk.clone().forward() => started.await,
                    };
                    desk.report(exchange, Some(reply));
                });
            }
        }
    }

    async fn listen(&mut self, exchange: usize, message: &Outgoing) -> bool {
        let desk = Desk::new(Outlet::new(), Some(exchange), self.report.clone());
        match self.dispatcher.news(&self.exchange(message), desk.outlet.clone()) {
            Ok(news) => {
                self.work.spawn(news);
                self.work.spawn(desk.forward());
            }
            Err(reply) => desk.report(exchange, Some(reply)),
        }
        true
    }

    async fn end_session(&mut self, exchange: usize, message: &Outgoing) -> bool {
        let reply = self.dispatcher.end_session(&self.exchange(message));
        Desk::new(Outlet::new(), Some(exchange), self.report.clone()).report(exchange, Some(reply));
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
