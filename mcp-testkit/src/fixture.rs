//! What is said to a server, as data.

use std::borrow::Cow;

use mcp_core::Revision;

use crate::wire::Wire;

/// One line of the manifest: a conversation that must read the same on every wire.
#[derive(Clone, Debug)]
pub struct Fixture {
    pub(crate) name: Cow<'static, str>,
    pub(crate) spec: &'static str,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) session: bool,
    pub(crate) capabilities: Cow<'static, str>,
    pub(crate) steps: Vec<Step>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) needs_headers: Option<&'static str>,
    /// Whether it is the same for every caller, so that one is enough.
    pub(crate) for_anybody: bool,
}

/// Wires on which a fixture cannot mean the same, and why.
#[derive(Clone, Debug)]
pub struct Exception {
    pub(crate) wires: Vec<Wire>,
    pub(crate) revisions: Vec<Revision>,
    /// Why.
    pub reason: &'static str,
}

/// One step of a conversation.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Sends a message and waits for its answer.
    Call(Message),
    /// Sends a message that has no answer.
    Tell(Message),
    /// Sends a message and waits until it has led to this many frames, the answer not among them.
    Start(Message, usize),
    /// Waits for the answer to the request that was started with this id.
    Finish(&'static str),
    /// Waits until the request that was started with this id has led to this many frames.
    Frames(&'static str, usize),
    /// Waits until the request with this id is given up without an answer, where that shows.
    Gone(&'static str),
    /// Sends messages at once and waits for all answers.
    Together(Vec<Message>),
    /// Opens the stream on which a session hears news, where that is a stream of its own.
    Listen,
    /// Waits until this many pieces of news have come.
    News(usize),
    /// Ends the session, where sessions are named in headers.
    EndSession,
}

/// One message to a server.
#[derive(Clone, Debug)]
pub struct Message {
    pub(crate) body: Body,
    pub(crate) headers: Vec<(Cow<'static, str>, Option<Cow<'static, str>>)>,
    /// Whether somebody else sends it.
    pub(crate) from_another: bool,
    /// The tool to whose page of the plain adapter these bytes may be posted.
    pub(crate) plain: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Request {
        id: Cow<'static, str>,
        method: Cow<'static, str>,
        params: Cow<'static, str>,
        progress: Option<&'static str>,
        log: Option<&'static str>,
    },
    Raw(Cow<'static, [u8]>),
}

/// A request: its id as JSON, its method, and the members of its `params`.
///
/// What the revision demands in `_meta` is added.
pub fn request(id: impl Into<Cow<'static, str>>, method: impl Into<Cow<'static, str>>, params: impl Into<Cow<'static, str>>) -> Message {
    Message::new(Body::Request { id: id.into(), method: method.into(), params: params.into(), progress: None, log: None })
}

/// A call of a tool: id and arguments as JSON.
pub fn call(id: impl Into<Cow<'static, str>>, tool: &str, arguments: &str) -> Message {
    request(id, "tools/call", format!(r#""name":"{tool}","arguments":{arguments}"#))
}

/// The bytes of a message.
///
/// In text, `$meta` stands for the `_meta` member that the revision demands, and
/// `$requestState`, `$nextCursor`, `$taskId` and `$question` for what the server last sent by that name.
pub fn raw(bytes: impl Into<Cow<'static, [u8]>>) -> Message {
    Message::new(Body::Raw(bytes.into()))
}

/// The text of a message; see [`raw`].
pub fn text(text: impl Into<String>) -> Message {
    raw(text.into().into_bytes())
}

impl Message {
    fn new(body: Body) -> Self {
        Self { body, headers: Vec::new(), from_another: false, plain: None }
    }

    /// Asks for progress under this token.
    #[must_use]
    pub fn progress(mut self, token: &'static str) -> Self {
        if let Body::Request { progress, .. } = &mut self.body {
            *progress = Some(token);
        }
        self
    }

    /// Asks for log messages at least this severe, in the revisions where a request says so.
    #[must_use]
    pub fn log(mut self, level: &'static str) -> Self {
        if let Body::Request { log, .. } = &mut self.body {
            *log = Some(level);
        }
        self
    }

    /// Replaces a header; only wires with headers send it.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name.into(), Some(value.into())));
        self
    }

    /// Leaves out a header.
    #[must_use]
    pub fn without_header(mut self, name: &'static str) -> Self {
        self.headers.push((name.into(), None));
        self
    }

    /// Has another caller send it.
    #[must_use]
    pub fn from_another(mut self) -> Self {
        self.from_another = true;
        self
    }

    /// Lets these bytes be posted to the page of a tool on the plain adapter.
    #[must_use]
    pub fn also_plain(mut self, tool: &'static str) -> Self {
        self.plain = Some(tool);
        self
    }
}

impl Fixture {
    /// A fixture without steps, for every revision; `spec` links to the passage it follows from.
    pub fn new(name: impl Into<Cow<'static, str>>, spec: &'static str) -> Self {
        Self {
            name: name.into(),
            spec,
            revisions: Revision::ALL.to_vec(),
            session: true,
            capabilities: Cow::Borrowed(""),
            steps: Vec::new(),
            exceptions: Vec::new(),
            needs_headers: None,
            for_anybody: false,
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The passage it follows from.
    pub fn spec(&self) -> &str {
        self.spec
    }

    /// The revisions it is for.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// Whether a session is opened first, where there are sessions.
    pub fn opens_session(&self) -> bool {
        self.session
    }

    /// Whether it is the same for every caller.
    pub fn is_for_anybody(&self) -> bool {
        self.for_anybody
    }

    /// Whether another caller takes part.
    pub(crate) fn is_for_two(&self) -> bool {
        let foreign = |message: &Message| message.from_another;
        self.steps.iter().any(|step| match step {
            Step::Call(message) | Step::Tell(message) | Step::Start(message, _) => foreign(message),
            Step::Together(messages) => messages.iter().any(foreign),
            _ => false,
        })
    }

    /// Only for the revisions that open with `initialize`.
    #[must_use]
    pub fn legacy(self) -> Self {
        self.only(|revision| !revision.is_modern())
    }

    /// Only for the stateless revisions.
    #[must_use]
    pub fn modern(self) -> Self {
        self.only(Revision::is_modern)
    }

    /// Only for some revisions.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(Revision) -> bool) -> Self {
        self.revisions.retain(|&revision| wanted(revision));
        self
    }

    /// Without opening a session first.
    #[must_use]
    pub fn without_session(mut self) -> Self {
        self.session = false;
        self
    }

    /// For the first caller only, because it does not matter who calls.
    #[must_use]
    pub fn for_anybody(mut self) -> Self {
        self.for_anybody = true;
        self
    }

    /// As a client that declares these capabilities: the members of the object.
    #[must_use]
    pub fn capabilities(mut self, members: &'static str) -> Self {
        self.capabilities = Cow::Borrowed(members);
        self
    }

    /// Only where messages have headers, and why.
    #[must_use]
    pub fn with_headers(mut self, reason: &'static str) -> Self {
        self.needs_headers = Some(reason);
        self
    }

    /// Not on some wires, and why.
    #[must_use]
    pub fn except(self, wires: &[Wire], reason: &'static str) -> Self {
        self.except_in(wires, |_| true, reason)
    }

    /// Not on some wires in some revisions, and why.
    #[must_use]
    pub fn except_in(mut self, wires: &[Wire], revisions: impl Fn(Revision) -> bool, reason: &'static str) -> Self {
        let revisions = Revision::ALL.into_iter().filter(|&revision| revisions(revision)).collect();
        self.exceptions.push(Exception { wires: wires.to_vec(), revisions, reason });
        self
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Sends a message and waits for its answer.
    #[must_use]
    pub fn call(self, message: Message) -> Self {
        self.step(Step::Call(message))
    }

    /// Sends a message that has no answer.
    #[must_use]
    pub fn tell(self, message: Message) -> Self {
        self.step(Step::Tell(message))
    }

    /// Sends a message and waits until it has led to `frames` frames besides its answer.
    #[must_use]
    pub fn start(self, message: Message, frames: usize) -> Self {
        self.step(Step::Start(message, frames))
    }

    /// Waits for the answer to the request that was started with this id.
    #[must_use]
    pub fn finish(self, id: &'static str) -> Self {
        self.step(Step::Finish(id))
    }

    /// Waits until the request that was started with this id has led to `frames` frames in all.
    #[must_use]
    pub fn frames(self, id: &'static str, frames: usize) -> Self {
        self.step(Step::Frames(id, frames))
    }

    /// Expects no answer any more to the request that was started with this id.
    #[must_use]
    pub fn gone(self, id: &'static str) -> Self {
        self.step(Step::Gone(id))
    }

    /// Sends messages at once and waits for all answers.
    #[must_use]
    pub fn together(self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.step(Step::Together(messages.into_iter().collect()))
    }

    /// Opens the stream on which a session hears news, where that is a stream of its own.
    #[must_use]
    pub fn listen(self) -> Self {
        self.step(Step::Listen)
    }

    /// Waits until so many pieces of news have come.
    #[must_use]
    pub fn news(self, count: usize) -> Self {
        self.step(Step::News(count))
    }

    /// Ends the session, where sessions are named in headers.
    #[must_use]
    pub fn end_session(self) -> Self {
        self.step(Step::EndSession)
    }

    fn waits_for_notifications(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Start(_, 1..) | Step::News(_)))
    }

    /// Why the fixture does not run on a wire in a revision; `None` if it does.
    pub fn excluded(&self, wire: Wire, revision: Revision) -> Option<&'static str> {
        if let Some(reason) = self.needs_headers
            && !wire.has_headers()
        {
            return Some(reason);
        }
        if wire.drops_notifications() && self.waits_for_notifications() {
            return Some("the fixture goes by notifications, which have nowhere to go on this wire");
        }
        if wire == Wire::Plain && !crate::play::fits_plain(self) {
            return Some("the plain adapter has tools only");
        }
        // What holds for a wire holds at a front that is spoken to in the same way.
        let named = |exception: &Exception| exception.wires.iter().any(|other| [wire, wire.kind()].contains(other));
        let exception = self.exceptions.iter().find(|exception| named(exception) && exception.revisions.contains(&revision));
        exception.map(|exception| exception.reason)
    }
}
