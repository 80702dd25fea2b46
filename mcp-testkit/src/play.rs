//! Holding the conversation of a fixture on one wire.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use mcp_core::{Outcome, Revision};

use crate::compose::{Outgoing, Setting};
use crate::fixture::{Body, Fixture, Message, Step, request, text};
use crate::silence;
use crate::transcript::{ENDS_SESSION, LISTENS, Recorded, Shape, Transcript};
use crate::wire::{Client, Event, Wire};

/// For how long a client waits for anything to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Before the server was heard at all: it may have to start.
    pub(crate) opening: Duration,
    /// After that.
    pub(crate) quiet: Duration,
    /// Whether something that has an answer is sent after what may have none, so as not to wait for nothing.
    pub(crate) asks: bool,
}

impl Patience {
    /// So many times as much.
    pub(crate) fn times(self, factor: u32) -> Self {
        Self { opening: self.opening * factor, quiet: self.quiet * factor, ..self }
    }
}

/// Enough for a server of ours on a busy machine.
pub(crate) const PATIENT: Patience = Patience { opening: Duration::from_secs(30), quiet: Duration::from_secs(15), asks: false };

/// One side of a conversation.
pub(crate) struct Player<'p> {
    client: Box<dyn Client>,
    fixture: &'p Fixture,
    caller: usize,
    another: usize,
    session: Option<String>,
    captured: BTreeMap<&'static str, String>,
    /// The exchange under which news are recorded.
    news: Option<usize>,
    transcript: Transcript,
    patience: Patience,
    heard: bool,
    /// How many questions were sent to find out whether something else comes.
    asked: usize,
    /// How many of them were answered.
    replied: usize,
}

/// Why a conversation broke off.
enum Broken {
    /// Nothing came in time.
    Silence(String),
    Other(String),
}

impl<'p> Player<'p> {
    pub(crate) fn new(
        client: Box<dyn Client>,
        wire: Wire,
        revision: Revision,
        fixture: &'p Fixture,
        caller: usize,
        another: usize,
    ) -> Self {
        let transcript = Transcript { wire, revision, exchanges: Vec::new(), stray: Vec::new(), failure: None, silent: false };
        let captured = BTreeMap::new();
        Self {
            client,
            fixture,
            caller,
            another,
            session: None,
            captured,
            news: None,
            transcript,
            patience: PATIENT,
            heard: false,
            asked: 0,
            replied: 0,
        }
    }

    pub(crate) fn patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Holds the conversation to its end.
    pub(crate) async fn play(mut self) -> Transcript {
        match self.steps().await {
            Ok(()) => {}
            Err(Broken::Silence(failure)) => {
                self.transcript.failure = Some(failure);
                self.transcript.silent = true;
            }
            Err(Broken::Other(failure)) => self.transcript.failure = Some(failure),
        }
        self.client.close().await;
        self.transcript
    }

