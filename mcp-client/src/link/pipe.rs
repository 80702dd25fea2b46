//! stdio, and any other pair of byte streams: one message a line
//! (2026-07-28, basic/transports/stdio).

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::lines::{Line, Lines};
use super::{Link, Outgoing, Owned, Process, ask};
use crate::error::{Error, Result};
use crate::router::{Outbound, Router};
use crate::wire::Answer;

/// Most messages that wait to be written. A caller waits when the server reads slowly.
const MOST_WAITING: usize = 64;

/// A connection over a pair of byte streams.
pub(crate) struct Pipe {
    router: Arc<Router>,
    writing: Arc<Writing>,
    closing: watch::Sender<bool>,
    writer: Mutex<Option<JoinHandle<()>>>,
    _reader: Owned,
    process: Mutex<Option<Process>>,
    patience: Duration,
}

/// The way to the task that writes, which keeps a message whole when its sender leaves.
struct Writing(mpsc::Sender<Bytes>);

#[async_trait]
impl Outbound for Writing {
    async fn send(&self, frame: Bytes) -> Result<()> {
        self.0.send(frame).await.map_err(|_| Error::Closed("the server no longer reads".to_owned()))
    }
}

impl Pipe {
    /// Starts to read and to write. `patience` is for the end of the process.
    pub(crate) fn start<R, W>(reader: R, writer: W, process: Option<Process>, router: Arc<Router>, limit: usize, patience: Duration) -> Self
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (frames, waiting) = mpsc::channel(MOST_WAITING);
        let (closing, closed) = watch::channel(false);
        let writing = Arc::new(Writing(frames));
        let writer = tokio::spawn(write(writer, waiting, closed, Arc::clone(&router)));
        let outbound: Arc<dyn Outbound> = Arc::clone(&writing) as _;
        let reader = Owned::spawn(read(Lines::new(reader, limit), Arc::clone(&router), outbound));
        Self { router, writing, closing, writer: Mutex::new(Some(writer)), _reader: reader, process: Mutex::new(process), patience }
    }
}

#[async_trait]
impl Link for Pipe {
    async fn request(&self, request: &Outgoing<'_>) -> Result<Answer> {
        ask(&self.router, &*self.writing, request).await
    }

    async fn notify(&self, frame: Bytes) -> Result<()> {
        self.writing.send(frame).await
    }

    fn cancel(&self, frame: Bytes) {
        let Err(TrySendError::Full(frame)) = self.writing.0.try_send(frame) else { return };
        // There are no more of these than calls that were under way. A call that is dropped outside of the runtime ends with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let writing = Arc::clone(&self.writing);
        runtime.spawn(async move { writing.send(frame).await });
    }

    async fn close(&self) {
        self.closing.send_replace(true);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut writer) = writer
            && timeout(self.patience, &mut writer).await.is_err()
        {
            writer.abort();
        }
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(process) = process {
            process.end(self.patience).await;
        }
        self.router.ended("this client closed it");
    }
}

/// Writes messages until the connection closes, and then those that wait already.
async fn write<W: AsyncWrite + Unpin>(
    mut writer: W,
    mut waiting: mpsc::Receiver<Bytes>,
    mut closing: watch::Receiver<bool>,
    router: Arc<Router>,
) {
    let mut batch = BytesMut::new();
    loop {
        // An error says that the connection was dropped.
        let closed = async { drop(closing.wait_for(|closing| *closing).await) };
        let first = tokio::select! {
            biased;
            frame = waiting.recv() => frame,
            () = closed => {
                waiting.close();
                waiting.try_recv().ok()
            }
        };
        let Some(first) = first else { break };
        router.show(|observer| observer.sent(&first));
        push_line(&mut batch, &first);
        while let Ok(next) = waiting.try_recv() {
            router.show(|observer| observer.sent(&next));
            push_line(&mut batch, &next);
        }
        let written = async { writer.write_all(&batch).await.and(writer.flush().await) };
        if let Err(error) = written.await {
            tracing::debug!(%error, "the server no longer reads");
            return;
        }
        batch.clear();
    }
    if let Err(error) = writer.shutdown().await {
        tracing::debug!(%error, "the server's input could not be closed");
    }
}

fn push_line(batch: &mut BytesMut, frame: &[u8]) {
    batch.extend_from_slice(frame);
    batch.extend_from_slice(b"\n");
}

/// Reads messages until the server closes its output. Never waits for anything else, so that a
/// server that is kept waiting is never this side's doing.
async fn read<R: AsyncRead + Unpin>(mut lines: Lines<R>, router: Arc<Router>, outbound: Arc<dyn Outbound>) {
    let why = loop {
        match lines.next().await {
            Ok(Some(Line::Message(line))) if line.iter().all(u8::is_ascii_whitespace) => {}
            Ok(Some(Line::Message(line))) => drop(router.receive(&line, &outbound, None)),
            Ok(Some(Line::TooLong(answered))) => router.lost(&answered, "the server sent a message that is larger than this client reads"),
            Ok(None) => break "the server closed its output".to_owned(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break format!("the server's output cannot be read: {error}"),
        }
    };
    router.ended(&why);
}
