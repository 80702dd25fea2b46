//! Attacks with names: hosts that a client names, and that are inside when they are looked up.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mcp_auth::{FetchPolicy, GuardedFetcher, LookUp};
use mcp_tests::authorized::{Authorized, Client, HOSTED_CALLBACK};
use serde_json::json;

use crate::bench::{assert_recorded, assert_unwritten, bystander, site_with};

/// An address that is routed as far as the rules know, and at which nobody is: its block was given back when the 6bone ended (RFC 3701).
const GLOBAL: &str = "3ffe::1";

/// A names service: each look-up of a name gets the next of its answers, and after the last one the last one again.
#[derive(Clone, Default)]
struct Names {
    /// The next ones last.
    answers: Arc<Mutex<HashMap<String, Vec<Vec<IpAddr>>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    fn new(answers: &[(&str, &[&[&str]])]) -> Self {
        let addresses = |answer: &&[&str]| answer.iter().map(|address| address.parse().expect("an address")).collect();
        let answers = answers.iter().map(|(name, answers)| ((*name).to_owned(), answers.iter().rev().map(addresses).collect()));
        Self { answers: Arc::new(Mutex::new(answers.collect())), asked: Arc::default() }
    }

    /// The names that it was asked for since the last time.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.asked))
    }
}

#[async_trait]
impl LookUp for Names {
    async fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        lock(&self.asked).push(host.to_owned());
        let mut answers = lock(&self.answers);
        let answers = answers.get_mut(host).ok_or(io::ErrorKind::NotFound)?;
        let next = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        next.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A port of this machine that nobody should connect to.
struct Trap(TcpListener);

impl Trap {
    fn set() -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
        socket.set_nonblocking(true).expect("it can be asked");
        Self(socket)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().expect("a bound socket has an address").port()
    }

