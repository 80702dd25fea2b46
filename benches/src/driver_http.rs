//! Asks over HTTP/1.1: on one connection, or on many keep-alive connections at once.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Instant,
};

use mio::{Events, Interest, Poll, Token};

use crate::{
    Doing, Error, Result,
    answer::{Checker, check_initialize, wrong},
    http::{Response, parse, post, protocol_headers},
    process::{PATIENCE, Server},
    sampling::{Plan, Sample, Stopwatch},
    workload::{Call, INITIALIZED, Ids, Request, Revision, Workload, initialize},
};

const BUFFER_BYTES: usize = 64 * 1024;

/// A keep-alive connection whose client waits for every answer.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    /// Headers that every request has besides those of the protocol.
    headers: String,
    input: Input,
}

impl Connection {
    /// Connects to a server.
    ///
    /// # Errors
    /// [`Error::Io`] if it does not accept.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).doing(format!("connecting to {address}"))?;
        stream.set_nodelay(true).doing("setting TCP_NODELAY")?;
        stream.set_read_timeout(Some(PATIENCE)).doing("setting a time-out")?;
        Ok(Self { stream, address, headers: String::new(), input: Input::default() })
    }

    /// Sends headers with every request from now on, each with the end of its line.
    #[must_use]
    pub fn with_headers(mut self, headers: &str) -> Self {
        headers.clone_into(&mut self.headers);
        self
    }

    /// Opens a legacy session, and returns its id if the server keeps one.
    ///
    /// # Errors
    /// When the server does not answer the handshake.
    pub fn open_session(&mut self) -> Result<Option<String>> {
        let body = initialize();
        let request = [post(self.address, body.len(), &self.headers), body].concat();
        let session = self.exchange(&request, |response| {
            check_status(&response, &[200])?;
            check_initialize(&response.body)?;
            Ok(response.session.map(str::to_owned))
        })?;
        let headers = protocol_headers(Revision::Legacy, Call::List, session.as_deref()) + &self.headers;
        let request = [post(self.address, INITIALIZED.len(), &headers), INITIALIZED.to_vec()].concat();
        self.exchange(&request, |response| check_status(&response, &[202, 200, 204]))?;
        Ok(session)
    }

    /// The request that makes `call` here, in a session of its own if `revision` has any.
    ///
    /// # Errors
    /// When the server does not answer the handshake.
    pub fn prepare(&mut self, call: Call, revision: Revision) -> Result<Request> {
        let session = match revision {
            Revision::Legacy => self.open_session()?,
            Revision::Modern => None,
        };
        let headers = protocol_headers(revision, call, session.as_deref()) + &self.headers;
        let body = call.request(revision);
        let head = post(self.address, body.as_bytes().len(), &headers);
        Ok(body.after(head))
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// When none comes, or `read` does not accept it.
    pub fn exchange<T>(&mut self, request: &[u8], read: impl FnOnce(Response<'_>) -> Result<T>) -> Result<T> {
        self.stream.write_all(request).doing("writing to the server")?;
        let mut read = Some(read);
        loop {
            match self.input.fill(&mut self.stream)? {
                Filled::Something => {}
                Filled::Nothing => {
                    return Err(Error::Silent("the server stopped answering".into()));
                }
            }
            let answer = self.input.take(|response| read.take().map(|read| read(response)))?;
            if let Some(answer) = answer.flatten() {
                return answer;
            }
        }
    }

    /// Makes the call under `id` and checks the answer.
    ///
    /// # Errors
    /// When the answer is wrong or does not come.
    pub fn ask(&mut self, request: &mut Request, id: u32, checker: &mut Checker) -> Result<()> {
        self.exchange(request.with_id(id), |response| check_answer(&response, id, checker))
    }
}

/// Keeps one request in flight on each of `connections` for as long as `plan` says.
///
/// # Errors
/// At the first answer that is wrong, was not asked for or does not come.
pub fn load(
    server: &Server,
    address: SocketAddr,
    workload: &Workload,
    revision: Revision,
    connections: usize,
    plan: Plan,
) -> Result<(Sample, usize)> {
    load_with_headers(server, address, "", workload, revision, connections, plan)
}

/// The same, with headers in every request, each with the end of its line.
///
/// # Errors
/// At the first answer that is wrong, was not asked for or does not come.
pub fn load_with_headers(
    server: &Server,
    address: SocketAddr,
    headers: &str,
    workload: &Workload,
    revision: Revision,
    connections: usize,
    plan: Plan,
) -> Result<(Sample, usize)> {
    let mut poll = Poll::new().doing("opening epoll")?;
    let mut checker = Checker::new(workload, revision);
    let mut lanes = Vec::with_capacity(connections);
    for slot in 0..connections {
        let mut connection = Connection::open(address)?.with_headers(headers);
        let request = connection.prepare(workload.call, revision)?;
        let mut lane = Lane::new(connection, request, Ids::new(slot, connections))?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut lane.stream, Token(slot), interest).doing("watching a socket")?;
        lanes.push(lane);
    }

    let mut stopwatch = Stopwatch::start(plan, server);
    for lane in &mut lanes {
        lane.send()?;
    }
    let mut events = Events::with_capacity(connections);
    loop {
        poll.poll(&mut events, Some(PATIENCE)).doing("waiting for the server")?;
        if events.is_empty() {
            return Err(Error::Silent("the server stopped answering".into()));
        }
        for event in &events {
            let lane = &mut lanes[event.token().0];
            lane.send()?;
            if lane.receive(&mut checker)? {
                let now = Instant::now();
                stopwatch.answered(lane.sent, now);
                lane.ask(now)?;
            }
        }
        if let Some(sample) = stopwatch.tick(Instant::now())? {
            return Ok((sample, checker.answer_bytes()));
        }
    }
}

