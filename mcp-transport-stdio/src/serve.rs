//! Serving one client over a pair of byte streams.

use std::future::Future;
use std::io::{self, Read, Write};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use mcp_core::{Connection, Dispatcher, Exchange, Outlet, Principal, Reply, Started, Transport};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::lines::{Line, Lines};
use crate::output::{Output, broken_pipe};
use crate::patient::Patient;
use crate::stdout::{no_room, room_of};

/// How long a client may read nothing of what is left for it after its last call has ended.
const STALLED: Duration = Duration::from_secs(5);

/// How a client is served.
#[derive(Clone, Debug)]
pub struct Options {
    /// Who the client is.
    pub principal: Principal,
    /// How long calls that run may take after the end of input. Default 10 seconds.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { principal: Principal::local(), drain: Duration::from_secs(10) }
    }
}

/// Serves the client that launched this process, over its standard streams, until the end of
/// input or until `shutdown` completes.
///
/// # Errors
/// When the standard streams cannot be taken or read.
pub async fn serve_stdio(dispatcher: Dispatcher, options: Options, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_stdio_from(dispatcher, options, standard_input(), shutdown).await
}

/// The same for a client whose input is read from elsewhere, as from what somebody has begun to read of [`standard_input`].
///
/// # Errors
/// When the standard output cannot be taken or the input cannot be read.
pub async fn serve_stdio_from<R: Read + Send + 'static>(
    dispatcher: Dispatcher,
    options: Options,
    input: R,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let wire = crate::claim_stdout()?;
    let room = room_of(&wire);
    serve_with(dispatcher, options, input, (Patient(wire), room), shutdown).await
}

/// The standard input, which waits also where another process has made it non-blocking.
pub fn standard_input() -> impl Read + Send + 'static {
    Patient(io::stdin())
}