    /// Whether somebody connected. The system takes connections up by itself, so there is nothing to wait for.
    fn has_sprung(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// A server that knows names from this service only; `inside` if it may ask this machine.
async fn site(names: &Names, inside: bool) -> Authorized {
    let policy = FetchPolicy { allow_loopback_http: inside, timeout: Duration::from_millis(500), ..FetchPolicy::default() };
    let fetcher = Arc::new(GuardedFetcher::with_names(policy, names.clone()).expect("a fetcher"));
    site_with(|builder| builder.fetcher(fetcher)).await
}

/// Asks on behalf of a client whose document is at this URL; nobody is led anywhere.
async fn check_unknown(site: &Authorized, id: &str) {
    let client = Client { id: id.to_owned(), secret: None, redirect_uri: HOSTED_CALLBACK.to_owned() };
    let answer = site.get(&client.flow(site, "mcp:read").path()).await;
    assert_eq!((answer.status, answer.header("location")), (503, None), "{id}: {answer:?}");
}

/// Names that are inside, in the ways in which they can be.
const INSIDE: [(&str, &[&[&str]]); 14] = [
    ("10.0.0.1.nip.io", &[&["10.0.0.1"]]),
    ("127.0.0.1.nip.io", &[&["127.0.0.1"]]),
    ("localhost.localdomain", &[&["127.0.0.1", "::1"]]),
    ("app.localhost", &[&["127.0.0.1"]]),
    ("metadata.google.internal", &[&["169.254.169.254"]]),
    ("metadata.google.internal.", &[&["169.254.169.254"]]),
    ("app.example.", &[&["127.0.0.1"]]),
    ("mapped.example", &[&["::ffff:127.0.0.1"]]),
    ("nat64.example", &[&["64:ff9b::7f00:1"]]),
    ("6to4.example", &[&["2002:7f00:1::"]]),
    ("teredo.example", &[&["2001:0:7f00:1::"]]),
    ("private.example", &[&["fd00::1", "192.168.0.1", "172.16.0.1", "100.64.0.1"]]),
    ("any.example", &[&["0.0.0.0", "::"]]),
    ("nothing.example", &[&[]]),
];

#[tokio::test]
async fn attack_clients_no_document_is_fetched_from_a_name_that_is_inside() {
    let (names, trap) = (Names::new(&INSIDE), Trap::set());
    let site = site(&names, false).await;
    for (name, _) in INSIDE {
        check_unknown(&site, &format!("https://{name}:{}/client", trap.port())).await;
        assert_eq!(names.asked(), [name], "{name} was not refused for its address");
        assert!(!trap.has_sprung(), "{name} was connected to");
    }
    // There is nothing to look up in a name that can only be of this machine.
    for name in ["localhost", "localhost.", "intranet."] {
        let client = Client { id: format!("https://{name}/client"), secret: None, redirect_uri: HOSTED_CALLBACK.to_owned() };
        assert_eq!(site.get(&client.flow(&site, "mcp:read").path()).await.status, 400, "{name}");
        assert_eq!(names.asked(), [] as [&str; 0], "{name}");
    }
    assert_recorded(&site, "oauth/authorize", "temporarily_unavailable");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_a_name_that_changes_leads_nowhere() {
    let (here, outside): (&[&str], &[&str]) = (&["127.0.0.1"], &[GLOBAL]);
    let names = Names::new(&[
        ("later.example", &[outside, here]),
        ("both.example", &[&[GLOBAL, "127.0.0.1"]]),
        ("first.example", &[here, outside]),
    ]);
    let trap = Trap::set();
    let site = site(&names, false).await;
    for name in ["later.example", "both.example", "first.example"] {
        let id = format!("https://{name}:{}/client", trap.port());
        let mut asked = Vec::new();
        for _ in 0..2 {
            check_unknown(&site, &id).await;
            asked.push(names.asked());
            site.clock.advance(Duration::from_secs(61));
        }
        // What was found is what is connected to: nothing is looked up once to be checked and once more to be used.
        assert_eq!(asked, [[name], [name]]);
        assert!(!trap.has_sprung(), "{name} was connected to");
    }
    assert_recorded(&site, "oauth/authorize", "temporarily_unavailable");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn attack_clients_no_keys_are_fetched_from_a_name_that_is_inside() {
    let (names, trap) = (Names::new(&INSIDE), Trap::set());
    let site = site(&names, false).await;
    let signer = mcp_tests::protected::Signer::new("one");
    for (name, _) in INSIDE {
        let metadata = json!({
            "client_name": "Service", "redirect_uris": [HOSTED_CALLBACK], "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": format!("https://{name}:{}/keys", trap.port()),
        });
        let answer = site.register(&metadata).await;
        assert_eq!((answer.status, names.asked().len()), (201, 0), "{name}: {answer:?}");
        let id = answer.json()["client_id"].as_str().expect("an id").to_owned();
        let now = site.clock.unix_seconds();
        let claims = json!({"iss": id, "sub": id, "aud": site.url, "iat": now, "exp": now + 60, "jti": name});
        let assertion = signer.sign(&json!({"alg": "ES256", "kid": "one"}), &claims);
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        let answer = site.post("/token", &fields).await;
        assert!(matches!(answer.status, 401 | 503), "{name}: {answer:?}");
        assert_eq!(names.asked(), [name], "{name} was not refused for its address");
        assert!(!trap.has_sprung(), "{name} was connected to");
    }
    assert_recorded(&site, "oauth/token", "temporarily_unavailable");
    assert_unwritten(&site, &[&bystander(&site).await]);
}

#[tokio::test]
async fn the_trap_springs_where_names_may_be_inside() {
    let names = Names::new(&[("app.example", &[&["127.0.0.1"]])]);
    let trap = Trap::set();
    check_unknown(&site(&names, true).await, &format!("https://app.example:{}/client", trap.port())).await;
    assert!(trap.has_sprung(), "what the other tests do not see is there to be seen");
}
