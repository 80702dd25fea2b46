//! The mailbox, spoken to as mail clients do.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{HangUp, Mailbox};

struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(mailbox: &Mailbox) -> (Self, String) {
        let mut client = Self(BufReader::new(TcpStream::connect(mailbox.address()).await.expect("it listens")));
        let greeting = client.reply().await;
        (client, greeting)
    }

    /// The last line of the next reply; nothing when the server has hung up.
    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap_or_default();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    async fn says(&mut self, line: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.expect("it listens");
        self.reply().await
    }

    async fn send(&mut self, to: &str, mail: &str) -> String {
        let recipient = format!("RCPT TO:<{to}>");
        for line in ["RSET", "EHLO me", "MAIL FROM:<app@example.com> SIZE=100 BODY=8BITMIME", &recipient, "DATA"] {
            let reply = self.says(line).await;
            if !reply.starts_with(['2', '3']) {
                return reply;
            }
        }
        self.says(&format!("{mail}\r\n.")).await
    }
}

#[tokio::test]
async fn mails_are_kept_and_given_to_whom_they_are_for() {
    let mailbox = Mailbox::open().await;
    let (mut client, greeting) = Client::connect(&mailbox).await;
    assert_eq!((greeting.as_str(), mailbox.url()), ("220 mailbox.test ESMTP", format!("smtp://{}", mailbox.address())));
    for (to, subject) in [("ann@example.com", "one"), ("bob@example.com", "two"), ("Ann@Example.com", "three")] {
        assert_eq!(client.send(to, &format!("Subject: {subject}\r\n\r\n..x")).await, "250 2.0.0 taken");
    }
    assert_eq!(client.says("QUIT").await, "221 2.0.0 bye");
    let subject = async |to| mailbox.next_to(to).await.expect("a mail").subject;
    assert_eq!(
        (subject("ANN@example.com").await, subject("ann@example.com").await, subject("bob@example.com").await),
        ("one".into(), "three".into(), "two".into())
    );
    assert_eq!(
        (mailbox.all().len(), mailbox.all()[0].text().as_deref(), mailbox.all()[0].from.as_str()),
        (3, Some(".x\r\n"), "app@example.com")
    );
    let error = mailbox.next_to_within("ann@example.com", Duration::from_millis(1)).await.expect_err("there is no third").to_string();
    assert!(error.contains("`two` to bob@example.com"), "{error}");
    let (mut client, _) = Client::connect(&mailbox).await;
    let (mail, reply) = tokio::join!(mailbox.next_to("ann@example.com"), client.send("ann@example.com", "Subject: late\r\n\r\n"));
    assert_eq!((mail.expect("it arrived").subject.as_str(), reply.as_str()), ("late", "250 2.0.0 taken"));
}

#[tokio::test]
async fn mails_are_decoded() {
    let mailbox = Mailbox::open().await;
    let (mut client, _) = Client::connect(&mailbox).await;
    let html = STANDARD.encode("<p>Hällo <a href=\"https://a.example/m?t=1&amp;u=2\">Sign in</a> <a href=mailto:x@y>mail</a></p>");
    let mail = format!(
        "From: App <app@example.com>\r\nX-Long: one\r\n two\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= =?UTF-8?B?IGFuIGFsbGU=?=\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\nH=C3=A4llo (https://a.example/=\r\nm?t=3D1). See <http://b.example>\r\n--b\r\n\
         Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{html}\r\n--b--"
    );
    assert_eq!(client.send("ann@example.com", &mail).await, "250 2.0.0 taken");
    let mail = mailbox.next_to("ann@example.com").await.expect("a mail");
    assert_eq!((mail.subject.as_str(), mail.header("x-long"), mail.headers.len()), ("Grüße an alle", Some("one two"), 5));
    assert_eq!(mail.text().as_deref(), Some("Hällo (https://a.example/m?t=1). See <http://b.example>"));
    assert!(mail.html().is_some_and(|html| html.starts_with("<p>Hällo")));
    assert_eq!(mail.links(), ["https://a.example/m?t=1", "http://b.example", "https://a.example/m?t=1&u=2"]);
}

