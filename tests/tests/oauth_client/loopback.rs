//! The port to which the browser comes back.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mcp_client::oauth::{Browser, OAuth, OAuthError, ShowUrl};
use mcp_testkit::http::Request;
use mcp_tests::protected::Answer;
use tokio::net::TcpStream;
use url::Url;

use super::fake::Fake;
use super::{call, connect, person, refused};

/// A browser into which others talk before the person is back.
#[derive(Clone, Default)]
struct Talked {
    port: Arc<Mutex<u16>>,
}

async fn ask(port: u16, method: &'static str, path: &str) -> Answer {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let request = Request { address, method, path: path.to_owned(), headers: Vec::new(), body: bytes::Bytes::new() };
    Answer::of(request).await
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(given, _)| given == name).expect("the parameter").1.into_owned()
}

#[async_trait]
impl Browser for Talked {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        let url = Url::parse(url).expect("a URL");
        let (state, back) = (parameter(&url, "state"), Url::parse(&parameter(&url, "redirect_uri")).expect("a URL"));
        let port = back.port().expect("a port");
        *self.port.lock().expect("no test panicked") = port;
        assert!(TcpStream::connect(("127.0.0.2", port)).await.is_err(), "it listens at one address only");
        let right = format!("/callback?code=the-code&iss={}&state={state}", url.origin().ascii_serialization());
        for (method, path, status) in [
            ("GET", "/", 404),
            ("GET", "/callback/more", 404),
            ("GET", "/callback", 400),
            ("GET", "/callback?code=evil&state=other", 400),
            ("GET", &format!("/callback?error=access_denied&state={state}x"), 400),
            ("POST", right.as_str(), 405),
        ] {
            assert_eq!(ask(port, method, path).await.status, status, "{method} {path}");
        }
        // A connection that says nothing holds up nobody.
        let _silent = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
        let page = ask(port, "GET", &right).await;
        assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
        assert!(page.body.contains("You can close this tab"), "{page:?}");
        Ok(None)
    }
}

#[tokio::test]
async fn cl_22_the_port_takes_the_answer_that_is_waited_for_and_closes() {
    let fake = Fake::start().await;
    let browser = Talked::default();
    connect(&fake, OAuth::person(browser.clone())).await.expect("it signs in");
    assert_eq!(fake.parameters("/token", "code"), [Some("the-code".to_owned())]);
    let port = *browser.port.lock().expect("no test panicked");
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn cl_22_nobody_is_waited_for_forever() {
    let fake = Fake::start().await;
    let why = refused(&fake, OAuth::person(ShowUrl(|_: &str| ())).patience(Duration::from_millis(50))).await;
    assert_eq!(why, "authorization: nobody finished signing in within 50ms");
}

#[tokio::test]
async fn cl_22_the_port_that_was_registered_is_used_again() {
    let fake = Fake::start().await;
    let oauth = Arc::new(person().build());
    for _ in 0..2 {
        fake.script().forget_access();
        fake.script().forget_refresh();
        call(&fake, &oauth).await.expect("it is let in");
    }
    let used = fake.parameters("/authorize", "redirect_uri");
    assert_eq!((used.len(), &used[0]), (2, &used[1]));
    assert_eq!(fake.at("/register").len(), 1);

    // When somebody else has it meanwhile, the client registers with another one.
    let port = Url::parse(used[0].as_deref().expect("a URI")).expect("a URL").port().expect("a port");
    let _taken = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("it is free");
    fake.script().forget_access();
    fake.script().forget_refresh();
    call(&fake, &oauth).await.expect("it is let in");
    assert_eq!(fake.at("/register").len(), 2);
}

#[tokio::test]
async fn cl_22_a_redirect_uri_of_choice_is_kept_to() {
    let fake = Fake::start().await;
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let uri = format!("http://localhost:{port}/oauth/callback");
    connect(&fake, person().redirect_uri(&uri)).await.expect("it signs in");
    assert_eq!(fake.parameters("/authorize", "redirect_uri"), [Some(uri.clone())]);
    assert_eq!(fake.parameters("/token", "redirect_uri"), [Some(uri)]);
    for unfit in ["http://0.0.0.0/callback", "https://client.example/callback", "http://127.0.0.1/callback?x=1", "myapp:/callback"] {
        let why = refused(&fake, person().redirect_uri(unfit)).await;
        assert!(why.contains("must not be used"), "{unfit}: {why}");
    }
}

/// A person at another machine, who copies the URL to which the browser there was led.
struct Copied;

#[async_trait]
impl Browser for Copied {
    async fn open(&self, url: &str) -> Result<Option<String>, OAuthError> {
        let url = Url::parse(url).expect("a URL");
        let (state, back) = (parameter(&url, "state"), parameter(&url, "redirect_uri"));
        Ok(Some(format!("{back}?code=copied&iss={}&state={state}", url.origin().ascii_serialization())))
    }
}

#[tokio::test]
async fn an_answer_that_a_person_copies_is_as_good() {
    let fake = Fake::start().await;
    connect(&fake, OAuth::person(Copied)).await.expect("it signs in");
    assert_eq!(fake.parameters("/token", "code"), [Some("copied".to_owned())]);
}
