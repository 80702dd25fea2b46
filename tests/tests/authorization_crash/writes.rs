//! Killing the server at each of the writes by which it takes a step, before it is made and after.

use mcp_testkit::browser::{BrowseError, Form, Landing};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::mortal::Death;
use crate::server::Killable;
use crate::visitor::{Given, Visitor};

const ADDRESS: &str = "ann@example.com";

/// A server with a file of its own, somebody who takes a step, and somebody who has nothing to do with it.
struct Stage {
    directory: TempDir,
    server: Killable,
    visitor: Visitor,
    bystander: Visitor,
    bystanders: Given,
}

impl Stage {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let server = Killable::start(&directory.path().join("store.db")).await;
        let visitor = Visitor::new(&server).await;
        let bystander = Visitor::with(&server, "Another app").await;
        let code = bystander.code(&server).await;
        let bystanders = bystander.exchange(&server, &code).await.expect("it lives").expect("tokens");
        Self { directory, server, visitor, bystander, bystanders }
    }

    /// Takes a step, in which the server dies, and starts the server again.
    async fn dies<S>(&mut self, death: Death, step: &impl AsyncFn(&Self, &S), prepared: &S) {
        self.server.dies(Some(death)).expect("it lives");
        step(self, prepared).await;
        assert!(self.server.has_died(), "it lives on {death}");
        self.server.start_on(&self.directory.path().join("store.db"));
        assert!(self.bystander.is_signed_in(&self.server).await, "{death}, a session is lost");
        assert!(self.bystander.is_let_in(&self.server, &self.bystanders.access).await, "{death}, an access token is lost");
        let next = self.bystander.renew(&self.server, &self.bystanders.refresh).await.expect("it lives");
        next.unwrap_or_else(|error| panic!("{death}, a refresh token is lost: {error}"));
    }
}

/// Where a server died: at which write, and of how many.
#[derive(Clone, Copy)]
struct Dead {
    death: Death,
    writes: u64,
}

impl Dead {
    /// Nothing is on the disk of what was asked for.
    fn is_before_all(self) -> bool {
        self.death == Death { write: 1, made: false }
    }

    /// All of it is, and only the answer is lost.
    fn is_after_all(self) -> bool {
        self.death == Death { write: self.writes, made: true }
    }
}

/// Takes a step as often as it has writes, twice each, and looks at what is left of it.
async fn check<S>(prepare: impl AsyncFn(&Stage) -> S, step: impl AsyncFn(&Stage, &S), look: impl AsyncFn(&Stage, S, Dead)) {
    let mut whole = Stage::new().await;
    let prepared = prepare(&whole).await;
    whole.server.dies(None).expect("it lives");
    step(&whole, &prepared).await;
    let writes = whole.server.dies(None).expect("it lives");
    assert!(writes >= 1, "the step writes nothing");
    for write in 1..=writes {
        for made in [false, true] {
            let death = Death { write, made };
            let mut stage = Stage::new().await;
            let prepared = prepare(&stage).await;
            stage.dies(death, &step, &prepared).await;
            look(&stage, prepared, Dead { death, writes }).await;
        }
    }
}

/// Whether somebody is signed in and is asked what a client may do.
fn is_asked(landing: &Result<Landing, BrowseError>) -> bool {
    matches!(landing, Ok(Landing::Page(page)) if page.title().starts_with("Allow "))
}

/// Takes what the client was just led back with to the end.
async fn connects(stage: &Stage, landing: Landing, dead: Dead) {
    let code = stage.visitor.allowed(landing).await;
    let given = stage.visitor.exchange(&stage.server, &code).await.expect("it lives").expect("tokens");
    goes_on(stage, &given, dead).await;
}

