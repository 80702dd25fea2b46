//! Lines to a peer and back, over anything that blocks.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::sync::mpsc as blocking;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::Event;

/// Longest line that is read, in bytes: more than any server under test has to say.
const LONGEST: u64 = 64 * 1_024 * 1_024;

/// A peer that reads and writes lines.
///
/// Blocking reads and writes happen on two threads, which end with the streams.
#[derive(Debug)]
pub(crate) struct Lines {
    /// `None` once the peer was told that there is no more.
    to_peer: Option<blocking::Sender<Bytes>>,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Lines {
    /// Talks over a pair of streams. Lines of output before one that equals `after` are dropped.
    pub(crate) fn over(output: impl Read + Send + 'static, mut input: impl Write + Send + 'static, after: Option<String>) -> Self {
        let (to_peer, lines) = blocking::channel::<Bytes>();
        std::thread::spawn(move || {
            // A peer that no longer reads has said so by ending its output.
            while let Ok(line) = lines.recv() {
                if input.write_all(&[&line[..], b"\n"].concat()).and_then(|()| input.flush()).is_err() {
                    return;
                }
            }
        });
        let (send, events) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut awaited = after;
            loop {
                let mut line = Vec::new();
                match output.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                    Ok(0) => break,
                    Ok(_) if line.len() as u64 == LONGEST => {
                        let _ = send.send(Event::Broken(format!("the server wrote a line of more than {LONGEST} bytes")));
                        break;
                    }
                    Ok(_) => {}
                    Err(error) => {
                        let _ = send.send(Event::Broken(format!("the server's output cannot be read: {error}")));
                        break;
                    }
                }
                let line = line.strip_suffix(b"\n").unwrap_or(&line);
                if let Some(mark) = &awaited {
                    if line.ends_with(mark.as_bytes()) {
                        awaited = None;
                    }
                    continue;
                }
                if send.send(Event::Frame { exchange: None, frame: Bytes::copy_from_slice(line) }).is_err() {
                    return;
                }
            }
            let _ = send.send(Event::Closed);
        });
        Self { to_peer: Some(to_peer), events }
    }

    pub(crate) fn send(&self, line: Bytes) {
        if let Some(to_peer) = &self.to_peer {
            // A peer that has gone shows in the events.
            let _ = to_peer.send(line);
        }
    }

    /// Tells the peer that there is no more.
    pub(crate) fn end(&mut self) {
        self.to_peer = None;
    }

    /// The next line, or the end.
    pub(crate) async fn next(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }
}
