//! Attacks on mails: who gets how many, and what is in them.

use std::sync::Arc;
use std::time::SystemTime;

use mcp_auth::server::{MagicLink, MasterKey, Smtp};
use mcp_store::{Index, Kind, Memory, Page as StorePage, Store as _};
use mcp_testkit::browser::Page;
use mcp_testkit::{LogCapture, Mail, Mailbox, VirtualClock};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK, Person};

use crate::bench::{assert_recorded, assert_unwritten, bystander, page};

/// A server where people sign in by mail, and the mail server.
pub(crate) struct Mailed {
    pub(crate) site: Authorized,
    pub(crate) mailbox: Mailbox,
    store: Arc<Memory>,
}

/// A mail by which somebody signs in.
pub(crate) struct SignIn {
    pub(crate) mail: Mail,
    pub(crate) link: String,
    /// What of the link is secret.
    pub(crate) secret: String,
    pub(crate) code: String,
}

impl Mailed {
    pub(crate) async fn start() -> Self {
        Self::with(|method| method).await
    }

    pub(crate) async fn with(settle: impl FnOnce(MagicLink) -> MagicLink) -> Self {
        let mailbox = Mailbox::open().await;
        let smtp = Smtp::new(&mailbox.url(), "Team <login@example.com>").expect("a mail server");
        LogCapture::global();
        let (store, clock) = (Arc::new(Memory::new()), VirtualClock::new());
        clock.set(SystemTime::now());
        let login = settle(MagicLink::new(smtp));
        let site = Authorized::on(store.clone(), MasterKey::generate(), clock, |builder| builder.login(login)).await;
        Self { site, mailbox, store }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::public(&self.site, HOSTED_CALLBACK).await
    }

    /// Begins a sign-in and asks for a mail; the page that takes the code.
    pub(crate) async fn asks(&self, person: &Person, client: &Client, address: &str) -> Page {
        let login = page(person.browser.visit(&client.flow(&self.site, "mcp:read").url(&self.site)).await.expect("a page"));
        let ask = page(login.form("Continue with e-mail").expect("a way").submit(None).await.expect("a page"));
        let form = ask.forms().into_iter().find(|form| form.value("email").is_some()).expect("a form");
        // What is not an address is sent as a program would send it.
        page(form.forge("email", address).submit(None).await.expect("a page"))
    }

    /// The next mail to an address.
    pub(crate) async fn mail(&self, address: &str) -> SignIn {
        let mail = self.mailbox.next_to(address).await.expect("a mail");
        let link = mail.links().into_iter().find(|link| link.contains("/login/email/link")).expect("a link");
        let secret = link.split_once("t=").expect("a secret").1.to_owned();
        let text = mail.text().expect("a text");
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let code = text.split_whitespace().find(is_code).expect("a code").to_owned();
        SignIn { mail, link, secret, code }
    }

    /// Waits until it was decided of so many wishes for a mail whether one is sent.
    async fn decided(&self, wishes: usize) {
        let decided = async || {
            let links = Index::Kind(Kind::from_static("link"));
            self.store.list(links, StorePage::first(usize::MAX), self.site.clock.now().into()).await.expect("the store works").len()
        };
        while decided().await < wishes {
            tokio::task::yield_now().await;
        }
    }