/// Serves one client over any reader and writer, until the end of input or until `shutdown` completes.
///
/// Both are used from threads of their own, so they may block. After the end of input, calls that
/// run are let finish for as long as [`Options::drain`] says, and what they said is written for as long as the client reads.
///
/// # Errors
/// When a thread cannot be started or the reader fails.
pub async fn serve<R, W>(
    dispatcher: Dispatcher,
    options: Options,
    reader: R,
    writer: W,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
{
    serve_with(dispatcher, options, reader, (writer, no_room), shutdown).await
}

/// As [`serve`], with what tells how many bytes the writer takes without making anybody wait.
async fn serve_with<R, W>(
    dispatcher: Dispatcher,
    options: Options,
    reader: R,
    (writer, room): (W, fn(&W) -> usize),
    shutdown: impl Future<Output = ()>,
) -> io::Result<()>
where
    R: Read + Send + 'static,
    W: Write + Send + 'static,
{
    let outlet = Outlet::new();
    let connection = Connection::new();
    let output = Output::new(writer, room, outlet.clone());
    let (written, all_written) = oneshot::channel();
    let pump = {
        let output = Arc::clone(&output);
        thread::Builder::new().name("mcp-stdio-write".to_owned()).spawn(move || {
            output.pump();
            // Nobody waits when serving has ended by an error.
            let _ = written.send(());
        })?
    };
    tokio::spawn({
        let (output, pump) = (Arc::clone(&output), pump.thread().clone());
        async move { output.deliver(&pump).await }
    });
    let news = tokio::spawn(dispatcher.connection_news(Arc::clone(&connection), &options.principal, outlet.clone()));
    let (running, mut all_done) = mpsc::channel::<()>(1);
    let (waiting, calls) = mpsc::unbounded_channel();
    tokio::spawn(start(calls, outlet.clone(), running));
    let (read, all_read) = oneshot::channel();
    let reading = Reading {
        lines: Lines::new(reader, dispatcher.limits().max_message_bytes),
        exchange: Exchange::on_connection(Arc::clone(&connection), options.principal.clone(), Transport::Stdio, outlet.clone()),
        dispatcher: dispatcher.clone(),
        output: Arc::clone(&output),
        pump: pump.thread().clone(),
        runtime: Handle::current(),
        waiting,
    };
    thread::Builder::new().name("mcp-stdio-read".to_owned()).spawn(move || {
        // Nobody waits when serving was shut down.
        let _ = read.send(reading.run());
    })?;

    let mut shutdown = pin!(shutdown);
    let (ended, is_asked_to_stop) = tokio::select! {
        ended = all_read => (ended.unwrap_or_else(|_| Err(io::Error::other("the reading thread panicked"))), false),
        () = &mut shutdown => (Ok(()), true),
    };
    output.end_of_input();
    dispatcher.input_ended(&connection);
    // Every running call holds a sender, and so does what starts them until the reading thread has ended; receiving ends when the last is
    // done. After a shutdown that thread goes on, for it cannot be woken, so the calls are counted instead.
    let drained = async {
        tokio::select! {
            _ = all_done.recv() => {}
            () = idle(&dispatcher) => {}
        }
    };
    if tokio::time::timeout(options.drain, drained).await.is_err() {
        tracing::warn!("calls were still running {:?} after the end of input; they were cancelled", options.drain);
    }
    dispatcher.disconnected(&connection);
    news.abort();
    outlet.close();
    // Whoever wants the process to end waits no longer for a slow client than for a slow call.
    let no_longer = async {
        if !is_asked_to_stop {
            shutdown.await;
        }
        tokio::time::sleep(options.drain).await;
    };
    tokio::select! {
        () = all_is_read(&output, all_written) => {}
        () = no_longer => {}
    }
    ended
}

/// Completes when all is written, or when the client has stopped to read.
async fn all_is_read<W: Write>(output: &Output<W>, mut all_written: oneshot::Receiver<()>) {
    loop {
        let before = output.written();
        if tokio::time::timeout(STALLED, &mut all_written).await.is_ok() {
            return;
        }
        if output.written() == before {
            tracing::warn!("the client has read nothing for {STALLED:?}; what was left for it is lost");
            return;
        }
    }
}

/// Completes when no call is running.
async fn idle(dispatcher: &Dispatcher) {
    while dispatcher.in_flight() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What the reading thread owns.
struct Reading<R, W> {
    lines: Lines<R>,
    exchange: Exchange,
    dispatcher: Dispatcher,
    output: Arc<Output<W>>,
    pump: thread::Thread,
    runtime: Handle,
    /// Calls that have to wait, on their way to the runtime. There are no more than may run at a time.
    waiting: mpsc::UnboundedSender<Started>,
}

impl<R: Read, W: Write + Send + 'static> Reading<R, W> {
    /// Reads and answers until the end of input.
    fn run(mut self) -> io::Result<()> {
        let runtime = self.runtime.clone();
        let _context = runtime.enter();
        while let Some(line) = self.lines.next_line()? {
            match line {
                Line::Message(frame) if frame.trim_ascii().is_empty() => {}
                Line::Message(frame) => self.answer(&frame),
                Line::TooLong => self.write(&Reply::too_large(self.dispatcher.limits().max_message_bytes)),
            }
            if self.output.has_failed() {
                return Err(broken_pipe());
            }
        }
        self.output.flush();
        Ok(())
    }

    fn answer(&self, frame: &bytes::Bytes) {
        let mut started = self.dispatcher.start(frame, &self.exchange);
        if started.is_elsewhere() {
            return self.wait_for(started);
        }
        match std::pin::Pin::new(&mut started).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(reply) => self.write(&reply),
            Poll::Pending => self.wait_for(started),
        }
    }

    fn write(&self, reply: &Reply) {
        self.output.reply(&reply.body, self.lines.has_buffered_line(), &self.pump);
    }

    /// Lets a call go on in the runtime.
    fn wait_for(&self, started: Started) {
        // Only a runtime that is shut down receives nothing more.
        let _ = self.waiting.send(started);
        if self.output.holds_back() && !self.lines.has_buffered_line() {
            self.output.flush();
        }
    }
}

/// Makes tasks of the calls that have to wait. The reading thread wakes this one task for as many as come at once, which costs less than
/// waking the runtime for each.
async fn start(mut calls: mpsc::UnboundedReceiver<Started>, outlet: Outlet, running: mpsc::Sender<()>) {
    while let Some(started) = calls.recv().await {
        let (outlet, running) = (outlet.clone(), running.clone());
        tokio::spawn(async move {
            let reply = pin!(started).await;
            if !reply.body.is_empty() {
                // A client that has left is no longer waiting.
                let _ = outlet.send(reply.body).await;
            }
            drop(running);
        });
    }
}
