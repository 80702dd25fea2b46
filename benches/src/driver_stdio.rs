//! Asks over pipes: one at a time, or with a window of requests in flight.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    process::{ChildStdin, ChildStdout},
    time::Instant,
};

use mio::{
    Events, Interest, Poll, Token,
    unix::pipe::{Receiver, Sender},
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{
    Doing, Error, Result,
    answer::{Checker, check_initialize, wrong},
    process::{PATIENCE, Pipes, Server},
    sampling::{Plan, Sample, Stopwatch},
    workload::{INITIALIZED, Ids, Request, Revision, Workload, initialize},
};

const BUFFER_BYTES: usize = 1 << 20;

/// A client that waits for every answer.
#[derive(Debug)]
pub struct Connection {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Connection {
    /// Opens the conversation as `revision` demands.
    ///
    /// # Errors
    /// When the server does not answer the handshake.
    pub fn open(pipes: Pipes, revision: Revision) -> Result<Self> {
        let mut connection = Self { to: pipes.to, from: BufReader::new(pipes.from) };
        if revision == Revision::Legacy {
            let answer = connection.exchange(&[&initialize(), &b"\n"[..]].concat())?;
            check_initialize(&answer)?;
            connection.send(&[INITIALIZED, b"\n"].concat())?;
        }
        Ok(connection)
    }

    /// Sends a line and waits for the next.
    ///
    /// # Errors
    /// When the server does not answer.
    fn exchange(&mut self, line: &[u8]) -> Result<Vec<u8>> {
        self.send(line)?;
        let mut answer = Vec::new();
        loop {
            if self.from.buffer().is_empty() {
                self.wait()?;
            }
            let arrived = self.from.fill_buf().doing("reading from the server")?;
            if arrived.is_empty() {
                return Err(Error::Silent("the server closed its output".into()));
            }
            let end = memchr::memchr(b'\n', arrived);
            answer.extend_from_slice(&arrived[..end.unwrap_or(arrived.len())]);
            let taken = end.map_or(arrived.len(), |end| end + 1);
            self.from.consume(taken);
            if end.is_some() {
                return Ok(answer);
            }
        }
    }

    fn wait(&self) -> Result<()> {
        let patience = Timespec::try_from(PATIENCE).expect("half a minute is representable");
        let mut pipe = [PollFd::new(self.from.get_ref(), PollFlags::IN)];
        match poll(&mut pipe, Some(&patience)).map_err(io::Error::from).doing("waiting for the server")? {
            0 => Err(Error::Silent("the server stopped answering".into())),
            _ => Ok(()),
        }
    }

    /// Makes the call under `id` and checks the answer.
    ///
    /// # Errors
    /// When the answer is wrong or does not come.
    pub fn ask(&mut self, request: &mut Request, id: u32, checker: &mut Checker) -> Result<()> {
        let answer = self.exchange(request.with_id(id))?;
        if checker.check(&answer)? != id {
            return Err(wrong("its id is not in flight", &answer));
        }
        Ok(())
    }

    fn send(&mut self, line: &[u8]) -> Result<()> {
        self.to.write_all(line).doing("writing to the server")
    }

    fn into_pipes(self) -> Result<Pipes> {
        if !self.from.buffer().is_empty() {
            return Err(wrong("the server speaks without being asked", self.from.buffer()));
        }
        Ok(Pipes { to: self.to, from: self.from.into_inner() })
    }
}

/// Keeps `window` requests in flight for as long as `plan` says.
///
/// # Errors
/// At the first answer that is wrong, was not asked for or does not come.
pub fn load(server: &Server, pipes: Pipes, workload: &Workload, revision: Revision, window: usize, plan: Plan) -> Result<(Sample, usize)> {
    let pipes = Connection::open(pipes, revision)?.into_pipes()?;
    let mut poll = Poll::new().doing("opening epoll")?;
    let mut to = Sender::from(pipes.to);
    let mut from = Receiver::from(pipes.from);
    to.set_nonblocking(true).doing("unblocking a pipe")?;
    from.set_nonblocking(true).doing("unblocking a pipe")?;
    poll.registry().register(&mut to, Token(0), Interest::WRITABLE).doing("watching a pipe")?;
    poll.registry().register(&mut from, Token(1), Interest::READABLE).doing("watching a pipe")?;

    let mut lanes = Lanes::new(workload, revision, window);
    lanes.ask_all();
    let mut input = Input::default();
    let mut events = Events::with_capacity(4);
    let mut stopwatch = Stopwatch::start(plan, server);
    loop {
        lanes.write(&mut to)?;
        poll.poll(&mut events, Some(PATIENCE)).doing("waiting for the server")?;
        if events.is_empty() {
            return Err(Error::Silent("the server stopped answering".into()));
        }
        while input.fill(&mut from)? {
            let now = Instant::now();
            input.lines(|line| {
                let sent = lanes.answered(line, now)?;
                stopwatch.answered(sent, now);
                Ok(())
            })?;
            if let Some(sample) = stopwatch.tick(now)? {
                return Ok((sample, lanes.checker.answer_bytes()));
            }
            lanes.write(&mut to)?;
        }
    }
}

/// The requests in flight and those that are about to be.
struct Lanes {
    request: Request,
    checker: Checker,
    ids: Vec<Ids>,
    sent: Vec<Instant>,
    pending: Vec<u8>,
    written: usize,
}

impl Lanes {
    fn new(workload: &Workload, revision: Revision, window: usize) -> Self {
        Self {
            request: workload.call.request(revision).line(),
            checker: Checker::new(workload, revision),
            ids: (0..window).map(|slot| Ids::new(slot, window)).collect(),
            sent: vec![Instant::now(); window],
            pending: Vec::new(),
            written: 0,
        }
    }

    fn ask_all(&mut self) {
        for ids in &self.ids {
            self.pending.extend_from_slice(self.request.with_id(ids.current()));
        }
    }

    /// Checks an answer, asks again in its place, and says when it was asked for.
    fn answered(&mut self, line: &[u8], now: Instant) -> Result<Instant> {
        let id = self.checker.check(line)?;
        let slot = Ids::slot(id, self.ids.len());
        if self.ids[slot].current() != id {
            return Err(wrong("its id is not in flight", line));
        }
        self.pending.extend_from_slice(self.request.with_id(self.ids[slot].advance()));
        Ok(std::mem::replace(&mut self.sent[slot], now))
    }

    fn write(&mut self, to: &mut Sender) -> Result<()> {
        while self.written < self.pending.len() {
            match to.write(&self.pending[self.written..]) {
                Ok(length) => self.written += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).doing("writing to the server"),
            }
        }
        self.pending.clear();
        self.written = 0;
        Ok(())
    }
}

/// What has been read and not yet been taken line by line.
struct Input {
    buffer: Vec<u8>,
    filled: usize,
    drained: bool,
}

impl Default for Input {
    fn default() -> Self {
        Self { buffer: vec![0; BUFFER_BYTES], filled: 0, drained: false }
    }
}

impl Input {
    /// Reads more, or says that there is no more for now.
    fn fill(&mut self, from: &mut Receiver) -> Result<bool> {
        if std::mem::take(&mut self.drained) {
            return Ok(false);
        }
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        let room = &mut self.buffer[self.filled..];
        match from.read(room) {
            Ok(0) => Err(Error::Silent("the server closed its output".into())),
            Ok(length) => {
                // A short read has emptied the pipe, and what comes next is a new event.
                self.drained = length < room.len();
                self.filled += length;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(true),
            Err(error) => Err::<bool, io::Error>(error).doing("reading from the server"),
        }
    }

    fn lines(&mut self, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &self.buffer[..self.filled]) {
            each(&self.buffer[start..end])?;
            start = end + 1;
        }
        if start > 0 {
            self.buffer.copy_within(start..self.filled, 0);
            self.filled -= start;
        }
        Ok(())
    }
}
