//! The authorization request and its answer (OAuth 2.1, section 4.1; RFC 7636; RFC 9207).

use url::Url;

use super::discovery::Found;
use super::error::{OAuthError, Result};
use super::{random, scope};

/// One attempt to get a code: what must come back, and what proves that the code is ours.
pub(crate) struct Attempt {
    pub(crate) state: String,
    pub(crate) verifier: String,
    /// The issuer that was recorded before the browser left (2026-07-28, "Authorization Response Validation").
    issuer: String,
    issuer_is_sent: bool,
}

impl Attempt {
    /// # Errors
    /// When the authorization server does not do PKCE, or there is no randomness.
    pub(crate) fn at(found: &Found) -> Result<Self> {
        if !found.metadata.code_challenge_methods_supported.iter().any(|method| method == "S256") {
            return Err(OAuthError::NoPkce(found.issuer.clone()));
        }
        Ok(Self {
            state: random::token()?,
            verifier: random::token()?,
            issuer: found.issuer.clone(),
            issuer_is_sent: found.metadata.authorization_response_iss_parameter_supported,
        })
    }

    /// The URL that the browser opens.
    pub(crate) fn url(&self, endpoint: &Url, client_id: &str, redirect_uri: &str, resource: &str, scopes: &[String]) -> Url {
        let mut url = endpoint.clone();
        url.set_fragment(None);
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code").append_pair("client_id", client_id).append_pair("redirect_uri", redirect_uri);
        query.append_pair("code_challenge", &random::encode(random::sha256(&self.verifier).as_ref()));
        query.append_pair("code_challenge_method", "S256").append_pair("state", &self.state).append_pair("resource", resource);
        if let Some(scope) = scope::parameter(scopes) {
            query.append_pair("scope", &scope);
        }
        if scopes.iter().any(|scope| scope == scope::OFFLINE_ACCESS) {
            // Without it, no refresh token is to be had (OpenID Connect Core, section 11).
            query.append_pair("prompt", "consent");
        }
        drop(query);
        url
    }

    /// The query of a URL that the person was led back to, if it answers this request.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn answer(&self, redirect_uri: &str, led_back: &str) -> Result<String> {
        let query = led_back.trim().strip_prefix(redirect_uri).and_then(|rest| rest.strip_prefix('?')).unwrap_or_default();
        let query = query.split('#').next().unwrap_or_default();
        match single(query, "state")? {
            Some(state) if random::equal(&state, &self.state) => Ok(query.to_owned()),
            _ => Err(OAuthError::Callback("it does not answer this request")),
        }
    }

    /// The code in the query that the browser brought back, whose `state` is ours.
    ///
    /// # Errors
    /// When it comes from another authorization server, says that access was denied, or holds no code. What an error
    /// says is only looked at once it is known whose it is.
    pub(crate) fn code(&self, query: &str) -> Result<String> {
        let once = |name| single(query, name);
        match once("iss")? {
            Some(issuer) if issuer != self.issuer => return Err(OAuthError::Callback("it comes from another authorization server")),
            None if self.issuer_is_sent => return Err(OAuthError::Callback("it does not say from which authorization server it comes")),
            _ => {}
        }
        if let Some(code) = once("error")? {
            return Err(OAuthError::refused(&code, once("error_description")?.as_deref()));
        }
        once("code")?.filter(|code| !code.is_empty()).ok_or(OAuthError::Callback("there is no code in it"))
    }
}

/// A parameter that may be there once.
pub(crate) fn single(query: &str, name: &str) -> Result<Option<String>> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(given, _)| given == name).map(|(_, value)| value.into_owned());
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(OAuthError::Callback("a parameter is in it twice")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(issuer_is_sent: bool, query: &str, expected: Result<&str, &str>) {
        let issuer = "https://a.example".to_owned();
        let attempt = Attempt { state: String::new(), verifier: String::new(), issuer, issuer_is_sent };
        let code = attempt.code(query).map_err(|error| error.to_string());
        assert_eq!(code.as_deref().map_err(String::as_str), expected, "{query}");
    }

    #[test]
    fn the_issuer_is_compared_as_a_text() {
        let other = Err("the answer of the authorization server is not used: it comes from another authorization server");
        let unsaid = Err("the answer of the authorization server is not used: it does not say from which authorization server it comes");
        check(true, "code=c&iss=https%3A%2F%2Fa.example", Ok("c"));
        check(true, "code=c", unsaid);
        check(false, "code=c", Ok("c"));
        check(false, "code=c&iss=https://a.example", Ok("c"));
        for iss in ["https://a.example/", "https://A.example", "https://a.example:443", "https://evil.example", ""] {
            check(true, &format!("code=c&iss={iss}"), other);
            check(false, &format!("code=c&iss={iss}"), other);
            check(false, &format!("error=access_denied&error_description=call+us&iss={iss}"), other);
        }
        check(true, "error=access_denied", unsaid);
    }

    #[test]
    fn a_url_that_was_copied_answers_its_own_request_only() {
        let issuer = "https://a.example".to_owned();
        let attempt = Attempt { state: "s".to_owned(), verifier: String::new(), issuer, issuer_is_sent: false };
        let uri = "http://127.0.0.1:80/callback";
        for (led_back, expected) in [
            ("http://127.0.0.1:80/callback?code=c&state=s#_=_ ", Some("code=c&state=s")),
            ("http://127.0.0.1:80/callback?code=c&state=other", None),
            ("http://127.0.0.1:80/callback?code=c", None),
            ("http://127.0.0.1:80/callback/x?code=c&state=s", None),
            ("https://evil.example/?code=c&state=s", None),
            ("code=c&state=s", None),
        ] {
            assert_eq!(attempt.answer(uri, led_back).ok().as_deref(), expected, "{led_back}");
        }
    }

    #[test]
    fn only_one_code_is_taken() {
        check(false, "error=access_denied&error_description=no", Err("the authorization server answered `access_denied`: no"));
        check(false, "code=a&code=b", Err("the answer of the authorization server is not used: a parameter is in it twice"));
        check(false, "state=x", Err("the answer of the authorization server is not used: there is no code in it"));
    }
}
