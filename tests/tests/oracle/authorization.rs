//! Requests for authorization.

use super::ask::{Changes, Script, WRONG, authorize, json};

/// A name, what is changed, and why the two differ if they do.
type Case = (&'static str, Changes<'static>, Option<&'static str>);

/// One request for authorization each.
pub(crate) fn authorization() -> Vec<Script> {
    let cases: [Case; 30] = [
        ("all well", &[], None),
        ("unknown client", &[("client_id", "nobody")], None),
        ("no client", &[("-client_id", "")], None),
        ("a redirect of somebody else", &[("redirect_uri", "https://evil.example/cb")], None),
        ("a redirect of another client", &[("redirect_uri", "https://other.example/cb")], None),
        ("a redirect with a query of its own", &[("redirect_uri", "https://app.example/cb?x=1")], None),
        ("a redirect that begins alike", &[("redirect_uri", "https://app.example/cb/more")], None),
        ("a redirect on a host that begins alike", &[("redirect_uri", "https://app.example.evil.example/cb")], None),
        ("no redirect where there is one", &[("-redirect_uri", "")], None),
        ("a token at once", &[("response_type", "token")], None),
        ("no type", &[("-response_type", "")], None),
        ("no state", &[("-state", "")], None),
        ("a plain challenge", &[("code_challenge_method", "plain")], None),
        ("an unknown method", &[("code_challenge_method", "S512")], None),
        ("no method", &[("-code_challenge_method", "")], None),
        ("a short challenge", &[("code_challenge", "abc")], None),
        ("an empty challenge", &[("code_challenge", "")], None),
        ("no challenge", &[("-code_challenge", "")], None),
        ("an unknown resource", &[("resource", "https://evil.example")], None),
        ("a resource with a fragment", &[("resource", "{mcp}#x")], None),
        ("a relative resource", &[("resource", "/mcp")], None),
        ("the resource twice", &[("+resource", "{mcp}")], None),
        ("no resource", &[("-resource", "")], None),
        ("no scope", &[("-scope", "")], None),
        ("an unknown parameter", &[("foo", "bar")], None),
        ("an unknown scope", &[("scope", "mcp:read claudeai")], Some("who asks for too much is given the rest")),
        ("only unknown scopes", &[("scope", "claudeai")], Some("who asks for nothing there is means the usual")),
        ("a malformed scope", &[("scope", "a\"b")], Some("it is a scope that there is not")),
        ("the state twice", &[("+state", "s2")], Some("nobody knows which of two is meant, so nobody is led anywhere")),
        ("the challenge twice", &[("+code_challenge", WRONG)], Some("a parameter that is there twice is an error")),
    ];
    let scripts = cases.into_iter().map(|(name, changes, why)| Script::new(name, vec![authorize(changes).compared("it is asked", why)]));
    scripts.chain(addresses()).collect()
}

/// Addresses of programs on the person's own machine, which register and are led back to another port.
fn addresses() -> Vec<Script> {
    let program = |name, body: &str, redirect: &str, why: Option<&'static str>| {
        let body = format!(
            r#"{{"redirect_uris":["{body}"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"],"scope":"mcp:read"}}"#
        );
        let ask = authorize(&[("client_id", "{client}"), ("redirect_uri", redirect)]);
        Script::new(name, vec![json("POST", "/register", &body, None).step("it registers"), ask.compared("it is asked", why)])
    };
    let any_port = "programs on this computer take the port that they get";
    vec![
        program(
            "a scheme of its own",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            None,
        ),
        program("another port of an address", "http://127.0.0.1:1234/cb", "http://127.0.0.1:5000/cb", None),
        program("another path of an address", "http://127.0.0.1:1234/cb", "http://127.0.0.1:5000/other", None),
        program("a port where there was none", "http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", Some(any_port)),
        program("another port of localhost", "http://localhost:1234/cb", "http://localhost:5000/cb", Some(any_port)),
        program("a port of localhost where there was none", "http://localhost/cb", "http://localhost:5000/cb", Some(any_port)),
    ]
}
