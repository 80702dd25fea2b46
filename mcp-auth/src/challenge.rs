//! `WWW-Authenticate` (RFC 6750, section 3).

use std::fmt::Write as _;

/// A `Bearer` challenge; `error` is one of RFC 6750's or RFC 9470's codes.
///
/// Scopes that are not scope tokens are left out, so that nothing can break out of the quotes.
pub fn bearer_challenge(error: Option<&str>, scopes: &[String]) -> String {
    let mut header = "Bearer".to_owned();
    let mut separator = " ";
    if let Some(error) = error {
        let _ = write!(header, "{separator}error=\"{error}\"");
        separator = ", ";
    }
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).filter(|scope| mcp_core::is_scope_token(scope)).collect();
    if !scopes.is_empty() {
        let _ = write!(header, "{separator}scope=\"{}\"", scopes.join(" "));
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_name_error_and_scopes() {
        let scopes = ["a".to_owned(), "b\"c".to_owned(), "d".to_owned()];
        assert_eq!(bearer_challenge(None, &[]), "Bearer");
        assert_eq!(bearer_challenge(Some("invalid_token"), &[]), "Bearer error=\"invalid_token\"");
        assert_eq!(bearer_challenge(Some("insufficient_scope"), &scopes), "Bearer error=\"insufficient_scope\", scope=\"a d\"");
    }
}