/// Uses the tokens that came of a code.
async fn goes_on(stage: &Stage, given: &Given, dead: Dead) {
    assert!(stage.visitor.is_let_in(&stage.server, &given.access).await, "{}", dead.death);
    let next = stage.visitor.renew(&stage.server, &given.refresh).await.expect("it lives");
    next.unwrap_or_else(|error| panic!("{}, a refresh token is good for nothing: {error}", dead.death));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_write_a_renewal_logs_nobody_out() {
    let prepare = async |stage: &Stage| {
        let code = stage.visitor.code(&stage.server).await;
        stage.visitor.exchange(&stage.server, &code).await.expect("it lives").expect("tokens")
    };
    let step = async |stage: &Stage, held: &Given| drop(stage.visitor.renew(&stage.server, &held.refresh).await);
    check(prepare, step, async |stage, held, dead| {
        assert!(stage.visitor.is_signed_in(&stage.server).await, "{}", dead.death);
        let renew = async |refresh: &str| stage.visitor.renew(&stage.server, refresh).await.expect("it lives");
        let next = renew(&held.refresh).await.unwrap_or_else(|error| panic!("{}, logged out: {error}", dead.death));
        assert!(stage.visitor.is_let_in(&stage.server, &next.access).await, "{}", dead.death);
        // Who asks again gets the same: there is one successor, and it goes on from there.
        let again = renew(&held.refresh).await.expect("it is asked again in time");
        assert_eq!(again.refresh, next.refresh, "{}", dead.death);
        renew(&next.refresh).await.expect("the newest");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_write_a_request_can_be_made_again() {
    // The person has allowed the client before, so that the request is answered with a code at once.
    let prepare = async |stage: &Stage| drop(stage.visitor.code(&stage.server).await);
    let step = async |stage: &Stage, (): &()| drop(stage.visitor.tries_to_begin(&stage.server).await);
    check(prepare, step, async |stage, (), dead| {
        assert!(stage.visitor.is_signed_in(&stage.server).await, "{}", dead.death);
        connects(stage, stage.visitor.begins(&stage.server).await, dead).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_write_a_decision_counts_once() {
    let prepare = async |stage: &Stage| {
        stage.visitor.signs_in(&stage.server).await;
        // Whoever chose before is asked again if the client wants that.
        let page = stage.visitor.begins_anew(&stage.server).await.page().expect("a page that asks");
        page.forms().into_iter().find(|form| form.buttons().iter().any(|button| button == "Deny")).expect("a form")
    };
    let step = async |_: &Stage, form: &Form| drop(allow(form).await);
    check(prepare, step, async |stage, form, dead| {
        assert!(stage.visitor.is_signed_in(&stage.server).await, "{}", dead.death);
        let again = allow(&form).await.expect("it lives");
        let is_taken = again.parameter("code").is_some();
        assert!(is_taken || !dead.is_before_all(), "{}, a decision is lost: {again:?}", dead.death);
        assert!(!is_taken || !dead.is_after_all(), "{}, a decision counts twice", dead.death);
        if is_taken {
            connects(stage, again, dead).await;
        }
        let third = allow(&form).await.expect("it lives");
        assert!(third.parameter("code").is_none(), "{}, a decision counts twice", dead.death);
        connects(stage, stage.visitor.begins(&stage.server).await, dead).await;
    })
    .await;
}

/// Presses the button that allows.
async fn allow(form: &Form) -> Result<Landing, BrowseError> {
    let button = form.buttons().into_iter().find(|button| button.starts_with("Allow")).expect("a button");
    form.clone().submit(Some(&button)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_write_a_code_is_honoured_once() {
    let prepare = async |stage: &Stage| stage.visitor.code(&stage.server).await;
    let step = async |stage: &Stage, code: &String| drop(stage.visitor.exchange(&stage.server, code).await);
    check(prepare, step, async |stage, code, dead| {
        assert!(stage.visitor.is_signed_in(&stage.server).await, "{}", dead.death);
        let exchange = async || stage.visitor.exchange(&stage.server, &code).await.expect("it lives");
        match exchange().await {
            Ok(given) => {
                assert!(!dead.is_after_all(), "{}, a code is honoured twice", dead.death);
                goes_on(stage, &given, dead).await;
                assert_eq!(exchange().await.expect_err("it is spent")["error"], "invalid_grant", "{}", dead.death);
            }
            Err(error) => {
                assert!(!dead.is_before_all(), "{}, a code is lost: {error}", dead.death);
                assert_eq!(error["error"], "invalid_grant", "{}", dead.death);
            }
        }
        connects(stage, stage.visitor.begins(&stage.server).await, dead).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_write_a_mail_can_be_asked_for_again() {
    let prepare = async |stage: &Stage| stage.visitor.asks_for_mail(&stage.server, ADDRESS).await;
    let step = async |stage: &Stage, form: &Form| {
        // The answer comes before the mail is written, so the mail, or the end of the process, has to be awaited.
        let mut open = TcpStream::connect(stage.server.address).await.expect("it lives");
        drop(form.clone().submit(None).await);
        let mut byte = [0];
        tokio::select! {
            mail = stage.server.mailbox.next_to(ADDRESS) => drop(mail.expect("a mail")),
            _ = open.read(&mut byte) => {}
        }
    };
    check(prepare, step, async |stage, _, dead| {
        assert_eq!(stage.server.mailbox.all().len(), 0, "{}", dead.death);
        stage.visitor.asks_for_mail(&stage.server, ADDRESS).await.submit(None).await.expect("it lives");
        let link = stage.visitor.link(&stage.server, ADDRESS).await;
        let landing = stage.visitor.opens(&link).await.submit(None).await;
        assert!(is_asked(&landing), "{}: {landing:?}", dead.death);
        connects(stage, landing.expect("it lives"), dead).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_write_a_link_is_honoured_once() {
    let prepare = async |stage: &Stage| {
        stage.visitor.asks_for_mail(&stage.server, ADDRESS).await.submit(None).await.expect("it lives");
        let link = stage.visitor.link(&stage.server, ADDRESS).await;
        (stage.visitor.opens(&link).await, link)
    };
    let step = async |_: &Stage, (button, _): &(Form, String)| drop(button.clone().submit(None).await);
    check(prepare, step, async |stage, (button, link), dead| {
        let again = button.clone().submit(None).await;
        assert_eq!(is_asked(&again), dead.is_before_all(), "{}: {again:?}", dead.death);
        // A third time it is nothing in any case.
        let third = stage.visitor.browser.visit(&link).await.expect("it lives").page().expect("a page");
        assert!(third.status() == 400 && third.forms().is_empty(), "{}: {}", dead.death, third.text());
        assert!(!is_asked(&button.submit(None).await), "{}, a link is honoured twice", dead.death);
        // Another mail signs in.
        stage.visitor.browser.forget_cookies();
        stage.visitor.asks_for_mail(&stage.server, ADDRESS).await.submit(None).await.expect("it lives");
        let link = stage.visitor.link(&stage.server, ADDRESS).await;
        let landing = stage.visitor.opens(&link).await.submit(None).await;
        assert!(is_asked(&landing), "{}: {landing:?}", dead.death);
        connects(stage, landing.expect("it lives"), dead).await;
    })
    .await;
}
