//! Registrations.

use super::ask::{Script, authorize, json};

/// Registration, and what is done with one later.
pub(crate) fn registration() -> Vec<Script> {
    let one = |name, body: &str, why: Option<&'static str>| {
        Script::new(name, vec![json("POST", "/register", body, None).compared("it registers", why)])
    };
    let public = |uri: &str| format!(r#"{{"redirect_uris":["{uri}"],"token_endpoint_auth_method":"none"}}"#);
    vec![
        one("no redirect", r#"{"token_endpoint_auth_method":"none"}"#, None),
        one("an empty list of redirects", r#"{"redirect_uris":[],"token_endpoint_auth_method":"none"}"#, None),
        one("a redirect with a fragment", &public("https://a.example/cb#x"), None),
        one("a relative redirect", &public("/cb"), None),
        one("the implicit grant", r#"{"redirect_uris":["{back}"],"grant_types":["implicit"]}"#, None),
        one("an unknown method", r#"{"redirect_uris":["{back}"],"token_endpoint_auth_method":"magic"}"#, None),
        one("no method", r#"{"redirect_uris":["{back}"]}"#, None),
        one("no object", "[]", Some("the document is at fault, not a redirect in it")),
        one("a script for a redirect", &public("javascript:alert(1)"), Some("nobody is led to a script")),
        one("data for a redirect", &public("data:text/html,x"), Some("nobody is led to a page that somebody else wrote")),
        one("plain HTTP", &public("http://plain.example/cb"), Some("whoever listens would have the code")),
        one(
            "a grant that there is not among others",
            r#"{"redirect_uris":["{back}"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token","urn:ietf:params:oauth:grant-type:jwt-bearer"]}"#,
            Some("what is too much is left out, for Claude lists it"),
        ),
        one(
            "a scope that there is not",
            r#"{"redirect_uris":["{back}"],"token_endpoint_auth_method":"none","scope":"mcp:read nope"}"#,
            Some("what is too much is left out, for Claude lists it"),
        ),
        one(
            "a software statement",
            r#"{"redirect_uris":["{back}"],"software_statement":"x.y.z"}"#,
            Some("it is ignored, as RFC 7591 has it"),
        ),
        Script::new(
            "a registration is looked at, and taken back",
            vec![
                json("POST", "/register", r#"{"redirect_uris":["{back}"],"scope":"mcp:read"}"#, None).step("it registers"),
                json("GET", "/register/{client}", "", Some("wrong")).step("a wrong token"),
                json("GET", "/register/{client}", "", None).step("no token"),
                json("GET", "/register/{client-0}", "", Some("{management}")).step("it is looked at"),
                json("DELETE", "/register/{client-0}", "", Some("wrong")).step("it is taken back with a wrong token"),
                json("DELETE", "/register/{client-0}", "", Some("{management}")).step("it is taken back"),
                json("GET", "/register/{client-0}", "", Some("{management}")).step("it is gone"),
                authorize(&[("client_id", "{client-0}")]).step("and may not ask any more"),
            ],
        ),
    ]
}
