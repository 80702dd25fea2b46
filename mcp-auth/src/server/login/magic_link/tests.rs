//! The method as people, programs that follow links, and attackers use it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;

use super::*;
use crate::fetch::fake::Fake;
use crate::server::login::testing::{Browser, host};
use crate::server::login::{Mail, MailError, MemoryMailer};

struct Case {
    method: MagicLink,
    mailer: MemoryMailer,
    time: Arc<AtomicU64>,
}

impl Case {
    fn new() -> Self {
        Self::with(|method| method)
    }

    fn with(change: impl FnOnce(MagicLink) -> MagicLink) -> Self {
        let mailer = MemoryMailer::new();
        let (time, host) = host(Fake::new());
        let mut method = change(MagicLink::new(mailer.clone()));
        method.pause = Duration::ZERO;
        method.attach(&host);
        Self { method, mailer, time }
    }

    /// Asks for a mail from a browser.
    async fn ask(&self, browser: &mut Browser, email: &str) -> LoginView {
        self.form(browser, &[("email", email)]).await
    }

    async fn form(&self, browser: &mut Browser, form: &[(&str, &str)]) -> LoginView {
        browser.view(&self.method, LoginStep::Form(&form.iter().copied().collect())).await
    }

    /// A browser that asked for a mail, and the mail: its link and its code.
    async fn mailed(&self, email: &str) -> (Browser, String, String) {
        let mut browser = Browser::new();
        let before = self.mailer.mails().len();
        self.ask(&mut browser, email).await;
        let (secret, code) = read(&self.mailer.nth(before + 1).await.expect("a mail"));
        (browser, secret, code)
    }

    async fn page(&self, browser: Option<&Browser>, secret: &str) -> LinkPage {
        self.method.link_get(browser.map(|browser| browser.flow.as_str()), secret).await.expect("the store works")
    }

    async fn open(&self, browser: Option<&Browser>, secret: &str) -> Option<String> {
        let opened = self.method.link_post(browser.map(|browser| browser.flow.as_str()), secret).await.expect("the store works");
        opened.map(|identity| identity.subject)
    }

    async fn code(&self, browser: &mut Browser, code: &str) -> Option<Identity> {
        match browser.step(&self.method, LoginStep::Form(&[("code", code)].into_iter().collect())).await {
            Ok(LoginNext::Done(identity)) => Some(identity),
            Ok(LoginNext::Show(LoginView::MailSent { problem: Some(problem), .. })) if problem == BAD_CODE => None,
            other => panic!("{other:?}"),
        }
    }

    /// Whether a mail is sent to an address when it is asked for from a peer.
    async fn is_sent(&self, email: &str, peer: &str) -> bool {
        let Some(desk) = &self.method.desk else { panic!("it was attached") };
        let errand = Errand {
            flow: crate::server::secrets::new_id(),
            email: EmailAddress::parse(email).expect("an address"),
            client_name: "Claude".to_owned(),
            public_url: "https://mcp.example.com".to_owned(),
            address: peer.parse::<IpAddr>().ok(),
        };
        desk.queue.postman().prepare(&errand).await.expect("the store works").is_some()
    }

    fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// The secret and the code in a mail.
fn read(mail: &Mail) -> (String, String) {
    let (_, rest) = mail.text.split_once("https://mcp.example.com/login/email/link?t=").expect("a link");
    let code = mail.text.lines().map(str::trim).find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
    (rest.lines().next().expect("a secret").to_owned(), code.expect("a code").to_owned())
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

fn confirm() -> LinkPage {
    LinkPage::Confirm { client_name: "Claude".to_owned() }
}

#[tokio::test]
async fn the_link_signs_in_the_browser_that_asked_for_it_once() {
    let case = Case::new();
    let (browser, secret, code) = case.mailed(" Ann@Example.com").await;
    assert_eq!(case.page(Some(&browser), &secret).await, confirm());
    assert_eq!(case.open(Some(&browser), &secret).await.as_deref(), Some("ann@example.com"));
    assert_eq!(case.open(Some(&browser), &secret).await, None);
    assert_eq!(case.page(Some(&browser), &secret).await, LinkPage::Gone);
    let mut browser = browser;
    assert_eq!(case.code(&mut browser, &code).await, None, "the code went with the link");
}

#[tokio::test]
async fn the_code_signs_in_once_and_says_how() {
    let case = Case::new();
    let (mut browser, secret, code) = case.mailed("ann@example.com").await;
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    let identity = case.code(&mut browser, &spaced).await.expect("the code is right");
    assert_eq!(identity.issuer, "urn:mcp-parity:email");
    assert_eq!((identity.subject.as_str(), identity.email.as_deref()), ("ann@example.com", Some("ann@example.com")));
    assert_eq!(identity.amr, ["email"]);
    assert_eq!(case.code(&mut browser, &code).await, None);
    assert_eq!(case.page(Some(&browser), &secret).await, LinkPage::Gone);
}

#[tokio::test]
async fn programs_that_follow_links_use_nothing_up() {
    let case = Case::new();
    let (browser, secret, code) = case.mailed("ann@example.com").await;
    let elsewhere = LinkPage::ShowCode { code, client_name: "Claude".to_owned() };
    for _ in 0..20 {
        assert_eq!(case.page(None, &secret).await, elsewhere);
        assert_eq!(case.open(None, &secret).await, None);
    }
    assert_eq!(case.open(Some(&browser), &secret).await.as_deref(), Some("ann@example.com"));
}

#[tokio::test]
async fn another_browser_is_shown_the_code_and_not_signed_in() {
    let case = Case::new();
    let (browser, secret, code) = case.mailed("ann@example.com").await;
    let other = Browser::new();
    assert_eq!(case.page(Some(&other), &secret).await, LinkPage::ShowCode { code: code.clone(), client_name: "Claude".to_owned() });
    assert_eq!(case.open(Some(&other), &secret).await, None);
    let mut browser = browser;
    assert!(case.code(&mut browser, &code).await.is_some());
}

#[tokio::test]
async fn a_code_is_good_in_the_window_that_asked_for_it_only() {
    let case = Case::new();
    let (mut browser, _, code) = case.mailed("ann@example.com").await;
    let (mut other, _, _) = case.mailed("eve@example.com").await;
    if code != case.mailed("bob@example.com").await.2 {
        assert!(case.code(&mut other, &code).await.is_none_or(|identity| identity.subject == "eve@example.com"));
    }
    assert_eq!(case.code(&mut browser, &code).await.expect("the code is right").subject, "ann@example.com");
}

#[tokio::test]
async fn of_many_who_open_a_link_at_once_one_gets_in() {
    let case = Arc::new(Case::new());
    let (browser, secret, code) = case.mailed("ann@example.com").await;
    let mut opening = JoinSet::new();
    for number in 0..64 {
        let (case, secret, code, flow, state) = (case.clone(), secret.clone(), code.clone(), browser.flow.clone(), browser.state.clone());
        opening.spawn(async move {
            if number % 2 == 0 {
                return case.method.link_post(Some(&flow), &secret).await.expect("the store works").is_some();
            }
            let mut browser = Browser { flow, state, ..Browser::new() };
            case.code(&mut browser, &code).await.is_some()
        });
    }
    assert_eq!(opening.join_all().await.into_iter().filter(|opened| *opened).count(), 1);
}

#[tokio::test]
async fn a_newer_link_voids_the_older() {
    let case = Case::new();
    let (mut browser, old, old_code) = case.mailed("ann@example.com").await;
    assert!(matches!(case.form(&mut browser, &[("resend", "1")]).await, LoginView::MailSent { problem: None, .. }));
    let (new, new_code) = read(&case.mailer.nth(2).await.expect("a second mail"));
    assert_ne!(old, new);
    assert_eq!(case.page(None, &old).await, LinkPage::Gone);
    assert_eq!(case.open(Some(&browser), &old).await, None);
    if old_code != new_code {
        assert_eq!(case.code(&mut browser, &old_code).await, None);
    }
    assert_eq!(case.open(Some(&browser), &new).await.as_deref(), Some("ann@example.com"));
}

#[tokio::test]
async fn links_and_codes_last_for_fifteen_minutes_whatever_is_tried_meanwhile() {
    let case = Case::new();
    let (mut early, early_secret, _) = case.mailed("ann@example.com").await;
    let (mut late, late_secret, late_code) = case.mailed("bob@example.com").await;
    case.pass(15 * 60 - 1);
    assert_eq!(case.page(Some(&early), &early_secret).await, confirm());
    assert_eq!(case.code(&mut late, wrong(&late_code)).await, None);
    assert_eq!(case.open(Some(&early), &early_secret).await.as_deref(), Some("ann@example.com"));
    case.pass(1);
    assert_eq!(case.page(Some(&late), &late_secret).await, LinkPage::Gone);
    assert_eq!(case.open(Some(&late), &late_secret).await, None);
    assert_eq!(case.code(&mut late, &late_code).await, None);
    assert_eq!(case.code(&mut early, "123456").await, None);
}

#[tokio::test]
async fn five_wrong_codes_void_code_and_link() {
    let case = Case::new();
    let (mut browser, _, code) = case.mailed("ann@example.com").await;
    for _ in 0..4 {
        assert_eq!(case.code(&mut browser, wrong(&code)).await, None);
    }
    assert!(case.code(&mut browser, &code).await.is_some(), "four are forgiven");

    let (mut browser, secret, code) = case.mailed("bob@example.com").await;
    for _ in 0..5 {
        assert_eq!(case.code(&mut browser, wrong(&code)).await, None);
    }
    assert_eq!(case.code(&mut browser, &code).await, None);
    assert_eq!(case.open(Some(&browser), &secret).await, None);
}

#[tokio::test]
async fn wrong_codes_that_come_at_once_all_count() {
    let case = Arc::new(Case::new());
    let (mut browser, _, code) = case.mailed("ann@example.com").await;
    let mut trying = JoinSet::new();
    for _ in 0..64 {
        let (case, flow, state, wrong) = (case.clone(), browser.flow.clone(), browser.state.clone(), wrong(&code));
        trying.spawn(async move { case.code(&mut Browser { flow, state, ..Browser::new() }, wrong).await });
    }
    assert!(trying.join_all().await.iter().all(Option::is_none));
    assert_eq!(case.code(&mut browser, &code).await, None);
}

#[tokio::test]
async fn every_address_is_answered_alike() {
    let case = Case::with(|method| method.only_to(["ann@example.com", "*@example.org"]));
    let mut views = Vec::new();
    for email in ["ann@example.com", "bob@example.com", "ann+x@example.com", "ann@sub.example.org", "bob@example.org"] {
        let mut browser = Browser::new();
        let sent = case.ask(&mut browser, email).await;
        let tried = case.form(&mut browser, &[("code", "none")]).await;
        let again = case.form(&mut browser, &[("resend", "1")]).await;
        views.push([sent, tried, again].map(|view| format!("{view:?}").replace(email, "E")));
    }
    assert!(views.iter().all(|view| *view == views[0]), "{views:?}");
    for (email, welcome) in
        [("bob@example.com", false), ("ann+x@example.com", false), ("ann@sub.example.org", false), ("eve@example.org", true)]
    {
        assert_eq!(case.is_sent(email, "").await, welcome, "{email}");
    }
}

#[tokio::test]
async fn no_code_opens_what_was_never_mailed() {
    let case = Case::with(|method| method.only_to(["ann@example.com"]));
    let mut browser = Browser::new();
    case.ask(&mut browser, "eve@example.com").await;
    // Mails are prepared in order, so once this one is there the other was decided on.
    case.mailed("ann@example.com").await;
    for code in ["", "-", " ", "0", "000000"] {
        let view = case.form(&mut browser, &[("code", code)]).await;
        assert!(matches!(view, LoginView::MailSent { .. } | LoginView::AskEmail { .. }), "{view:?}");
    }
    let key = super::links::key_of(&case.method.desk.as_ref().expect("it was attached").db, &browser.flow);
    for secret in ["", "mlk_", &format!("mlk_{key}"), &format!("mlk_{key}x"), "mlk_ä", &"mlk_ä".repeat(20)] {
        assert_eq!(case.page(Some(&browser), secret).await, LinkPage::Gone, "{secret}");
        assert_eq!(case.open(Some(&browser), secret).await, None, "{secret}");
    }
}

#[tokio::test]
async fn a_mailbox_is_sent_three_mails_in_fifteen_minutes_and_ten_in_a_day() {
    let case = Case::new();
    let mut sent = Vec::new();
    for round in 0..5 {
        for email in ["ann@example.com", "Ann@EXAMPLE.com", "ann+a@example.com", "ann+b@example.com"] {
            sent.push(case.is_sent(email, &format!("192.0.2.{round}")).await);
        }
        case.pass(15 * 60);
    }
    let expected = [[true, true, true, false]; 3].concat();
    assert_eq!(sent[..12], expected[..]);
    assert_eq!(sent[12..], [true, false, false, false, false, false, false, false]);
    assert!(case.is_sent("bob@example.com", "192.0.2.1").await, "others are not affected");
    case.pass(24 * 60 * 60);
    assert!(case.is_sent("ann@example.com", "192.0.2.1").await);
}

#[tokio::test]
async fn a_peer_and_all_together_ask_for_so_many_mails_only() {
    let case = Case::with(|method| method.mails_per_hour(40));
    let mut sent = 0;
    for number in 0..40 {
        let peer = format!("2001:db8:0:1::{number:x}");
        sent += u64::from(case.is_sent(&format!("a{number}@example.com"), &peer).await);
    }
    assert_eq!(sent, 30, "a /64 is one peer");
    for number in 0..20 {
        sent += u64::from(case.is_sent(&format!("b{number}@example.com"), &format!("192.0.2.{number}")).await);
    }
    assert_eq!(sent, 40);
    case.pass(60 * 60);
    assert!(case.is_sent("c@example.com", "192.0.2.1").await);
}

#[tokio::test]
async fn who_reached_the_limit_is_answered_as_before_and_keeps_the_last_link() {
    let case = Case::new();
    let (mut browser, _, _) = case.mailed("ann@example.com").await;
    let answer = case.form(&mut browser, &[("resend", "1")]).await;
    case.form(&mut browser, &[("resend", "1")]).await;
    let (secret, _) = read(&case.mailer.nth(3).await.expect("a third mail"));
    assert_eq!(case.form(&mut browser, &[("resend", "1")]).await, answer);
    case.mailed("bob@example.com").await;
    assert_eq!(case.mailer.mails().len(), 4, "three to her and one to him");
    assert_eq!(case.open(Some(&browser), &secret).await.as_deref(), Some("ann@example.com"));
}

#[tokio::test]
async fn what_is_no_address_is_sent_nothing() {
    let case = Case::new();
    for email in ["ann", "ann@example.com\r\nBcc: eve@example.com", "\"a\"@example.com", "ann@b@example.com", "ann@127.0.0.1"] {
        let mut browser = Browser::new();
        let view = case.ask(&mut browser, email).await;
        assert!(matches!(view, LoginView::AskEmail { problem: Some(_) }), "{email:?}: {view:?}");
    }
    let (_, _, _) = case.mailed("ann@\u{430}pple.com").await;
    let mails = case.mailer.mails();
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["ann@xn--pple-43d.com"]);
}

#[tokio::test]
async fn a_mail_that_was_not_taken_is_sent_once_more() {
    let busy = || MailError::temporary("busy");
    for (errors, arrives) in
        [(vec![], true), (vec![busy()], true), (vec![busy(), busy()], false), (vec![MailError::permanent("refused")], false)]
    {
        let case = Case::new();
        let (_, secret, _) = case.mailed("ann@example.com").await;
        let mail = case.mailer.nth(1).await.expect("a mail");
        assert!(mail.text.contains(&secret));
        errors.iter().for_each(|error| case.mailer.fail_next(error.clone()));
        case.method.desk.as_ref().expect("it was attached").queue.postman().send(mail).await;
        assert_eq!(case.mailer.mails().len() - 1, usize::from(arrives), "{errors:?}");
    }
}

#[tokio::test]
async fn a_form_without_an_address_begins_anew() {
    let case = Case::new();
    for form in [&[("resend", "1")][..], &[("code", "123456")], &[("other", "x")], &[]] {
        assert_eq!(case.form(&mut Browser::new(), form).await, LoginView::AskEmail { problem: None });
    }
    assert_eq!(Browser::new().view(&case.method, LoginStep::Begin).await, LoginView::AskEmail { problem: None });
}

#[tokio::test]
async fn a_method_that_belongs_to_no_server_signs_nobody_in() {
    let method = MagicLink::new(MemoryMailer::new());
    let form = [("email", "ann@example.com")].into_iter().collect();
    assert!(Browser::new().step(&method, LoginStep::Form(&form)).await.is_err());
    assert_eq!(method.link_get(None, "mlk_x").await, Ok(LinkPage::Gone));
    assert_eq!(method.link_post(Some("flow"), "mlk_x").await, Ok(None));
}

#[tokio::test]
async fn mails_end_with_their_method() {
    /// Never takes a mail, and says when the wish to send one is gone.
    struct Stuck(tokio::sync::mpsc::Sender<()>);
    #[async_trait]
    impl Mailer for Stuck {
        async fn send(&self, _mail: Mail) -> Result<(), MailError> {
            let _ = self.0.send(()).await;
            let _alive = self.0.clone();
            std::future::pending().await
        }
    }
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let mut method = MagicLink::new(Stuck(sender));
    method.attach(&host(Fake::new()).1);
    for number in 0..8 {
        let form = [("email", format!("a{number}@example.com"))].into_iter().collect();
        Browser::new().view(&method, LoginStep::Form(&form)).await;
        assert_eq!(receiver.recv().await, Some(()));
    }
    drop(method);
    let gone = tokio::time::timeout(Duration::from_secs(10), receiver.recv()).await;
    assert_eq!(gone, Ok(None), "they went with it, though as many were under way as are at once");
}
