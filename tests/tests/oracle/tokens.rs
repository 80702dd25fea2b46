//! What is done with tokens.

use super::ask::{Ask, Script, Step, authorize, exchange, form, refresh};

/// Refresh tokens.
pub(crate) fn refreshes() -> Vec<Script> {
    let begun = || vec![authorize(&[("scope", "mcp:read mcp:write")]).step("it is asked"), exchange(&[]).step("the exchange")];
    let after = |name, more: Vec<Step>| Script::new(name, begun().into_iter().chain(more).collect());
    vec![
        after(
            "refusals cost nothing",
            vec![
                refresh(&[("client_id", "{other}")]).step("another client"),
                refresh(&[("client_id", "nobody")]).step("an unknown client"),
                refresh(&[("refresh_token", "nope")]).step("an unknown token"),
                refresh(&[("-refresh_token", "")]).step("none"),
                refresh(&[("refresh_token", "{access}")]).step("an access token"),
                refresh(&[("scope", "mcp:read mcp:write mcp:execute")]).step("more than was given"),
                refresh(&[("resource", "https://evil.example")]).step("an unknown resource"),
                refresh(&[]).step("all well"),
            ],
        ),
        after(
            "each token is good once, with some time to ask again",
            vec![
                refresh(&[]).step("the first"),
                refresh(&[("refresh_token", "{refresh-0}")]).step("the first again"),
                Ask::Wait(61).step("a minute"),
                refresh(&[("refresh_token", "{refresh-1}")]).step("the second"),
                Ask::Wait(61).step("a minute"),
                refresh(&[("refresh_token", "{refresh-0}")]).step("the first"),
                refresh(&[]).step("the newest, which has ended with the others"),
            ],
        ),
        after(
            "less is given where less is asked for",
            vec![refresh(&[("scope", "mcp:read")]).step("the first"), refresh(&[("scope", "mcp:read")]).step("the second")],
        ),
        after("an idle token ends", vec![Ask::Wait(31 * 24 * 3_600).step("a month"), refresh(&[]).step("the refresh")]),
        after(
            "a scope that there is not",
            vec![refresh(&[("scope", "mcp:read claudeai")]).differs("the refresh", "who asks for too much is given the rest")],
        ),
    ]
}

/// Revocation and introspection.
pub(crate) fn tokens() -> Vec<Script> {
    let begun = || {
        vec![
            authorize(&[]).step("the app is allowed"),
            exchange(&[]).step("the app's tokens"),
            authorize(&[("client_id", "{conf}")]).step("the service is allowed"),
            exchange(&[("-client_id", "")]).by("{conf}", "{secret}").step("the service's tokens"),
        ]
    };
    let after = |name, more: Vec<Step>| Script::new(name, begun().into_iter().chain(more).collect());
    let look = |token| form("/introspect", &[("token", token)], &[]);
    let revoke = |token, more: &[(&str, &str)]| form("/revoke", &[("token", token)], more);
    vec![
        after(
            "looking into tokens",
            vec![
                look("{access-1}").by("{conf}", "{secret}").step("its own"),
                look("{access-0}").by("{conf}", "{secret}").step("of another client"),
                look("nope").by("{conf}", "{secret}").step("none"),
                look("{access-1}").by("{conf}", "wrong").step("with a wrong secret"),
                look("{access-1}").step("by nobody"),
                form("/introspect", &[("token", "{access-0}"), ("client_id", "{app}")], &[]).step("by a client without a secret"),
                Ask::Wait(3_700).step("an hour"),
                look("{access-1}").by("{conf}", "{secret}").step("one that has expired"),
            ],
        ),
        after(
            "revoking what is not one's own",
            vec![
                revoke("nope", &[]).by("{conf}", "{secret}").step("none"),
                revoke("{access-0}", &[]).by("{conf}", "{secret}").step("of another client"),
                revoke("{refresh-0}", &[]).by("{conf}", "{secret}").step("its refresh token"),
                revoke("{access-1}", &[]).step("by nobody"),
                revoke("{access-1}", &[]).by("{conf}", "wrong").step("with a wrong secret"),
                refresh(&[("refresh_token", "{refresh-0}")]).step("the other client goes on"),
                look("{access-1}").by("{conf}", "{secret}").step("and so does this one"),
            ],
        ),
        after(
            "revoking an access token",
            vec![
                revoke("{access-1}", &[("token_type_hint", "refresh_token")]).by("{conf}", "{secret}").step("with a wrong hint"),
                look("{access-1}").by("{conf}", "{secret}").step("it is gone"),
                refresh(&[("-client_id", "")]).by("{conf}", "{secret}").step("its refresh token is not"),
            ],
        ),
        after(
            "revoking a refresh token",
            vec![
                revoke("{refresh-1}", &[]).by("{conf}", "{secret}").step("it is revoked"),
                refresh(&[("-client_id", "")]).by("{conf}", "{secret}").step("it is gone"),
                look("{access-1}").by("{conf}", "{secret}").step("and so is what came of it"),
            ],
        ),
    ]
}
