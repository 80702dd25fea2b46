//! Lines of a log, as they are written.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::fs::File;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncSeekExt as _, BufReader};

use crate::failure::Failure;

/// How often it is looked whether a file has grown. No operating system tells it the same way.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest line that is read, in bytes; what is longer is no audit record.
const LONGEST: u64 = 1_024 * 1_024;

/// Lines of a log.
pub(super) struct Source {
    reader: Box<dyn AsyncBufRead + Send + Unpin>,
    /// The file, if it is followed beyond its end.
    followed: Option<PathBuf>,
    /// What there is of a line that is not whole yet.
    line: Vec<u8>,
    read: u64,
}

impl Source {
    /// Opens a file, or the standard input.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(super) fn open(file: Option<&Path>, follow: bool) -> Result<Self, Failure> {
        let reader: Box<dyn AsyncBufRead + Send + Unpin> = match file {
            Some(path) => {
                let file =
                    std::fs::File::open(path).map_err(|error| Failure::usage(format!("{} cannot be opened: {error}", path.display())))?;
                Box::new(BufReader::new(File::from_std(file)))
            }
            None => Box::new(BufReader::new(tokio::io::stdin())),
        };
        Ok(Self { reader, followed: file.filter(|_| follow).map(Path::to_owned), line: Vec::new(), read: 0 })
    }

    /// The next line; `None` at the end, which a file that is followed does not have.
    ///
    /// Cancel safe: a line that is not whole stays.
    pub(super) async fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        loop {
            let before = self.line.len();
            let left = LONGEST.saturating_sub(before as u64).max(1);
            let read = match (&mut self.reader).take(left).read_until(b'\n', &mut self.line).await {
                Ok(read) => read,
                Err(error) => return Some(Err(error)),
            };
            self.read += read as u64;
            if self.line.ends_with(b"\n") || self.line.len() as u64 >= LONGEST {
                return Some(Ok(std::mem::take(&mut self.line)));
            }
            if read > 0 {
                continue;
            }
            let Some(path) = self.followed.clone() else {
                let rest = std::mem::take(&mut self.line);
                return (!rest.is_empty()).then_some(Ok(rest));
            };
            tokio::time::sleep(PAUSE).await;
            if let Err(error) = self.start_over_if_replaced(&path).await {
                return Some(Err(error));
            }
        }
    }

    /// A log that is shorter than what was read of it is another one.
    async fn start_over_if_replaced(&mut self, path: &Path) -> io::Result<()> {
        let Ok(now) = tokio::fs::metadata(path).await else { return Ok(()) };
        if now.len() >= self.read {
            return Ok(());
        }
        let mut file = File::open(path).await?;
        file.rewind().await?;
        self.reader = Box::new(BufReader::new(file));
        self.line.clear();
        self.read = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    async fn line(source: &mut Source) -> String {
        let next = tokio::time::timeout(Duration::from_secs(30), source.next()).await.expect("a line comes");
        String::from_utf8(next.expect("there is more").expect("it can be read")).expect("text")
    }

    #[tokio::test]
    async fn a_file_is_followed_while_it_grows_and_when_it_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        std::fs::write(&path, "one\ntw").expect("the folder is ours");
        let mut source = Source::open(Some(&path), true).expect("it is there");
        assert_eq!(line(&mut source).await, "one\n");
        let mut file = std::fs::File::options().append(true).open(&path).expect("it is there");
        file.write_all(b"o\nthree\n").expect("it can be written");
        assert_eq!((line(&mut source).await, line(&mut source).await), ("two\n".to_owned(), "three\n".to_owned()));
        std::fs::write(&path, "new\n").expect("the folder is ours");
        assert_eq!(line(&mut source).await, "new\n");
    }

    #[tokio::test]
    async fn a_file_that_is_not_followed_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audit.jsonl");
        std::fs::write(&path, "one\nlast").expect("the folder is ours");
        let mut source = Source::open(Some(&path), false).expect("it is there");
        assert_eq!((line(&mut source).await, line(&mut source).await), ("one\n".to_owned(), "last".to_owned()));
        assert!(source.next().await.is_none());
        assert!(Source::open(Some(&folder.path().join("absent")), false).is_err());
    }
}
