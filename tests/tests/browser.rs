//! The pages in Chromium, which has its own ideas of cookies, forms and redirects.

use aws_lc_rs::hmac;
use mcp_auth::server::{MagicLink, Smtp};
use mcp_testkit::{Document, DocumentHost, Mailbox};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Tokens};
use mcp_tests::chromium::Chromium;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use url::Url;

/// No name leads off this machine.
const NOWHERE: &str = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1";

#[tokio::test]
async fn a_person_signs_in_by_a_link_proves_a_second_factor_and_decides_about_agents() {
    if !Chromium::is_there() {
        return;
    }
    let (mailbox, callback) = (Mailbox::open().await, callback().await);
    let site = with_mail(&mailbox).await;
    let client = Client::public(&site, &callback.redirect_uri).await;
    let chromium = Chromium::start(&[NOWHERE]).await;

    chromium.open(&client.flow(&site, "mcp:read mcp:execute mfa").url(&site)).await;
    let mail = ask_for_mail(&chromium, &mailbox).await;
    chromium.open(&mail.links()[0]).await;
    chromium.press("Sign me in").await;

    let key = chromium.text(".key").await;
    chromium.fill("#code", &code_of(&key, site.clock.unix_seconds())).await;
    chromium.press("Turn it on").await;
    assert_eq!(chromium.text(".codes").await.split_whitespace().count(), 10);
    chromium.press("I have saved them").await;

    chromium.click("input[value='mcp:execute']").await;
    chromium.press("Allow").await;
    let code = parameter(&chromium.url_at(&callback.redirect_uri).await, "code").expect("a code");
    assert!(callback.host.hits("/callback") > 0, "the client was not called back");
    let tokens = Tokens::of(&client.exchange(&site, &code).await);
    assert_eq!(tokens.scope, "mcp:read mfa");
    assert_eq!(tokens.call(&site, "reads").await.status, 200);
    assert_eq!(tokens.call(&site, "confirms").await.status, 200);
    assert_eq!(tokens.call(&site, "executes").await.status, 403);

    chromium.open(&client.flow(&site, "mcp:read").url(&site)).await;
    chromium.press("Deny").await;
    let denied = chromium.url_at(&format!("{}?error", callback.redirect_uri)).await;
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(tokens.call(&site, "reads").await.status, 200, "saying no to one thing takes nothing else back");

    chromium.open(&format!("{}/agents", site.url)).await;
    chromium.press("Disconnect Test client").await;
    assert!(chromium.text("[role=status]").await.contains("Test client"));
    assert_eq!(tokens.call(&site, "reads").await.status, 401);
    for (operation, verdict) in [("oauth/authorize", "by the person"), ("oauth/revoke", "succeeded"), ("second_factor", "succeeded")] {
        assert!(site.recorded(operation, verdict), "{operation} {verdict}: {:#?}", site.records());
    }
}

#[tokio::test]
async fn a_link_that_is_opened_elsewhere_shows_a_code_to_type_where_it_began() {
    if !Chromium::is_there() {
        return;
    }
    let mailbox = Mailbox::open().await;
    let site = with_mail(&mailbox).await;
    let client = Client::public(&site, HOSTED_CALLBACK).await;
    let (laptop, phone) = (Chromium::start(&[NOWHERE]).await, Chromium::start(&[NOWHERE]).await);

    laptop.open(&client.flow(&site, "mcp:read").url(&site)).await;
    let mail = ask_for_mail(&laptop, &mailbox).await;
    phone.open(&mail.links()[0]).await;
    let code = phone.text(".big").await;
    phone.open(&format!("{}/agents", site.url)).await;
    assert!(phone.title().await.starts_with("Sign in"), "opening a link signs nobody in");

    laptop.fill("#code", code.trim()).await;
    laptop.press("Sign in with this code").await;
    assert!(laptop.text(".switch").await.contains("cleo@example.com"));
    assert!(laptop.text(".host").await.contains("client.example"));
}

#[tokio::test]
async fn every_kind_of_redirect_leaves_the_page_that_asks() {
    if !Chromium::is_there() {
        return;
    }
    let (site, callback) = (Authorized::start().await, callback().await);
    let hosted = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
    let hosted_at = hosted.local_addr().expect("a bound socket has an address");
    let rules = format!("--host-resolver-rules=MAP client.example {hosted_at} , MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1");
    let greeting = tokio::spawn(async move {
        let (mut stream, _) = hosted.accept().await.expect("the browser comes");
        stream.read_u8().await.expect("it greets")
    });

    let chromium = Chromium::start(&[&rules]).await;
    for redirect_uri in [callback.redirect_uri.as_str(), HOSTED_CALLBACK, "cursor://anysphere.cursor-mcp/oauth/callback"] {
        let client = Client::public(&site, redirect_uri).await;
        chromium.open(&client.flow(&site, "mcp:read").url(&site)).await;
        if chromium.title().await.starts_with("Sign in") {
            chromium.press("Continue").await;
            chromium.press("Sign in as ann").await;
        }
        chromium.press("Allow").await;
        let led_to = if redirect_uri.starts_with("http") {
            chromium.url_at(redirect_uri).await
        } else {
            chromium.property("a.button", "href").await
        };
        assert!(led_to.starts_with(&format!("{redirect_uri}?")), "{redirect_uri}: {led_to}");
        let code = parameter(&led_to, "code").unwrap_or_else(|| panic!("no code: {led_to}"));
        assert_eq!(parameter(&led_to, "state").as_deref(), Some("st/ate=1"), "{led_to}");
        assert_eq!(client.exchange(&site, &code).await.status, 200, "{redirect_uri}");
    }
    assert_eq!(greeting.await.expect("the host listens"), 0x16, "the browser begins TLS with a hosted client");
}

struct Callback {
    host: DocumentHost,
    redirect_uri: String,
}

/// A client that listens on this machine, known by a name instead of an address.
async fn callback() -> Callback {
    let host = DocumentHost::open().await;
    host.serve("/callback", Document::html("<title>Back</title>You can close this page."));
    let redirect_uri = host.url("/callback").replace("127.0.0.1", "localhost");
    Callback { host, redirect_uri }
}

async fn with_mail(mailbox: &Mailbox) -> Authorized {
    let smtp = Smtp::new(&mailbox.url(), "Sign in <login@example.com>").expect("a mail server");
    Authorized::with(|builder| builder.login(MagicLink::new(smtp))).await
}

async fn ask_for_mail(chromium: &Chromium, mailbox: &Mailbox) -> mcp_testkit::Mail {
    chromium.press("Continue with e-mail").await;
    chromium.fill("#email", "cleo@example.com").await;
    chromium.press("Send me an email").await;
    mailbox.next_to("cleo@example.com").await.expect("a mail")
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.query_pairs().find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
}

/// What an authenticator app shows for a key (RFC 6238).
fn code_of(key: &str, now: u64) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let values = key.chars().filter_map(|letter| LETTERS.find(letter));
    let bits: Vec<bool> = values.flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1 == 1)).collect();
    let secret: Vec<u8> = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = hmac::sign(&key, &(now / 30).to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let number = tag.as_ref()[offset..offset + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}
