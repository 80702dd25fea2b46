//! Somebody else's login, for tests of servers that let people sign in with it.

mod github;
mod grants;
mod id_token;
mod oidc;
mod state;
#[cfg(test)]
mod tests;
mod user;

use std::sync::Arc;

use mcp_parity::auth::Clock;

pub use state::Misbehaviour;
pub use user::User;

use crate::loopback::{Asked, Document, Loopback, lock};
use state::State;

/// An upstream identity provider on loopback: an OpenID Connect issuer, or what looks like GitHub.
///
/// It shows no pages: whoever comes to its authorization endpoint is sent back at once, with a code for the user who is signed in,
/// who is `ann` at first. Clients and redirect URIs are checked, and codes are good once and for a minute.
#[derive(Debug)]
pub struct IdentityProvider {
    state: Arc<State>,
    server: Loopback,
}

impl IdentityProvider {
    /// An OpenID Connect issuer with discovery, keys (ES256), ID tokens and userinfo.
    ///
    /// # Panics
    /// When there is no free port, or the operating system has no randomness.
    pub async fn oidc() -> Self {
        Self::start(oidc::answer).await
    }

    /// What GitHub has: `/login/oauth/authorize`, `/login/oauth/access_token`, and, at the same address,
    /// `/user`, `/user/emails` and `/user/orgs` of its API.
    ///
    /// # Panics
    /// As [`IdentityProvider::oidc`].
    pub async fn github() -> Self {
        Self::start(github::answer).await
    }

    /// Its address, which is the identifier of an issuer.
    pub fn url(&self) -> String {
        self.server.origin()
    }

    /// The id of the one client that it knows.
    pub fn client_id(&self) -> &str {
        &self.state.client_id
    }

    /// The secret of that client.
    pub fn client_secret(&self) -> &str {
        &self.state.client_secret
    }

    /// Sends users back to this URI only, and to others that were registered. As long as there is none, every URI is accepted.
    pub fn register_redirect(&self, uri: &str) {
        lock(&self.state.inner).redirects.push(uri.to_owned());
    }

    /// Signs a user in, in every browser.
    pub fn sign_in(&self, user: User) {
        let mut inner = lock(&self.state.inner);
        (inner.user, inner.denies) = (Some(user), false);
    }

    /// Signs the user out; who comes then is sent back with the error `login_required`, or sees GitHub's page for signing in.
    pub fn sign_out(&self) {
        lock(&self.state.inner).user = None;
    }

    /// Lets the user refuse from now on, until somebody signs in.
    pub fn deny(&self) {
        lock(&self.state.inner).denies = true;
    }

    /// Does something wrong from now on, besides what it already does.
    pub fn misbehave(&self, how: Misbehaviour) {
        lock(&self.state.inner).wrong.push(how);
    }

    /// Does everything right again.
    pub fn behave(&self) {
        lock(&self.state.inner).wrong.clear();
    }

    /// Tells the time by another clock.
    pub fn use_clock(&self, clock: Clock) {
        lock(&self.state.inner).clock = clock;
    }

    /// Signs with a new key from now on, and publishes that alone.
    ///
    /// # Panics
    /// When the operating system has no randomness.
    pub fn rotate_key(&self) {
        lock(&self.state.inner).key = id_token::Key::new();
    }

    /// How often a path was asked for.
    pub fn hits(&self, path: &str) -> usize {
        self.server.asked().iter().filter(|asked| asked.path == path).count()
    }

    /// Everything it was asked, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked().clone()
    }

    async fn start(answer: fn(&State, &Asked) -> Document) -> Self {
        let mut made = None;
        let server = Loopback::start(|url| {
            let state = Arc::new(State::new(url));
            made = Some(Arc::clone(&state));
            move |asked: &Asked| if state.does(Misbehaviour::Unavailable) { unavailable() } else { answer(&state, asked) }
        });
        let server = server.await;
        Self { state: made.expect("the server was started with it"), server }
    }
}

fn unavailable() -> Document {
    Document::new("text/plain", "try again later").status(503)
}