    /// How many mails were recorded with a verdict, or the reason of a refusal.
    fn recorded(&self, verdict: &str) -> usize {
        let said = |line: &String| line.contains(r#""operation":"login/mail""#) && line.contains(&format!(r#":"{verdict}""#));
        self.site.records().iter().filter(|line| said(line)).count()
    }

    /// Waits until all mails that were asked for before have been dealt with.
    pub(crate) async fn settled(&self, client: &Client, witness: &str) {
        self.asks(&Person::new(&self.site, "bob"), client, witness).await;
        self.mail(witness).await;
    }
}

/// Types a code.
pub(crate) async fn typed(sent: &Page, code: &str) -> Page {
    let form = sent.forms().into_iter().find(|form| form.value("code").is_some()).unwrap_or_else(|| panic!("{}", sent.text()));
    page(form.set("code", code).expect("a field").submit(Some("Sign in with this code")).await.expect("a page"))
}

#[tokio::test]
async fn attack_login_whether_there_is_an_account_is_not_told() {
    let mailed = Mailed::with(|method| method.only_to(["ann@example.com", "*@team.example", "gone@bounce.example"])).await;
    let client = mailed.client().await;
    mailed.mailbox.refuse("gone@bounce.example");
    let mut seen = Vec::new();
    for address in ["ann@example.com", "eve@example.com", "gone@bounce.example", "ann@team.example.evil.example", "ann@sub.team.example"] {
        let person = Person::new(&mailed.site, "ann");
        let sent = mailed.asks(&person, &client, address).await;
        let wrong = typed(&sent, "000000").await;
        let blank = |page: &Page| (page.status(), page.title(), page.text().replace(address, "…"));
        seen.push((blank(&sent), blank(&wrong)));
    }
    mailed.settled(&client, "witness@team.example").await;
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
    let got: Vec<String> = mailed.mailbox.all().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(got.iter().filter(|to| *to == "ann@example.com").count(), 1);
    assert!(!got.iter().any(|to| to.contains("eve") || to.contains("evil") || to.contains("sub.team")), "{got:?}");
    assert_recorded(&mailed.site, "login", "not identified");
    // The operator is told what became of each.
    while mailed.recorded("failed") == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(mailed.recorded("not an address that mails are sent to"), 3);
    assert_unwritten(&mailed.site, &[&mailed.mail("ann@example.com").await.secret]);
}

#[tokio::test]
async fn attack_login_nobody_is_drowned_in_mails() {
    let mailed = Mailed::with(|method| method.mails_per_hour(8)).await;
    let client = mailed.client().await;
    let person = Person::new(&mailed.site, "ann");
    // Tags lead to the same mailbox.
    for address in ["ann@example.com", "ANN@example.com", "ann+a@example.com", "ann+b@example.com", "ann@example.com", "Ann+c@EXAMPLE.com"]
    {
        let sent = mailed.asks(&person, &client, address).await;
        assert_eq!((sent.status(), sent.title().starts_with("Check your email")), (200, true), "{}", sent.text());
    }
    mailed.settled(&client, "witness@example.com").await;
    assert_eq!(mailed.mailbox.all().len(), 4, "three to Ann and one to the witness");
    for number in 0..10 {
        mailed.asks(&person, &client, &format!("victim{number}@example.com")).await;
    }
    mailed.decided(17).await;
    mailed.site.clock.advance(std::time::Duration::from_secs(3_601));
    mailed.settled(&client, "later@example.com").await;
    let to_victims = mailed.mailbox.all().iter().filter(|mail| mail.to[0].starts_with("victim")).count();
    assert_eq!(to_victims, 4, "all together get eight in an hour");
    assert_recorded(&mailed.site, "login/mail", "succeeded");
    let secrets: Vec<String> =
        mailed.mailbox.all().iter().map(|mail| mail.links()[0].split_once("t=").expect("a secret").1.to_owned()).collect();
    assert_unwritten(&mailed.site, &secrets.iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn attack_login_an_address_asks_for_so_many_mails() {
    let mailed = Mailed::start().await;
    let client = mailed.client().await;
    let person = Person::new(&mailed.site, "ann");
    for number in 0..40 {
        mailed.asks(&person, &client, &format!("victim{number}@example.com")).await;
    }
    mailed.decided(40).await;
    mailed.site.clock.advance(std::time::Duration::from_secs(16 * 60));
    mailed.settled(&client, "witness@example.com").await;
    assert_eq!(mailed.mailbox.all().len(), 31, "thirty in a quarter of an hour");
    assert_recorded(&mailed.site, "login/mail", "succeeded");
    assert_eq!(mailed.recorded("too many mails"), 10, "what is not sent is not recorded as if it were");
    assert_unwritten(&mailed.site, &[&mailed.mail("victim0@example.com").await.secret]);
}

#[tokio::test]
async fn attack_login_an_address_adds_no_recipient_and_no_header() {
    let mailed = Mailed::with(|method| method.only_to(["*@example.com", "admin@team.example"])).await;
    let client = mailed.client().await;
    let person = Person::new(&mailed.site, "ann");
    for address in [
        "ann@example.com\r\nBcc: eve@example.com",
        "ann@example.com\nBcc: eve@example.com",
        "ann@example.com%0d%0aBcc: eve@example.com",
        "ann@example.com,eve@example.com",
        "ann@example.com;eve@example.com",
        "Ann <eve@example.com>",
        "\"eve@example.com\"@example.com",
        "\"ann\\\"@evil.example\"@example.com",
        "ann@example.com> RCPT TO:<eve@example.com",
        "\u{430}nn@example.com",
        "ann@example.com\0",
        "ann@[127.0.0.1]",
        "ann@localhost",
    ] {
        let answer = mailed.asks(&person, &client, address).await;
        assert!(answer.title().starts_with("Sign in by email"), "{address:?}: {}", answer.text());
        assert!(answer.text().contains("not an e-mail address"), "{address:?}: {}", answer.text());
    }
    // Well-formed, but not who may come in: another domain that looks the same, a tag, and parts of what is allowed.
    for address in
        ["ann@ex\u{430}mple.com", "admin+x@team.example", "xadmin@team.example", "admin@team.example.evil.example", "ann@sub.example.com"]
    {
        let answer = mailed.asks(&person, &client, address).await;
        assert!(answer.title().starts_with("Check your email"), "{address:?}: {}", answer.text());
    }
    mailed.settled(&client, "witness@example.com").await;
    let got: Vec<String> = mailed.mailbox.all().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(got, ["witness@example.com"]);
    assert_eq!((mailed.recorded("not an address that mails are sent to"), mailed.recorded("succeeded")), (5, 1));
    assert_recorded(&mailed.site, "login", "not identified");
    assert_unwritten(&mailed.site, &[&bystander(&mailed.site).await]);
}

#[tokio::test]
async fn attack_login_a_link_leads_to_the_server_whatever_the_request_says() {
    let mailed = Mailed::start().await;
    let client = mailed.client().await;
    let site = &mailed.site;
    let person = Person::new(site, "ann");
    let login = page(person.browser.visit(&client.flow(site, "mcp:read").url(site)).await.expect("a page"));
    let ask = page(login.form("Continue with e-mail").expect("a way").submit(None).await.expect("a page"));
    let form = ask.forms().into_iter().find(|form| form.value("email").is_some()).expect("a form");
    let path = form.action().expect("where it is sent").as_str().trim_start_matches(&site.url).to_owned();
    let csrf = form.value("csrf").expect("a token");
    let cookie = format!("mcp_session={}", person.browser.cookie("mcp_session").expect("a session").value);
    let host = format!("localhost:{}", site.address.port());
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Host", &host),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "host=evil.example"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let answer = site.send("POST", &path, &headers, &format!("email=ann%40example.com&csrf={csrf}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mail = mailed.mail("ann@example.com").await;
    assert!(mail.link.starts_with(&format!("{}/login/email/link?t=", site.url)), "{}", mail.link);
    assert!(!String::from_utf8_lossy(mail.mail.raw()).contains("evil.example"));
    assert_recorded(site, "login/mail", "succeeded");
    assert_unwritten(site, &[&mail.secret, &csrf]);
}
