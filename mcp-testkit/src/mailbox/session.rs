//! One connection of a mail client (RFC 5321, section 4).

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::Kept;
use super::auth::{self, Login, Progress};
use super::conduct::{Conduct, HangUp};
use super::mail::Mail;
use super::receive::{self, Received};
use crate::loopback::lock;

#[derive(Debug, Default)]
struct Session {
    greeted: bool,
    logged_in: bool,
    login: Option<Login>,
    sender: Option<String>,
    /// Whether the sender has said that addresses may hold more than ASCII (RFC 6531).
    international: bool,
    recipients: Vec<String>,
}

/// Talks to a client until it leaves.
pub(super) async fn hold(stream: TcpStream, kept: Arc<Kept>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let conduct = || lock(&kept.conduct).clone();
    if conduct().hangs_up == Some(HangUp::AtOnce) {
        return Ok(());
    }
    say(&mut stream, "220 mailbox.test ESMTP", &conduct()).await?;
    let mut session = Session::default();
    while let Some(line) = receive::line(&mut stream).await? {
        let conduct = conduct();
        let reply = session.answer(&line, &conduct);
        let takes_data = reply.starts_with("354");
        if takes_data && conduct.hangs_up == Some(HangUp::BeforeData) {
            return Ok(());
        }
        say(&mut stream, &reply, &conduct).await?;
        if takes_data {
            let reply = session.take(receive::data(&mut stream, conduct.most_octets).await?, &kept);
            if conduct.hangs_up == Some(HangUp::AfterMail) {
                return Ok(());
            }
            say(&mut stream, reply, &conduct).await?;
        }
        if reply.starts_with("221") {
            break;
        }
    }
    Ok(())
}

async fn say(stream: &mut BufReader<TcpStream>, reply: &str, conduct: &Conduct) -> io::Result<()> {
    tokio::time::sleep(conduct.delay).await;
    stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await
}

impl Session {
    fn answer(&mut self, line: &str, conduct: &Conduct) -> String {
        if let Some(login) = self.login.take() {
            return if line == "*" { "501 5.0.0 cancelled".to_owned() } else { self.log_in(login.answer(line), conduct) };
        }
        let (verb, arguments) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if !arguments.is_empty() => {
                *self = Self { greeted: true, logged_in: self.logged_in, ..Self::default() };
                extensions(conduct)
            }
            "HELO" if !arguments.is_empty() => {
                *self = Self { greeted: true, logged_in: self.logged_in, ..Self::default() };
                "250 mailbox.test".to_owned()
            }
            "MAIL" => self.mail(arguments, conduct),
            "RCPT" => self.rcpt(arguments, conduct),
            "DATA" if self.recipients.is_empty() => "503 5.5.1 no recipients".to_owned(),
            "DATA" => "354 go ahead".to_owned(),
            "RSET" => {
                self.reset();
                "250 2.0.0 ok".to_owned()
            }
            "NOOP" => "250 2.0.0 ok".to_owned(),
            "QUIT" => "221 2.0.0 bye".to_owned(),
            "AUTH" if conduct.login.is_some() && self.greeted && !self.logged_in => self.log_in(auth::start(arguments), conduct),
            "EHLO" | "HELO" => "501 5.5.4 say who you are".to_owned(),
            "AUTH" => "503 5.5.1 not now".to_owned(),
            _ => "500 5.5.2 unknown command".to_owned(),
        }
    }

    /// What becomes of a mail that was read.
    fn take(&mut self, received: Received, kept: &Kept) -> &'static str {
        let (from, to) = (self.sender.take().unwrap_or_default(), std::mem::take(&mut self.recipients));
        self.reset();
        match received {
            Received::Mail(raw) => {
                let mail = Mail::new(from, to, raw.into());
                kept.mails.send_modify(|mails| mails.push(mail));
                "250 2.0.0 taken"
            }
            Received::TooLarge => "552 5.3.4 too large",
            Received::BareLineFeed => "550 5.5.2 a line feed without a carriage return",
        }
    }

    fn log_in(&mut self, progress: Progress, conduct: &Conduct) -> String {
        let reply = match progress {
            Progress::Ask(login) => {
                let prompt = login.prompt();
                self.login = Some(login);
                return prompt;
            }
            Progress::Given(user, password) if conduct.lets_in(&user, &password) => {
                self.logged_in = true;
                "235 2.7.0 welcome"
            }
            Progress::Given(..) => "535 5.7.8 wrong name or password",
            Progress::Malformed => "501 5.5.2 not understood",
            Progress::UnknownMechanism => "504 5.5.4 unknown mechanism",
        };
        reply.to_owned()
    }

    fn mail(&mut self, arguments: &str, conduct: &Conduct) -> String {
        if !self.greeted || self.sender.is_some() {
            return "503 5.5.1 bad sequence of commands".to_owned();
        }
        if conduct.login.is_some() && !self.logged_in {
            return "530 5.7.0 log in first".to_owned();
        }
        let Some((address, parameters)) = path(arguments, "FROM:") else { return "501 5.1.7 bad sender".to_owned() };
        self.international = false;
        for parameter in parameters.split_ascii_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" if value.parse::<usize>().is_ok_and(|size| size > conduct.most_octets) => return "552 5.3.4 too large".to_owned(),
                "SIZE" | "BODY" | "AUTH" => {}
                "SMTPUTF8" => self.international = true,
                _ => return "555 5.5.4 unknown parameter".to_owned(),
            }
        }
        if !address.is_ascii() && !self.international {
            return "553 5.6.7 not ASCII, and SMTPUTF8 was not asked for".to_owned();
        }
        self.sender = Some(address.to_owned());
        "250 2.1.0 ok".to_owned()
    }

    fn rcpt(&mut self, arguments: &str, conduct: &Conduct) -> String {
        if self.sender.is_none() {
            return "503 5.5.1 bad sequence of commands".to_owned();
        }
        let Some((address, _)) = path(arguments, "TO:").filter(|(address, _)| address.contains('@')) else {
            return "501 5.1.3 bad recipient".to_owned();
        };
        if !address.is_ascii() && !self.international {
            return "553 5.6.7 not ASCII, and SMTPUTF8 was not asked for".to_owned();
        }
        if conduct.refused.contains(&address.to_lowercase()) {
            return "550 5.1.1 nobody of that name".to_owned();
        }
        if conduct.defers {
            return "451 4.7.1 try again later".to_owned();
        }
        self.recipients.push(address.to_owned());
        "250 2.1.5 ok".to_owned()
    }

    fn reset(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }
}

fn extensions(conduct: &Conduct) -> String {
    let login = if conduct.login.is_some() { "\r\n250-AUTH PLAIN LOGIN" } else { "" };
    format!("250-mailbox.test\r\n250-SIZE {}\r\n250-8BITMIME{login}\r\n250 SMTPUTF8", conduct.most_octets)
}

/// The address between angle brackets after a keyword, and the parameters behind it.
fn path<'a>(arguments: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let start = arguments.get(..keyword.len())?;
    let rest = arguments[keyword.len()..].trim_start().strip_prefix('<').filter(|_| start.eq_ignore_ascii_case(keyword))?;
    let (address, parameters) = rest.rsplit_once('>')?;
    (!address.contains(['<', '>', ' '])).then_some((address, parameters))
}
