//! The life of a connection, from the first request to the page on which a person takes it back.

use std::sync::Arc;
use std::time::Duration;

use mcp_tests::authorized::{Authorized, Tokens};

use super::assertion::Signer;
use super::connection::Connection;
use super::hosts::Hosts;
use super::mcp::Conversation;
use super::profile::{Identity, Profile};
use super::profiles::CHATGPT_KEYS;
use super::way::{Factor, Walker};

/// A server, a person, and the hosts of clients' documents.
pub(crate) struct Stage {
    pub(crate) site: Authorized,
    pub(crate) walker: Walker,
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) signer: Signer,
}

impl Stage {
    /// Where the documents of this client are, if they are to be had.
    pub(crate) async fn set(profile: &Profile) -> Self {
        let (hosts, signer) = (Arc::new(Hosts::open().await), Signer::new());
        if let Identity::Document { id, document } = profile.identity {
            match document {
                Some(document) => hosts.put(id, &document()),
                None => hosts.hold_off(id),
            }
        }
        hosts.put(CHATGPT_KEYS, &signer.jwks());
        let fetcher = hosts.clone();
        let site = Authorized::with(|builder| builder.fetcher(fetcher)).await;
        let walker = Walker::new(&site, "ann");
        Self { site, walker, hosts, signer }
    }

    /// A client that is known and has its first tokens.
    pub(crate) async fn connect<'a>(&'a self, profile: &'a Profile) -> (Connection<'a>, Tokens) {
        let connection = Connection::open(profile, &self.site, &self.signer).await;
        let scope = connection.first_scope();
        let tokens = connection.authorize(&self.walker, scope.as_deref(), Factor::Skip).await;
        (connection, tokens)
    }

    /// Takes everything back that acts for the person.
    pub(crate) async fn disconnect(&self, name: &str) {
        let page = self.walker.person.browser.visit(&format!("{}/agents", self.site.url)).await.expect("it opens").page().expect("a page");
        let label = format!("Disconnect {name}");
        let mut page = page;
        while let Ok(form) = page.form(&label) {
            page = form.submit(Some(&label)).await.expect("it is taken back").page().expect("a page");
        }
        assert!(page.text().contains("can no longer act for you"), "{}", page.text());
    }
}

/// A client connects, lists, calls, renews its tokens, steps up, falls back, and is taken back.
pub(crate) async fn lives(profile: &Profile) {
    let stage = Stage::set(profile).await;
    let (connection, tokens) = stage.connect(profile).await;
    assert_eq!(tokens.scope, profile.granted);
    assert_eq!(tokens.claims()["aud"], format!("{}/mcp", stage.site.url));
    let conversation = Conversation::open(profile, &stage.site, &tokens).await;
    let tools = conversation.tools(&tokens).await;
    assert!(tools.iter().any(|tool| tool == "reads") && !tools.iter().any(|tool| tool == "administers"), "{tools:?}");
    let called = conversation.call("reads", &tokens).await;
    assert_eq!(called.status, 200, "{called:?}");
    assert!(called.body.contains(&format!("of {}", stage.site.url)), "{called:?}");

    stage.site.clock.advance(Duration::from_secs(55 * 60));
    let tokens = renewed(&connection, &tokens).await;
    assert_eq!(tokens.scope, profile.granted, "a refresh without a scope keeps what was given");
    assert_eq!(conversation.call("executes", &tokens).await.status, 200);

    let elevated = step_up(&stage, &connection, &conversation, &tokens).await;
    fall_back(&stage, &connection, &conversation, &elevated).await;

    stage.disconnect(profile.name).await;
    assert!(stage.site.recorded("oauth/revoke", "succeeded"), "{:?}", stage.site.records());
    let refused = conversation.call("reads", &tokens).await;
    assert_eq!((refused.status, refused.challenged("error")), (401, Some("invalid_token")), "{refused:?}");
    let refused = connection.refresh(tokens.refresh.as_deref().expect("a refresh token")).await;
    assert_eq!((refused.status, refused.json()["error"].as_str()), (400, Some("invalid_grant")), "{refused:?}");
}

/// The tokens that come of a refresh.
pub(crate) async fn renewed(connection: &Connection<'_>, tokens: &Tokens) -> Tokens {
    let token = tokens.refresh.as_deref().expect("a refresh token, though none was asked for");
    let renewed = Tokens::of(&connection.refresh(token).await);
    assert!(renewed.refresh.as_deref().is_some_and(|next| next != token), "refresh tokens of clients without proof rotate");
    renewed
}

/// It is refused what needs a second factor, asks for that besides what it holds, and gets it.
async fn step_up(stage: &Stage, connection: &Connection<'_>, conversation: &Conversation<'_>, tokens: &Tokens) -> Tokens {
    let refused = conversation.call("confirms", tokens).await;
    assert_eq!((refused.status, refused.challenged("error")), (403, Some("insufficient_scope")), "{refused:?}");
    let challenged = refused.challenged("scope").expect("the scopes are named").to_owned();
    assert!(challenged.split(' ').any(|scope| scope == "mfa"), "{challenged}");
    let union = format!("{} {challenged}", tokens.scope);
    let elevated = connection.authorize(&stage.walker, Some(&union), Factor::Present).await;
    assert!(elevated.scope.split(' ').any(|scope| scope == "mfa"), "{elevated:?}");
    assert!(elevated.expires_in <= 15 * 60, "what is given for a short time ends then: {elevated:?}");
    let confirmed = conversation.call("confirms", &elevated).await;
    assert_eq!(confirmed.status, 200, "{confirmed:?}");
    elevated
}

/// The second factor has been a while ago: the token has ended, and its successor is without.
async fn fall_back(stage: &Stage, connection: &Connection<'_>, conversation: &Conversation<'_>, elevated: &Tokens) {
    stage.site.clock.advance(Duration::from_secs(16 * 60));
    assert_eq!(conversation.call("confirms", elevated).await.status, 401);
    let tokens = renewed(connection, elevated).await;
    assert_eq!(tokens.scope, connection.profile.granted);
    assert_eq!(conversation.call("reads", &tokens).await.status, 200);
    let refused = conversation.call("confirms", &tokens).await;
    assert_eq!((refused.status, refused.challenged("error")), (403, Some("insufficient_scope")), "{refused:?}");
}
