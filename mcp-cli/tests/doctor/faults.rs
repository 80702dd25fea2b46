//! One fault at a time: which check finds it, and what it says to change.

use crate::fault::Fault;
use crate::faulty;
use crate::ours::SIGNED_IN;
use crate::running::{checks, mcp, names};

/// The fault, the check that finds it, and a phrase of what to change.
const FAULTS: &[(Fault, &str, &str)] = &[
    // The metadata is about another server.
    (Fault::ResourceOfAnotherHost, "resource.is_ours", "set `resource`"),
    (Fault::ResourceWithoutPath, "resource.exact", "exactly the URL that people are told to type"),
    (Fault::NoMetadataByPath, "resource.by_path", "/.well-known/oauth-protected-resource<path of the endpoint>"),
    // The server does not refuse.
    (Fault::OkWithoutToken, "challenge.status", "mode = \"required\""),
    (Fault::OkWithChallenge, "challenge.status", "answer 401"),
    (Fault::AnyToken, "challenge.wrong_token", "verify every token"),
    // The button that does nothing.
    (Fault::FormActionSelf, "authorize.form_action", "leave `form-action` out"),
    (Fault::FormActionInPage, "authorize.form_action", "leave `form-action` out"),
    // Who answers.
    (Fault::NoIssThoughAdvertised, "authorize.iss", "add `iss=<issuer>`"),
    (Fault::OtherIss, "authorize.iss", "add `iss=<issuer>`"),
    (Fault::IssNotAdvertised, "metadata.iss", "authorization_response_iss_parameter_supported"),
    (Fault::NoIssAtAll, "metadata.iss", "send `iss` in every authorization response"),
    (Fault::NoS256, "metadata.s256", "\"code_challenge_methods_supported\": [\"S256\"]"),
    // The challenge.
    (Fault::NoChallengeMetadata, "challenge.metadata", "add `resource_metadata="),
    (Fault::OtherScheme, "challenge.scheme", "answer `WWW-Authenticate: Bearer"),
    (Fault::NoChallenge, "challenge.scheme", "answer `WWW-Authenticate: Bearer"),
    (Fault::BrokenQuotes, "challenge.syntax", "straight double quotes"),
    (Fault::NoCommas, "challenge.syntax", "a comma between parameters"),
    (Fault::NoQuotes, "challenge.syntax", "straight double quotes"),
    // Pages.
    (Fault::NothingExposed, "cors.exposed", "Access-Control-Expose-Headers: WWW-Authenticate, Mcp-Session-Id"),
    (Fault::PreflightRefused, "cors.preflight", "before authorization"),
    // The authorization server.
    (Fault::HttpIssuer, "issuer.https", "name an `https:` issuer"),
    (Fault::OtherIssuer, "metadata.issuer", "the same text"),
    (Fault::NoPublicClients, "metadata.public_clients", "list \"none\""),
    (Fault::NoWayIn, "metadata.ways_in", "registration = true"),
    (Fault::EmptyKeys, "keys.usable", "at least one public key"),
    (Fault::ExpiredKeys, "keys.usable", "has not ended"),
    (Fault::KeysUnreachable, "keys.usable", "let the server reach it"),
    (Fault::CursorRefused, "registration.cursor", "private-use schemes"),
    (Fault::ExactPorts, "authorize.loopback_port", "without the port"),
    (Fault::StateChanged, "authorize.state", "send `state` back unchanged"),
    (Fault::OpenRedirect, "authorize.foreign_redirect", "never by how it begins"),
    (Fault::DocumentsRefused, "authorize.documents", "keep a copy"),
    // Pages where there should be documents.
    (Fault::PageAtRoot, "well_known.page", "answer `/.well-known/…` with JSON"),
    (Fault::PageForMissing, "well_known.page", "also the 404"),
    (Fault::PageInPlaceOfMetadata, "well_known.page", "in front of the rule"),
    // The endpoint.
    (Fault::AnyPage, "transport.rebinding", "answer 403"),
    (Fault::GetNotAllowed, "transport.get", "the token before the method"),
    (Fault::Redirected, "transport.redirect", "the slash at the end"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_found_with_its_cure_and_nothing_else() {
    for &(fault, check, cure) in FAULTS {
        let server = faulty::start(fault).await;
        let url = format!("{}/mcp", server.origin());
        let run = mcp(&["doctor", &url, "--register", "--json"]).await;
        let report = run.report();
        assert_eq!(names(&report, "FAIL"), [check], "{fault:?}: {:#?}", checks(&report, "FAIL"));
        let change = checks(&report, "FAIL")[0]["change"].as_str().expect("a text");
        assert!(change.contains(cure), "{fault:?}: {change}");
        assert_eq!((run.code, &report["failures"]), (1, &1.into()), "{fault:?}: {run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_where_nothing_is_wrong() {
    let server = faulty::start(Fault::None).await;
    let url = format!("{}/mcp", server.origin());
    let run = mcp(&["doctor", &url, "--register", "--json"]).await;
    assert_eq!((run.code, names(&run.report(), "FAIL")), (0, Vec::new()), "{run:#?}");
    assert_eq!(names(&run.report(), "skipped"), SIGNED_IN, "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_why_and_what_to_change() {
    let server = faulty::start(Fault::FormActionSelf).await;
    let url = format!("{}/mcp", server.origin());
    let run = mcp(&["doctor", &url]).await;
    run.is(
        1,
        &["FAIL authorize.form_action", "why: ", "change: ", "needed by: every client", "24    tools"],
        &["1 thing that clients need is not right"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_client_needs_is_looked_at() {
    let server = faulty::start(Fault::NothingExposed).await;
    let url = format!("{}/mcp", server.origin());
    for (client, code) in [("cursor", 0), ("claude.ai", 0), ("inspector", 1)] {
        let run = mcp(&["doctor", &url, "--client", client]).await;
        assert_eq!(run.code, code, "{client}: {run:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_registered_unasked() {
    let server = faulty::start(Fault::None).await;
    let url = format!("{}/mcp", server.origin());
    let run = mcp(&["doctor", &url, "--json"]).await;
    let skipped = [&["registration.answer", "registration.cursor"][..], &SIGNED_IN].concat();
    assert_eq!(names(&run.report(), "skipped"), skipped, "{run:#?}");
    assert!(server.asked().iter().all(|asked| asked.path != "/register"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_server_is_told_once_and_nothing_is_said_of_it() {
    let run = mcp(&["doctor", "http://127.0.0.1:1/mcp", "--json", "--timeout", "5s"]).await;
    let report = run.report();
    assert_eq!((run.code, names(&report, "FAIL")), (1, vec!["transport.reached".to_owned()]), "{run:#?}");
    assert_eq!(names(&report, "pass"), Vec::<String>::new(), "{run:#?}");
    for skipped in checks(&report, "skipped") {
        assert_eq!(skipped["reason"], "the endpoint does not answer", "{skipped}");
    }
    mcp(&["doctor", "not a url"]).await.is(2, &[], &["is not an `http:` or `https:` URL"]);
}