/// A connection of the load, with one request in flight.
struct Lane {
    stream: mio::net::TcpStream,
    request: Request,
    ids: Ids,
    written: usize,
    sent: Instant,
    input: Input,
}

impl Lane {
    fn new(connection: Connection, mut request: Request, ids: Ids) -> Result<Self> {
        connection.stream.set_nonblocking(true).doing("unblocking a socket")?;
        request.with_id(ids.current());
        Ok(Self {
            stream: mio::net::TcpStream::from_std(connection.stream),
            request,
            ids,
            written: 0,
            sent: Instant::now(),
            input: connection.input,
        })
    }

    fn ask(&mut self, now: Instant) -> Result<()> {
        self.request.with_id(self.ids.advance());
        self.written = 0;
        self.sent = now;
        self.send()
    }

    fn send(&mut self) -> Result<()> {
        while let rest @ [_, ..] = &self.request.as_bytes()[self.written..] {
            match self.stream.write(rest) {
                Ok(length) => self.written += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).doing("writing to the server"),
            }
        }
        Ok(())
    }

    /// Reads what has arrived, and says whether that completed the answer.
    ///
    /// Nothing more can arrive before the next request, so a complete answer needs no read that would block.
    fn receive(&mut self, checker: &mut Checker) -> Result<bool> {
        let id = self.ids.current();
        while let Filled::Something = self.input.fill(&mut self.stream)? {
            if let Some(checked) = self.input.take(|response| check_answer(&response, id, checker))? {
                return checked.map(|()| true);
            }
        }
        Ok(false)
    }
}

fn check_status(response: &Response<'_>, expected: &[u16]) -> Result<()> {
    if expected.contains(&response.status) {
        return Ok(());
    }
    Err(wrong(format!("its status is {}", response.status), &response.body))
}

fn check_answer(response: &Response<'_>, id: u32, checker: &mut Checker) -> Result<()> {
    check_status(response, &[200])?;
    if checker.check(&response.body)? != id {
        return Err(wrong("its id is not in flight on this connection", &response.body));
    }
    Ok(())
}

/// What has been read of a response that is not complete yet.
#[derive(Debug)]
struct Input {
    buffer: Vec<u8>,
    filled: usize,
}

enum Filled {
    Something,
    Nothing,
}

impl Default for Input {
    fn default() -> Self {
        Self { buffer: vec![0; BUFFER_BYTES], filled: 0 }
    }
}

impl Input {
    fn fill(&mut self, stream: &mut impl Read) -> Result<Filled> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        loop {
            match stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Err(Error::Silent("the server closed the connection".into())),
                Ok(length) => {
                    self.filled += length;
                    return Ok(Filled::Something);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Filled::Nothing),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).doing("reading from the server"),
            }
        }
    }

    /// Hands over the response once it is complete.
    fn take<T>(&mut self, read: impl FnOnce(Response<'_>) -> T) -> Result<Option<T>> {
        let filled = &self.buffer[..self.filled];
        let Some(response) = parse(filled)? else {
            return Ok(None);
        };
        if response.length != filled.len() {
            return Err(wrong("the server speaks without being asked", &filled[response.length..]));
        }
        let taken = read(response);
        self.filled = 0;
        Ok(Some(taken))
    }
}
