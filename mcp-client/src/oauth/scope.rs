//! Which scopes to ask for (2026-07-28, basic/authorization, "Scope Selection Strategy" and "Refresh Tokens").

/// The scope by which OpenID Connect asks for a refresh token.
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// Scopes as a parameter has them, one by one.
pub(crate) fn split(scope: &str) -> Vec<String> {
    scope.split_ascii_whitespace().map(str::to_owned).collect()
}

/// All of both, once.
pub(crate) fn union(mut held: Vec<String>, more: &[String]) -> Vec<String> {
    for scope in more {
        if !held.contains(scope) {
            held.push(scope.clone());
        }
    }
    held
}

/// With `offline_access` exactly if the authorization server lists it. Alone it would replace the server's default scopes.
pub(crate) fn settle(mut scopes: Vec<String>, supported: &[String]) -> Vec<String> {
    scopes.retain(|scope| scope != OFFLINE_ACCESS);
    if !scopes.is_empty() && supported.iter().any(|scope| scope == OFFLINE_ACCESS) {
        scopes.push(OFFLINE_ACCESS.to_owned());
    }
    scopes
}

/// Whether all of `wanted` are among `held`.
pub(crate) fn covers(held: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|scope| held.contains(scope))
}

/// The parameter `scope`; none when the authorization server is to choose.
pub(crate) fn parameter(scopes: &[String]) -> Option<String> {
    Some(scopes.join(" ")).filter(|scope| !scope.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refresh_tokens_are_asked_for_where_they_can_be() {
        for (scopes, supported, expected) in [
            ("a b", "a b offline_access", "a b offline_access"),
            ("a offline_access", "a", "a"),
            ("offline_access a", "offline_access", "a offline_access"),
            ("", "offline_access", ""),
        ] {
            assert_eq!(settle(split(scopes), &split(supported)), split(expected), "{scopes} of {supported}");
        }
    }

    #[test]
    fn what_was_asked_for_before_is_kept() {
        assert_eq!(union(split("a b"), &split("b  c")), split("a b c"));
    }
}
