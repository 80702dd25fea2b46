//! Where a token must not turn up.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use mcp_auth::{ApiKeys, Cached, ClientAuth, FirstOf, Introspection, Principal};
use mcp_core::Revision;
use mcp_testkit::http::Request;
use mcp_tests::client::{call, initialize, post};
use mcp_tests::protected::{Answer, Issuer, Site, authorized, now};
use serde_json::json;

/// What was written, from any thread.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that is logged, and every panic, from now on.
fn listen_in() -> (Written, Written) {
    let (logs, panics) = (Written::default(), Written::default());
    let writer = logs.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).with_ansi(false);
    subscriber.with_writer(move || writer.clone()).try_init().expect("nobody else listens in");
    let (usual, mut writer) = (std::panic::take_hook(), panics.clone());
    let hook = Mutex::new(move |info: &std::panic::PanicHookInfo<'_>| {
        let _ = writeln!(writer, "{info}");
        usual(info);
    });
    std::panic::set_hook(Box::new(move |info| (hook.lock().unwrap_or_else(PoisonError::into_inner))(info)));
    (logs, panics)
}

/// Sends a token in every way in which it is looked at, good or bad; gives all that comes back.
async fn use_token(site: &Site, token: &str) -> String {
    let mut seen = String::new();
    let mut requests: Vec<Request> = ["whoami", "reads", "executes", "administers", "confirms", "asks", "works", "panics", "absent"]
        .map(|tool| site.request(Some(token), &call(Revision::LATEST, 1, tool, "{}")))
        .into();
    let old = Revision::V2025_11_25;
    requests.push(authorized(post(site.address, old, None, &initialize(old)), Some(token)));
    requests.push(authorized(site.request(Some(token), "{}"), Some(token)));
    requests.push(site.request(Some(&format!("{token}\u{7f}")), "{}"));
    requests.push(Request { body: "{".into(), ..site.request(Some(token), "{}") });
    for (method, path) in
        [("GET", "/mcp/tools"), ("GET", "/mcp/openapi.json"), ("GET", "/mcp"), ("DELETE", "/mcp"), ("POST", "/mcp/tool/reads")]
    {
        requests.push(Request { method, path: path.to_owned(), ..site.request(Some(token), "{}") });
    }
    for request in requests {
        seen.push_str(&format!("{:?}\n", Answer::of(request).await));
    }
    for tool in ["whoami", "executes", "panics"] {
        seen.push_str(&format!("{:?}\n", site.over_stdio(token, &call(Revision::LATEST, 1, tool, "{}")).await));
    }
    seen
}

#[tokio::test]
async fn rs_20_a_token_turns_up_nowhere() {
    let (logs, panics) = listen_in();
    let issuer = Issuer::default();
    let endpoint = "https://issuer.example/introspect";
    let introspection = Introspection::new(issuer.web.clone(), http::Uri::from_static(endpoint), ClientAuth::basic("mcp", "hush"));
    let key = ApiKeys::generate("mcpk");
    let keys = ApiKeys::new("mcpk").key(&key, Principal::new("ci"));
    let providers = FirstOf::new(vec![Arc::new(keys), Arc::new(issuer.verifier()), Arc::new(Cached::new(introspection))]);
    let site = Site::start(providers).await;

    let (good, expired) = (issuer.token(json!({})), issuer.token(json!({"exp": now() - 3_600})));
    let opaque = "canary-of-introspection-0123456789";
    let mut seen = String::new();
    for token in [&*good, &*expired, &*key, "mcpk_canary-of-an-unknown-key"] {
        seen.push_str(&use_token(&site, token).await);
    }
    assert!(issuer.web.asked().iter().all(|asked| asked.url != endpoint), "nobody is asked about a token that somebody knows");
    for status in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::UNAUTHORIZED] {
        issuer.web.fail(endpoint, status);
        seen.push_str(&use_token(&site, opaque).await);
    }
    issuer.web.put(endpoint, &json!({"active": false}));
    seen.push_str(&use_token(&site, opaque).await);

    // They were listened in on, and there was something to hear.
    assert!(logs.text().contains("the issuer's answer is of no use"), "{}", logs.text());
    assert!(panics.text().contains("the tool's own reason"), "{}", panics.text());
    assert!(seen.contains("ann of https://issuer.example") && seen.contains("ci of nowhere"), "{seen}");
    let records = site.records().join("\n");
    assert!(records.contains(r#""subject":"ann""#) && records.contains(r#""reason":"unavailable""#), "{records}");

    let requests: String = issuer.web.asked().iter().filter(|asked| asked.url != endpoint).map(|asked| format!("{asked:?}\n")).collect();
    assert!(requests.contains("https://issuer.example/keys"), "{requests}");
    let signature = |token: &str| token.rsplit('.').next().expect("a signature").to_owned();
    let (_, key) = key.split_once('_').expect("a prefix");
    let canaries = [signature(&good), signature(&expired), key.to_owned(), "canary-of".to_owned(), "hush".to_owned()];
    for (place, text) in
        [("responses", &seen), ("records", &records), ("logs", &logs.text()), ("panics", &panics.text()), ("requests", &requests)]
    {
        for canary in &canaries {
            assert!(!text.contains(canary.as_str()), "`{canary}` is in the {place}: {text}");
        }
    }
    let asked = issuer.web.asked();
    assert!(asked.iter().any(|asked| asked.url == endpoint && asked.text.contains(opaque)), "introspection has to name the token");
}
