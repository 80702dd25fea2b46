//! When documents are fetched, and what happens when they are not to be had.

use serde_json::json;

use super::super::testing::{Case, document};
use super::super::{ClientSource, known};
use super::*;
use crate::{FetchPolicy, GuardedFetcher};

const ID: &str = "https://app.example/client.json";
const DAY: u64 = 24 * 3_600;

async fn find(case: &Case, id: &str) -> Result<String, (&'static str, u16)> {
    match case.clients.find(id).await {
        Ok(client) => Ok(client.expect("a client").name),
        Err(error) => Err((error.code, error.status.as_u16())),
    }
}

fn named(id: &str, name: &str) -> serde_json::Value {
    let mut document = document(id);
    document["client_name"] = json!(name);
    document
}

const BAD: Result<String, (&str, u16)> = Err(("invalid_client_metadata", 400));
const UNAVAILABLE: Result<String, (&str, u16)> = Err(("temporarily_unavailable", 503));

#[tokio::test]
async fn a_document_is_fetched_once_for_all_who_want_it_and_again_when_it_is_old() {
    let case = Case::new();
    case.web.put(ID, 200, &[("content-type", "application/json"), ("cache-control", "max-age=300")], document(ID).to_string());
    let found = tokio::join!(find(&case, ID), find(&case, ID), find(&case, ID), find(&case, ID));
    assert_eq!(found, (Ok("App".to_owned()), Ok("App".to_owned()), Ok("App".to_owned()), Ok("App".to_owned())));
    assert_eq!(case.web.asked(), 1);
    case.web.serve(ID, &named(ID, "New"));
    case.pass(299);
    assert_eq!((find(&case, ID).await, case.web.asked()), (Ok("App".to_owned()), 1));
    case.pass(1);
    assert_eq!((find(&case, ID).await, case.web.asked()), (Ok("New".to_owned()), 2));
    let client = case.clients.find(ID).await.expect("an answer").expect("a client");
    assert_eq!((client.id.as_str(), client.source, client.is_confidential()), (ID, ClientSource::Document, false));
    assert_eq!(case.rows().await, 0);
}

#[tokio::test]
async fn an_earlier_document_is_used_for_a_week_while_the_host_does_not_answer() {
    let case = Case::new();
    case.web.serve(ID, &document(ID));
    assert_eq!(find(&case, ID).await, Ok("App".to_owned()));
    case.web.put(ID, 403, &[("content-type", "text/html")], "<title>Just a moment</title>");
    case.pass(3_600);
    assert_eq!((find(&case, ID).await, case.web.asked()), (Ok("App".to_owned()), 2));
    for _ in 0..10 {
        assert_eq!((find(&case, ID).await, case.web.asked()), (Ok("App".to_owned()), 2));
    }
    case.pass(60);
    case.web.fail(ID);
    assert_eq!((find(&case, ID).await, case.web.asked()), (Ok("App".to_owned()), 3));
    case.pass(7 * DAY - 61);
    assert_eq!(find(&case, ID).await, Ok("App".to_owned()));
    case.pass(61);
    assert_eq!(find(&case, ID).await, UNAVAILABLE);
    case.pass(60);
    case.web.serve(ID, &document(ID));
    assert_eq!(find(&case, ID).await, Ok("App".to_owned()));
}

#[tokio::test]
async fn an_earlier_document_does_not_stand_in_for_one_that_the_host_took_back() {
    let case = Case::new();
    for taken_back in [json!({ "client_id": ID }).to_string(), json!({ "client_id": "https://other.example/x" }).to_string()] {
        case.web.serve(ID, &document(ID));
        assert_eq!(find(&case, ID).await, Ok("App".to_owned()));
        case.pass(3_600);
        case.web.put(ID, 200, &[("content-type", "application/json")], taken_back);
        assert_eq!(find(&case, ID).await, BAD);
        case.pass(30);
        case.web.serve(ID, &document(ID));
        let asked = case.web.asked();
        assert_eq!((find(&case, ID).await, case.web.asked()), (BAD, asked));
        case.web.fail(ID);
        case.pass(30);
        assert_eq!(find(&case, ID).await, UNAVAILABLE);
        case.pass(60);
    }
}

