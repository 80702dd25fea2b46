//! Exchanges of codes, and how clients show who they are there.

use super::ask::{Ask, Script, WRONG, authorize, exchange, form, json, refresh};

/// Codes, and what becomes of them.
pub(crate) fn codes() -> Vec<Script> {
    let cases: Vec<(&'static str, &'static [(&str, &str)])> = vec![
        ("a short verifier", &[("code_verifier", "abc")]),
        ("a wrong verifier", &[("code_verifier", WRONG)]),
        ("no verifier", &[("-code_verifier", "")]),
        ("another redirect", &[("redirect_uri", "https://app.example/other")]),
        ("another client", &[("client_id", "{other}")]),
        ("an unknown client", &[("client_id", "nobody")]),
        ("no client", &[("-client_id", "")]),
        ("an unknown code", &[("code", "nope")]),
        ("no code", &[("-code", "")]),
        ("an unknown kind of grant", &[("grant_type", "password")]),
        ("no kind of grant", &[("-grant_type", "")]),
        ("an unknown resource", &[("resource", "https://evil.example")]),
        ("a secret of a client that has none", &[("client_secret", "x")]),
    ];
    let mut scripts: Vec<Script> = cases
        .into_iter()
        .map(|(name, changes)| {
            let steps = vec![
                authorize(&[]).step("it is asked"),
                exchange(changes).step("the exchange"),
                exchange(&[]).step("afterwards, as it should be"),
            ];
            Script::new(name, steps)
        })
        .collect();
    scripts.extend([
        Script::new("all well", vec![authorize(&[]).step("it is asked"), exchange(&[("resource", "{mcp}")]).step("the exchange")]),
        Script::new(
            "a code that is used again ends the grant",
            vec![
                authorize(&[]).step("it is asked"),
                exchange(&[]).step("the exchange"),
                exchange(&[]).step("again"),
                refresh(&[]).step("its refresh token"),
            ],
        ),
        Script::new(
            "a code that is used again with a wrong verifier ends the grant",
            vec![
                authorize(&[]).step("it is asked"),
                exchange(&[]).step("the exchange"),
                exchange(&[("code_verifier", WRONG)]).step("again"),
                refresh(&[]).step("its refresh token"),
            ],
        ),
        Script::new(
            "a used code in the hands of another client ends nothing",
            vec![
                authorize(&[]).step("it is asked"),
                exchange(&[]).step("the exchange"),
                exchange(&[("client_id", "{other}")]).step("again, by another client"),
                refresh(&[]).step("its refresh token"),
            ],
        ),
        Script::new(
            "a code does not last",
            vec![authorize(&[]).step("it is asked"), Ask::Wait(601).step("ten minutes"), exchange(&[]).step("the exchange")],
        ),
        Script::new(
            "the redirect is left out",
            vec![
                authorize(&[]).step("it is asked"),
                exchange(&[("-redirect_uri", "")]).differs("the exchange", "OAuth 2.1 does without it, for the verifier says more"),
            ],
        ),
        Script::new(
            "verifiers are guessed",
            vec![
                authorize(&[]).step("it is asked"),
                exchange(&[("code_verifier", WRONG)]).step("a guess"),
                exchange(&[("code_verifier", WRONG)]).step("another"),
                exchange(&[("code_verifier", WRONG)]).step("a third"),
                exchange(&[]).differs("the right one", "a code does not survive three guesses"),
            ],
        ),
        Script::new(
            "a parameter is there twice",
            vec![
                authorize(&[]).step("it is asked"),
                exchange(&[("+code", "other")]).differs("the exchange", "a parameter that is there twice is an error"),
            ],
        ),
        Script::new("nothing is sent", vec![form("/token", &[], &[]).step("the exchange")]),
        Script::new("JSON is sent", vec![json("POST", "/token", r#"{"grant_type":"authorization_code"}"#, None).step("the exchange")]),
        Script::new("too much is sent", vec![form("/token", &[("grant_type", &"x".repeat(70_000))], &[]).step("the exchange")]),
    ]);
    scripts
}

/// How clients show who they are.
pub(crate) fn clients() -> Vec<Script> {
    let asked = |client: &'static str| authorize(&[("client_id", client)]).step("it is asked");
    let by_secret = |changes| exchange(&[&[("-client_id", "")][..], changes].concat());
    let signed = |assertion: &'static str| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        exchange(&[("-client_id", ""), ("client_assertion_type", kind), ("client_assertion", assertion)])
    };
    vec![
        Script::new(
            "a secret in the header",
            vec![
                asked("{conf}"),
                by_secret(&[]).by("{conf}", "wrong").step("a wrong one"),
                by_secret(&[]).by("nobody", "{secret}").step("of nobody"),
                by_secret(&[("client_id", "{app}")]).by("{conf}", "{secret}").step("and another client in the form"),
                by_secret(&[("client_id", "{conf}"), ("client_secret", "{secret}")]).by("{conf}", "{secret}").step("and in the form"),
                by_secret(&[]).by("{conf}", "{secret}").step("the right one"),
            ],
        ),
        Script::new(
            "a secret in the form",
            vec![
                asked("{conf}"),
                by_secret(&[("client_id", "{conf}"), ("client_secret", "wrong")]).step("a wrong one"),
                by_secret(&[("client_id", "{conf}")]).step("none"),
                by_secret(&[("client_id", "{conf}"), ("client_secret", "{secret}")]).step("the right one"),
            ],
        ),
        Script::new(
            "an assertion",
            vec![
                asked("{keys}"),
                exchange(&[("client_id", "{keys}")]).step("none"),
                signed("{sign https://elsewhere.example 60 1}").step("for somebody else"),
                signed("{sign issuer -120 2}").step("that has expired"),
                signed("{sign issuer 86400 3}").step("that lasts too long"),
                signed("{sign issuer 60 4}.x").step("with something after it"),
                signed("{sign issuer 60 5}").step("the right one"),
                asked("{keys}"),
                signed("{sign issuer 60 5}").step("the same again"),
                signed("{sign token 60 6}").step("for the token endpoint"),
            ],
        ),
        Script::new(
            "an assertion for several servers",
            vec![asked("{keys}"), signed("{sign several 60 1}").differs("the exchange", "each of them could use it at the others")],
        ),
    ]
}