    async fn steps(&mut self) -> Result<(), Broken> {
        let (wire, revision) = (self.transcript.wire, self.transcript.revision);
        if self.fixture.session && !revision.is_modern() {
            self.step(&Step::Call(text(format!(
                r#"{{"jsonrpc":"2.0","id":"open","method":"initialize","params":{{"protocolVersion":"{revision}","capabilities":{{{}}},"clientInfo":{{"name":"testkit","version":"1.0.0"}}}}}}"#,
                self.fixture.capabilities
            ))))
            .await?;
            self.step(&Step::Tell(text(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#))).await?;
        }
        for step in &self.fixture.steps {
            self.step(step).await?;
        }
        if wire == Wire::Plain {
            return Ok(());
        }
        // The connection lives, and nothing is left on it that nobody waits for.
        self.step(&Step::Call(request("\"alive\"", silence::question(revision), ""))).await
    }

    async fn step(&mut self, step: &Step) -> Result<(), Broken> {
        match step {
            Step::Call(message) => {
                let exchange = self.send(message, true).await;
                self.answered(exchange).await
            }
            Step::Tell(message) => {
                let exchange = self.send(message, false).await;
                if self.transcript.wire.tells_ends() { self.until(exchange, |exchange| exchange.ended).await } else { Ok(()) }
            }
            Step::Start(message, frames) => {
                let exchange = self.send(message, true).await;
                self.until(exchange, |exchange| exchange.frames.len() >= *frames).await
            }
            Step::Frames(id, frames) => {
                let exchange = self.started(id)?;
                self.until(exchange, |exchange| exchange.frames.len() >= *frames).await
            }
            Step::Finish(id) => {
                let exchange = self.started(id)?;
                self.answered(exchange).await
            }
            Step::Gone(id) => {
                let exchange = self.started(id)?;
                self.transcript.exchanges[exchange].open = false;
                if self.transcript.wire.tells_ends() && self.transcript.wire != Wire::HttpSse {
                    self.until(exchange, |exchange| exchange.ended).await?;
                }
                Ok(())
            }
            Step::Together(messages) => {
                let mut exchanges = Vec::new();
                for message in messages {
                    exchanges.push(self.send(message, true).await);
                }
                for exchange in exchanges {
                    self.answered(exchange).await?;
                }
                Ok(())
            }
            Step::Listen => {
                let exchange = self.record(LISTENS.into());
                self.news = Some(exchange);
                let message = self.outgoing(&text(""));
                if self.client.listen(exchange, &message).await && self.transcript.wire != Wire::InProcessWithHeaders {
                    self.until(exchange, |exchange| exchange.head.is_some()).await?;
                }
                Ok(())
            }
            Step::News(count) => {
                let Some(exchange) = self.news else { return Err(Broken::Other("the fixture does not listen".to_owned())) };
                self.until(exchange, |exchange| exchange.frames.len() >= *count).await
            }
            Step::EndSession => {
                let exchange = self.record(ENDS_SESSION.into());
                let message = self.outgoing(&text(""));
                if self.client.end_session(exchange, &message).await {
                    self.until(exchange, |exchange| exchange.ended).await?;
                }
                Ok(())
            }
        }
    }

    fn outgoing(&self, message: &Message) -> Outgoing {
        let setting = Setting {
            revision: self.transcript.revision,
            capabilities: &self.fixture.capabilities,
            session: self.session.as_deref(),
            captured: &self.captured,
        };
        setting.compose(message, if message.from_another { self.another } else { self.caller })
    }

    fn record(&mut self, sent: Bytes) -> usize {
        self.transcript.exchanges.push(Recorded { sent, ..Recorded::default() });
        self.transcript.exchanges.len() - 1
    }

    async fn send(&mut self, message: &Message, open: bool) -> usize {
        let outgoing = self.outgoing(message);
        let exchange = self.record(outgoing.bytes.clone());
        self.transcript.exchanges[exchange].open = open;
        self.client.send(exchange, &outgoing).await;
        exchange
    }

    /// The last exchange whose request has this id.
    fn started(&self, id: &str) -> Result<usize, Broken> {
        let found = self.transcript.exchanges.iter().rposition(|exchange| Shape::of(&exchange.sent).id.as_deref() == Some(id));
        found.ok_or_else(|| Broken::Other(format!("the fixture starts no request with the id {id}")))
    }

    async fn answered(&mut self, exchange: usize) -> Result<(), Broken> {
        let wire = self.transcript.wire;
        let certain = silence::has_an_answer(&self.transcript.exchanges[exchange].sent, self.transcript.revision);
        if self.patience.asks && !wire.kind().tells_ends() && !certain {
            return self.answered_or_passed_over(exchange).await;
        }
        self.until(exchange, |exchange| match wire.kind() {
            Wire::Stdio | Wire::Pipes => exchange.is_answered(),
            Wire::HttpSse => exchange.ended && exchange.is_answered(),
            _ => exchange.ended,
        })
        .await?;
        self.transcript.exchanges[exchange].open = false;
        Ok(())
    }

    /// Asks as often as it takes to be sure that a message has no answer.
    async fn answered_or_passed_over(&mut self, exchange: usize) -> Result<(), Broken> {
        for _ in 0..silence::QUESTIONS {
            if self.transcript.exchanges[exchange].is_answered() {
                break;
            }
            self.asked += 1;
            let question = request(silence::id(self.asked), silence::question(self.transcript.revision), "");
            let outgoing = self.outgoing(&question);
            self.client.send(exchange, &outgoing).await;
            while self.replied < self.asked && !self.transcript.exchanges[exchange].is_answered() {
                match self.wait(exchange).await {
                    Ok(()) => {}
                    Err(Broken::Silence(why)) => return Err(Broken::Other(format!("{why}, nor to what was asked after it"))),
                    Err(Broken::Other(why)) => return Err(Broken::Other(format!("{why}, when it was asked whether it is there"))),
                }
            }
        }
        let exchange = &mut self.transcript.exchanges[exchange];
        exchange.passed_over = !exchange.is_answered();
        exchange.open = false;
        Ok(())
    }

    async fn until(&mut self, exchange: usize, done: impl Fn(&Recorded) -> bool) -> Result<(), Broken> {
        while !done(&self.transcript.exchanges[exchange]) {
            self.wait(exchange).await?;
        }
        Ok(())
    }

    /// Takes the next thing that comes, for want of something that belongs to this exchange.
    async fn wait(&mut self, exchange: usize) -> Result<(), Broken> {
        let patience = if self.heard { self.patience.quiet } else { self.patience.opening };
        let Ok(event) = tokio::time::timeout(patience, self.client.next()).await else {
            let sent = crate::transcript::shown(&self.transcript.exchanges[exchange].sent);
            return Err(Broken::Silence(format!("nothing came within {patience:?} in answer to {sent}")));
        };
        self.heard = true;
        self.take(event)
    }

    fn take(&mut self, event: Event) -> Result<(), Broken> {
        match event {
            Event::Head { exchange, head } => {
                if let Some(session) = head.header("mcp-session-id") {
                    self.session = Some(session.to_owned());
                }
                self.transcript.exchanges[exchange].head = Some(head);
            }
            Event::Outcome { exchange, outcome } => {
                if let Outcome::Opened { session } = &outcome {
                    self.session = Some(session.clone());
                }
                self.transcript.exchanges[exchange].outcome = Some(outcome);
            }
            Event::Frame { exchange, frame } => {
                if self.asked > 0 && silence::is_reply(&frame) {
                    self.replied += 1;
                    return Ok(());
                }
                self.capture(&frame);
                if exchange.is_none() && self.news.is_none() && is_news(&Shape::of(&frame)) {
                    // As `allowed::UNHEARD` says.
                    return Ok(());
                }
                match exchange.or_else(|| self.owner(&frame)) {
                    Some(exchange) => self.transcript.exchanges[exchange].push(frame),
                    None => self.transcript.stray.push(frame),
                }
            }
            Event::Framing { exchange, line } => {
                if let Some(exchange) = exchange.or(self.transcript.exchanges.len().checked_sub(1)) {
                    self.transcript.exchanges[exchange].framing.push(line);
                }
            }
            Event::End { exchange } => self.transcript.exchanges[exchange].ended = true,
            Event::Closed => return Err(Broken::Other("the server closed the connection".to_owned())),
            Event::Broken(why) => return Err(Broken::Other(why)),
        }
        Ok(())
    }

    /// The exchange that a frame on a shared channel belongs to.
    fn owner(&self, frame: &[u8]) -> Option<usize> {
        let shape = Shape::of(frame);
        let exchanges = &self.transcript.exchanges;
        let last = |is_it: &dyn Fn(&Recorded) -> bool| exchanges.iter().rposition(|exchange| exchange.open && is_it(exchange));
        if shape.is_answer {
            let waiting = |exchange: &Recorded| !exchange.is_answered();
            let sent = |exchange: &Recorded| Shape::of(&exchange.sent).id;
            let Some(id) = &shape.id else { return last(&waiting) };
            let named = last(&|exchange| waiting(exchange) && sent(exchange).as_ref() == Some(id));
            // What cannot be read here may have been read there.
            let unreadable = || last(&|exchange| waiting(exchange) && sent(exchange).is_none());
            // An id that is written otherwise, or is another one, answers the only message that waits: that it differs shows.
            let only = || last(&waiting).filter(|_| exchanges.iter().filter(|exchange| exchange.open && waiting(exchange)).count() == 1);
            return named.or_else(unreadable).or_else(only);
        }
        if let Some(token) = &shape.progress_token {
            let named = format!("\"progressToken\":{token}");
            return last(&|exchange| String::from_utf8_lossy(&exchange.sent).contains(&named));
        }
        if let Some(id) = &shape.subscription {
            return last(&|exchange| Shape::of(&exchange.sent).id.as_ref() == Some(id));
        }
        if is_news(&shape) { self.news } else { last(&|exchange| !exchange.is_answered()) }
    }

    /// Keeps what the server sent by the names that messages may use.
    fn capture(&mut self, frame: &[u8]) {
        let text = String::from_utf8_lossy(frame);
        for name in ["requestState", "nextCursor", "taskId"] {
            let opening = format!("\"{name}\":\"");
            if let Some((_, rest)) = text.split_once(&opening)
                && let Some((value, _)) = rest.split_once('"')
            {
                self.captured.insert(name, value.to_owned());
            }
        }
        let shape = Shape::of(frame);
        if let (Some(_), Some(id)) = (shape.method, shape.id) {
            self.captured.insert("question", id);
        }
    }
}

/// Whether a frame tells of a change to whoever listens.
fn is_news(shape: &Shape) -> bool {
    let method = shape.method.as_deref().unwrap_or_default();
    shape.subscription.is_none() && (method.ends_with("list_changed") || method.ends_with("resources/updated"))
}

/// Whether a fixture can be put to the plain adapter.
pub(crate) fn fits_plain(fixture: &Fixture) -> bool {
    let captured = BTreeMap::new();
    let setting = Setting { revision: Revision::LATEST, capabilities: "", session: None, captured: &captured };
    !fixture.steps.is_empty()
        && fixture.session
        && fixture.capabilities.is_empty()
        && fixture.steps.iter().all(|step| match step {
            Step::Call(message) => setting.compose(message, 0).plain.is_some(),
            Step::Together(messages) => messages.iter().all(|message| setting.compose(message, 0).plain.is_some()),
            _ => false,
        })
        && !fixture.steps.iter().any(|step| matches!(step, Step::Call(Message { body: Body::Raw(_), plain: None, .. })))
}
