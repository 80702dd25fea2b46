//! Links from mails.

use http::{Method, StatusCode};

use super::login::signed_in;
use super::next;
use super::pending;
use crate::server::Inner;
use crate::server::error::OAuthError;
use crate::server::http::{Answer, Asked};
use crate::server::login::LinkPage;
use crate::server::pages::View;
use crate::server::record::Event;

/// Shows what a link leads to. Nothing is used up by looking: programs that scan mails follow links.
pub(in crate::server) async fn look(server: &Inner, asked: &Asked, method: &str) -> Result<Answer, OAuthError> {
    if asked.method == Method::POST {
        return confirm(server, asked, method).await;
    }
    let (Some(links), Some(secret)) = (server.method(method).and_then(|method| method.magic_link()), asked.query.first("t")) else {
        return Ok(next::over(server));
    };
    let current = server.sessions.find(asked).await?;
    let flow = current.as_ref().and_then(|current| current.session.request.as_deref());
    match links.link_get(flow, secret).await? {
        LinkPage::Confirm { client_name } => {
            let Some(current) = current else { return Ok(next::over(server)) };
            let form = server.form(&format!("/login/{method}/link?t={secret}"), &current);
            Ok(server.page(StatusCode::OK, &View::ConfirmLink { form, client_name }))
        }
        LinkPage::ShowCode { code, client_name } => Ok(server.page(StatusCode::OK, &View::ShowCode { code, client_name })),
        LinkPage::Gone => {
            server.record(&Event::new("login").item(method).denied("link used up"));
            Ok(server.error_page(
                StatusCode::BAD_REQUEST,
                "This link is used up",
                "It was used, is older than 15 minutes, or a newer one was sent. Ask for another on the page on which you signed in.",
            ))
        }
    }
}

/// Signs in by a link, in the browser that asked for it.
async fn confirm(server: &Inner, asked: &Asked, method: &str) -> Result<Answer, OAuthError> {
    let Some(current) = server.sessions.find(asked).await? else { return Ok(next::over(server)) };
    if server.own_form(asked, &current).is_none() {
        return Ok(server.forged());
    }
    let (Some(links), Some(secret)) = (server.method(method).and_then(|method| method.magic_link()), asked.query.first("t")) else {
        return Ok(next::over(server));
    };
    let Some(flow) = current.session.request.as_deref() else { return Ok(next::over(server)) };
    let Some(found) = pending::by_id(&server.db, flow, &current).await? else { return Ok(next::over(server)) };
    let Some(identity) = links.link_post(Some(flow), secret).await? else { return Ok(next::over(server)) };
    signed_in(server, found, &current, method, &identity).await
}
