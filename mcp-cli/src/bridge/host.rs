//! The host at the other end of the standard input, before somebody answers it.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use mcp_parity::stdio::standard_input;
use tokio::sync::watch;

/// How much is read at once, in bytes.
const CHUNK: usize = 16 * 1_024;
/// How many chunks are kept: two of the longest messages, and more than hosts say before they are answered. Whether one leaves cannot be seen
/// once they are full.
const MOST_CHUNKS: usize = 512;

/// The host, whose input is read and kept so that its end is noticed.
pub(crate) struct Host {
    kept: Receiver<io::Result<Vec<u8>>>,
    gone: watch::Receiver<bool>,
    listens: Arc<AtomicBool>,
}

impl Host {
    /// Begins to read the standard input.
    ///
    /// # Errors
    /// When there can be no thread that does.
    pub(crate) fn wait() -> io::Result<Self> {
        Self::on(standard_input())
    }

    fn on(input: impl Read + Send + 'static) -> io::Result<Self> {
        let (keep, kept) = sync_channel(MOST_CHUNKS);
        let (tell, gone) = watch::channel(false);
        let listens = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&listens);
        thread::Builder::new().name("mcp-bridge-host".to_owned()).spawn(move || read(input, &keep, &tell, &over))?;
        Ok(Self { kept, gone, listens })
    }

    /// Completes when the host has left.
    pub(crate) async fn gone(&mut self) {
        if self.gone.wait_for(|gone| *gone).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What the host has written and writes.
    pub(crate) fn listen(self) -> impl Read + Send + 'static {
        self.listen_on(standard_input())
    }

    fn listen_on<R: Read + Send + 'static>(self, input: R) -> Listening<R> {
        self.listens.store(true, Ordering::Release);
        Listening { kept: Some(self.kept), chunk: Vec::new(), at: 0, input }
    }
}

/// Reads and keeps, up to what is read when somebody begins to listen.
fn read(mut input: impl Read, keep: &SyncSender<io::Result<Vec<u8>>>, tell: &watch::Sender<bool>, over: &AtomicBool) {
    while !over.load(Ordering::Acquire) {
        let mut chunk = vec![0; CHUNK];
        let read = input.read(&mut chunk).map(|count| {
            chunk.truncate(count);
            chunk
        });
        let ended = read.as_ref().map_or(true, Vec::is_empty);
        if matches!(&read, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
            continue;
        }
        if keep.send(read).is_err() || ended {
            // Nobody may be there to be told.
            let _ = tell.send(ended);
            return;
        }
    }
}

/// What was kept, and then the standard input itself.
struct Listening<R> {
    kept: Option<Receiver<io::Result<Vec<u8>>>>,
    chunk: Vec<u8>,
    at: usize,
    input: R,
}

impl<R: Read> Read for Listening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() {
            let Some(kept) = &self.kept else { return self.input.read(buffer) };
            match kept.recv() {
                // The end, which the input would tell again.
                Ok(Ok(chunk)) if chunk.is_empty() => return Ok(0),
                Ok(read) => (self.chunk, self.at) = (read?, 0),
                Err(_) => self.kept = None,
            }
        }
        let count = buffer.len().min(self.chunk.len() - self.at);
        buffer[..count].copy_from_slice(&self.chunk[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_written_before_somebody_listens_comes_first_and_nothing_is_lost() {
        let (reader, mut writer) = io::pipe().expect("there are pipes");
        let again = reader.try_clone().expect("it can be read by two");
        io::Write::write_all(&mut writer, b"first ").expect("it is open");
        let host = Host::on(reader).expect("there are threads");
        let mut listening = host.listen_on(again);
        let mut start = [0; 6];
        listening.read_exact(&mut start).expect("it was written");
        assert_eq!(&start, b"first ");
        io::Write::write_all(&mut writer, b"second").expect("it is open");
        drop(writer);
        let mut rest = String::new();
        listening.read_to_string(&mut rest).expect("it was written");
        assert_eq!(rest, "second");
    }

    #[tokio::test]
    async fn a_host_that_leaves_is_noticed_after_what_it_wrote() {
        let (reader, mut writer) = io::pipe().expect("there are pipes");
        let again = reader.try_clone().expect("it can be read by two");
        let mut host = Host::on(reader).expect("there are threads");
        io::Write::write_all(&mut writer, b"a question").expect("it is open");
        drop(writer);
        host.gone().await;
        let mut all = String::new();
        host.listen_on(again).read_to_string(&mut all).expect("it was written");
        assert_eq!(all, "a question");
    }
}