#[tokio::test]
async fn commands_are_answered_as_the_rules_of_mail_want() {
    let mailbox = Mailbox::open().await;
    mailbox.limit_size(1_000);
    mailbox.refuse("no@example.com");
    let (mut client, _) = Client::connect(&mailbox).await;
    for (line, reply) in [
        ("MAIL FROM:<a@b>", "503"),
        ("EHLO", "501"),
        ("HELO me", "250"),
        ("EHLO me", "250"),
        ("NOOP", "250"),
        ("TURN", "500"),
        ("AUTH PLAIN", "503"),
        ("RCPT TO:<a@b>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:a@b", "501"),
        ("MAIL FROM:<a@b> SIZE=1001", "552"),
        ("MAIL FROM:<a@b> RET=FULL", "555"),
        ("MAIL FROM:<ä@b>", "553"),
        ("MAIL FROM:<ä@b> SMTPUTF8", "250"),
        ("RCPT TO:<ü@b>", "250"),
        ("rset", "250"),
        ("mail from:<>", "250"),
        ("MAIL FROM:<a@b>", "503"),
        ("RCPT TO:<nobody>", "501"),
        ("RCPT TO:<a@b> <c@d>", "501"),
        ("RCPT TO:<ü@b>", "553"),
        ("RCPT TO:<NO@example.com>", "550"),
        ("DATA", "503"),
        ("RCPT TO:<ann@example.com>", "250"),
        ("DATA", "354"),
        (&format!("{}\r\n.", "x".repeat(1_000)), "552"),
        ("DATA", "503"),
        ("QUIT", "221"),
        ("", ""),
    ] {
        let said = if line.is_empty() { client.reply().await } else { client.says(line).await };
        assert_eq!(said.get(..3).unwrap_or_default(), reply, "{line}: {said}");
    }
    let (mut client, _) = Client::connect(&mailbox).await;
    assert_eq!(client.send("ann@example.com", "a\nb").await, "550 5.5.2 a line feed without a carriage return");
    assert!(mailbox.all().is_empty());
}

#[tokio::test]
async fn logins_are_asked_for_when_they_are_required() {
    let mailbox = Mailbox::open().await;
    mailbox.require_login("app", "pass");
    for (lines, reply) in [
        (vec!["MAIL FROM:<a@b>".to_owned()], "530"),
        (vec![format!("AUTH PLAIN {}", STANDARD.encode("\0app\0pass"))], "235"),
        (vec!["AUTH plain".to_owned(), STANDARD.encode("\0app\0wrong")], "535"),
        (vec!["AUTH LOGIN".to_owned(), STANDARD.encode("app"), STANDARD.encode("pass")], "235"),
        (vec!["AUTH LOGIN".to_owned(), "*".to_owned()], "501"),
        (vec!["AUTH PLAIN ?".to_owned()], "501"),
        (vec!["AUTH CRAM-MD5".to_owned()], "504"),
    ] {
        let (mut client, _) = Client::connect(&mailbox).await;
        client.says("EHLO me").await;
        let mut said = String::new();
        for line in &lines {
            said = client.says(line).await;
        }
        assert!(said.starts_with(reply), "{lines:?}: {said}");
        assert_eq!(client.says("MAIL FROM:<a@b>").await.starts_with("250"), reply == "235", "{lines:?}");
    }
}

#[tokio::test]
async fn failures_happen_when_they_are_asked_for() {
    let mailbox = Mailbox::open().await;
    let send = async || Client::connect(&mailbox).await.0.send("ann@example.com", "Subject: x\r\n\r\n").await;
    mailbox.defer(true);
    assert_eq!(send().await, "451 4.7.1 try again later");
    mailbox.defer(false);
    for (when, kept) in [(HangUp::BeforeData, 0), (HangUp::AfterMail, 1)] {
        mailbox.hang_up(Some(when));
        assert_eq!((send().await.as_str(), mailbox.all().len()), ("", kept), "{when:?}");
    }
    mailbox.hang_up(Some(HangUp::AtOnce));
    assert_eq!(Client::connect(&mailbox).await.1, "");
    mailbox.hang_up(None);
    let delay = Duration::from_millis(20);
    mailbox.slow_down(delay);
    let start = Instant::now();
    assert_eq!(send().await, "250 2.0.0 taken");
    assert!(start.elapsed() >= delay * 6);
}
