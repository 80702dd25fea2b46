use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;

/// A mail server that talks with one client, and what it was told. It answers the sender of a mail with `verdict`.
async fn server(verdict: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    let told = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut told = String::new();
        write.write_all(b"220 mail.example ESMTP\r\n").await.expect("it listens");
        while let Ok(Some(line)) = lines.next_line().await {
            told += &format!("{line}\n");
            let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => "250 mail.example",
                "MAIL" => verdict,
                "RCPT" => "250 ok",
                "DATA" => "354 go on",
                "." => "250 taken",
                "QUIT" => "221 bye",
                _ => continue,
            };
            if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                break;
            }
        }
        told
    });
    (url, told)
}

fn mail(to: &str) -> Mail {
    let (text, html) = ("The code is 012345.\n".to_owned(), "<p>The code is 012345.</p>".to_owned());
    Mail { to: to.to_owned(), subject: "Sign in to Exämple".to_owned(), text, html }
}

#[tokio::test]
async fn a_mail_arrives_whole_and_tells_nothing_of_this_machine() {
    let (url, told) = server("250 ok").await;
    let smtp = Smtp::new(&url, "Example <login@example.com>").expect("a mail server");
    assert_eq!(smtp.send(mail("ann@example.org")).await, Ok(()));
    let told = told.await.expect("the server lives");
    for part in [
        "MAIL FROM:<login@example.com>",
        "RCPT TO:<ann@example.org>",
        "\nFrom: Example <login@example.com>\n",
        "\nTo: ann@example.org\n",
        "\nSubject: Sign in to =?utf-8?b?",
        "\nAuto-Submitted: auto-generated\n",
        "@example.com>\n",
        "multipart/alternative",
        "\nThe code is 012345.\n",
        "<p>The code is 012345.</p>",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(told.matches("RCPT TO").count(), 1);
}

#[tokio::test]
async fn refusals_are_told_from_delays_and_do_not_repeat_the_address() {
    for (verdict, temporary) in [("550 no mail for ann@example.org", false), ("451 ann@example.org is busy", true)] {
        let (url, _told) = server(verdict).await;
        let error = Smtp::new(&url, "login@example.com").expect("a mail server").send(mail("ann@example.org")).await;
        let error = error.expect_err("it was refused");
        assert_eq!(error.is_temporary(), temporary, "{error}");
        assert!(!error.to_string().contains("ann") && error.to_string().contains(&verdict[..3]), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = Smtp::new(&url, "login@example.com").expect("a mail server").send(mail("ann@example.org")).await;
    assert!(error.expect_err("nobody is there").is_temporary());
}

#[tokio::test]
async fn no_line_of_a_mail_ends_it_or_adds_to_its_head() {
    let smtp = Smtp::new("smtp://127.0.0.1:1", "login@example.com").expect("a mail server");
    for to in ["ann@example.org\r\nBcc: eve@example.org", "ann@example.org, eve@example.org", "ann", ""] {
        assert!(smtp.message(mail(to)).is_none(), "{to:?}");
    }
    let subject = Mail { subject: "a\r\nBcc: eve@example.org".to_owned(), ..mail("ann@example.org") };
    let written = smtp.message(subject).map(|message| String::from_utf8(message.formatted()).expect("ASCII")).unwrap_or_default();
    assert!(!written.contains("\r\nBcc:"), "{written}");
}

#[test]
fn only_loopback_is_spoken_to_without_tls() {
    let server = |host: &str, port, security| Some(Server { host: host.to_owned(), port, security, credentials: None });
    for (url, parsed) in [
        ("smtps://mail.example.com", server("mail.example.com", 465, Security::Implicit)),
        ("smtps://mail.example.com:4465/", server("mail.example.com", 4465, Security::Implicit)),
        ("smtp://mail.example.com", server("mail.example.com", 587, Security::Upgrade)),
        ("smtp://MAIL.example.com:25", server("mail.example.com", 25, Security::Upgrade)),
        ("smtp://10.0.0.1", server("10.0.0.1", 587, Security::Upgrade)),
        ("smtp://localhost.example.com", server("localhost.example.com", 587, Security::Upgrade)),
        ("smtp://localhost", server("localhost", 25, Security::Loopback)),
        ("smtp://127.0.0.1:1025", server("127.0.0.1", 1025, Security::Loopback)),
        ("smtp://[::1]:1025", server("::1", 1025, Security::Loopback)),
        ("smtps://127.0.0.1", server("127.0.0.1", 465, Security::Implicit)),
        ("smtp://mail.example.com?tls=none", None),
        ("smtp://mail.example.com/name", None),
        ("smtp://user@mail.example.com", None),
        ("smtp://", None),
        ("http://mail.example.com", None),
        ("mail.example.com", None),
        ("", None),
    ] {
        assert_eq!(Server::parse(url), parsed, "{url}");
    }
    let with_password = Server::parse("smtps://ann%40example.com:p+%2F%C3%A4@mail.example.com").and_then(|server| server.credentials);
    assert_eq!(with_password, Some(("ann@example.com".to_owned(), "p+/ä".to_owned())));
    assert_eq!(Server::parse("smtps://ann:%zz@mail.example.com"), None);
}

#[test]
fn mistakes_are_named_and_passwords_are_not_shown() {
    assert_eq!(Smtp::new("smtps://a:hush", "login@example.com").expect_err("no URL"), NotAMailServer::Url);
    assert_eq!(Smtp::new("smtp://127.0.0.1", "nobody").expect_err("no address"), NotAMailServer::From);
    let smtp = Smtp::new("smtps://ann:hush@mail.example.com", "login@example.com").expect("a mail server");
    assert!(!format!("{smtp:?}").contains("hush"));
}
