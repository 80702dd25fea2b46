//! Back to the client.

use form_urlencoded::Serializer;
use http::StatusCode;

use super::pending::ClientWants;
use crate::server::Inner;
use crate::server::http::{self as answers, Answer};
use crate::server::pages::View;

/// Leads back to a client with parameters, and always with who answers (RFC 9207).
pub(super) fn back(server: &Inner, redirect_uri: &str, state: Option<&str>, client_name: &str, params: &[(&str, &str)]) -> Answer {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(params);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", &server.rules.issuer);
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let to = format!("{redirect_uri}{separator}{}", query.finish());
    if to.starts_with("https://") || to.starts_with("http://") {
        return answers::redirect(&to);
    }
    // Browsers follow a redirect to a program on the machine only sometimes, and then leave a blank page behind.
    server.page(StatusCode::OK, &View::Leave { client_name: client_name.to_owned(), to })
}

/// Leads back to a client with an error (RFC 6749, section 4.1.2.1).
pub(super) fn refuse(server: &Inner, wants: &ClientWants, error: &str, description: &str) -> Answer {
    let params = [("error", error), ("error_description", description)];
    back(server, &wants.redirect_uri, wants.state.as_deref(), &wants.client_name, &params)
}

/// Leads back to a client with a code.
pub(super) fn give(server: &Inner, wants: &ClientWants, code: &str) -> Answer {
    back(server, &wants.redirect_uri, wants.state.as_deref(), &wants.client_name, &[("code", code)])
}
