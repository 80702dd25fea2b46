//! Reading what a mail client sends: lines, and mails that end with a lone dot.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// Longer than any line that clients need (RFC 5321, section 4.5.3.1.4; RFC 4954, section 4).
const LONGEST_COMMAND: usize = 12_288;

/// What was read of a mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    Mail(Vec<u8>),
    TooLarge,
    /// A line feed without a carriage return, by which mails have been hidden in others.
    BareLineFeed,
}

/// The next line without its end, or nothing when the client has left.
pub(super) async fn line(stream: &mut BufReader<impl AsyncRead + Unpin>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    if line.last() != Some(&b'\n') {
        return Ok(None);
    }
    if line.len() > LONGEST_COMMAND {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
}

/// A mail, without the dots that were added (RFC 5321, section 4.5.2). What is refused is read to its end.
pub(super) async fn data(stream: &mut BufReader<impl AsyncRead + Unpin>, most_octets: usize) -> io::Result<Received> {
    let (mut mail, mut too_large, mut bare) = (Vec::new(), false, false);
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await?;
        if line.last() != Some(&b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(match (bare, too_large) {
                (true, _) => Received::BareLineFeed,
                (_, true) => Received::TooLarge,
                _ => Received::Mail(mail),
            });
        }
        bare |= !line.ends_with(b"\r\n");
        let unstuffed = line.strip_prefix(b".").unwrap_or(&line);
        too_large |= mail.len() + unstuffed.len() > most_octets;
        if !too_large {
            mail.extend_from_slice(unstuffed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mails_end_with_a_lone_dot() {
        let mail = |text: &str| Received::Mail(text.as_bytes().to_vec());
        for (sent, most, received) in [
            ("a\r\n..b\r\n.\r\n", 100, mail("a\r\n.b\r\n")),
            (".\r\n", 100, mail("")),
            ("a\r\n", 100, mail("gone")),
            ("abc\r\n.\r\n", 4, Received::TooLarge),
            ("a\r\n\n.\n\r\nb\r\n.\r\n", 100, Received::BareLineFeed),
        ] {
            let got = data(&mut BufReader::new(sent.as_bytes()), most).await;
            assert_eq!(got.unwrap_or_else(|_| mail("gone")), received, "{sent:?}");
        }
    }
}