#[tokio::test]
async fn a_host_is_asked_so_often_and_no_more() {
    let case = Case::with(|settings| settings.fetches_per_host = 5);
    for number in 0..1_000 {
        assert_eq!(find(&case, &format!("https://victim.example/{number}")).await, UNAVAILABLE);
    }
    assert_eq!(case.web.asked(), 5);
    case.web.serve(ID, &document(ID));
    assert_eq!((find(&case, ID).await, case.web.asked()), (Ok("App".to_owned()), 6));
    case.pass(3_600);
    assert_eq!((find(&case, "https://victim.example/1").await, case.web.asked()), (UNAVAILABLE, 7));
}

#[tokio::test]
async fn so_many_documents_are_kept_and_others_are_used_without() {
    let case = Case::with(|settings| settings.max_rows = 2);
    for number in 0..3 {
        let id = format!("https://app.example/{number}");
        case.web.serve(&id, &document(&id));
        assert_eq!(find(&case, &id).await, Ok("App".to_owned()));
    }
    assert_eq!(case.web.asked(), 3);
    for (number, asked) in [(0, 3), (1, 3), (2, 4)] {
        assert_eq!((find(&case, &format!("https://app.example/{number}")).await, case.web.asked()), (Ok("App".to_owned()), asked));
    }
}

#[tokio::test]
async fn known_clients_are_known_while_their_hosts_hold_requests_off() {
    let case = Case::new();
    let id = "https://claude.ai/oauth/mcp-oauth-client-metadata";
    case.web.put(id, 403, &[("content-type", "text/html")], "<title>Just a moment</title>");
    assert_eq!(case.clients.find(id).await, Ok(known::client(id)));
    assert_eq!((find(&case, id).await, case.web.asked()), (Ok("Claude".to_owned()), 1));
    case.pass(60);
    case.web.serve(id, &named(id, "Claude 2"));
    assert_eq!(find(&case, id).await, Ok("Claude 2".to_owned()));
    case.pass(3_600);
    case.web.fail(id);
    assert_eq!(find(&case, id).await, Ok("Claude 2".to_owned()));
    case.pass(60);
    case.web.put(id, 200, &[("content-type", "application/json")], "{}");
    assert_eq!(find(&case, id).await, BAD);
    assert_eq!(find(&case, "https://claude.ai/oauth/other").await, UNAVAILABLE);
}

#[tokio::test]
async fn ids_that_are_no_url_of_a_document_are_not_asked_for() {
    let case = Case::new();
    for id in [
        "https://169.254.169.254/x",
        "https://localhost/x",
        "http://app.example/x",
        "https://app.example/",
        "https://app.example/../x",
        "x://y",
    ] {
        assert_eq!(find(&case, id).await, BAD, "{id}");
    }
    assert_eq!(case.clients.find("https:app").await, Ok(None));
    let without = Case::with(|settings| settings.documents = false);
    assert_eq!(without.clients.find(ID).await, Ok(None));
    assert_eq!(case.web.asked() + without.web.asked(), 0);
}

#[tokio::test]
async fn the_guarded_fetcher_asks_nobody_on_this_computer() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let fetcher = Arc::new(GuardedFetcher::new(FetchPolicy::default()).expect("a fetcher"));
    let case = Case::on(Arc::default(), fetcher, |settings| settings.loopback_documents = true);
    for id in [format!("https://127.0.0.1:{port}/x"), format!("http://127.0.0.1:{port}/x"), format!("https://localhost:{port}/x")] {
        assert_eq!(find(&case, &id).await, UNAVAILABLE, "{id}");
    }
    assert!(tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_err());
}
