//! The clients that people use, with their habits, through the whole life of a connection.

#[path = "client_profiles/assertion.rs"]
mod assertion;
#[path = "client_profiles/connection.rs"]
mod connection;
#[path = "client_profiles/discovery.rs"]
mod discovery;
#[path = "client_profiles/hosts.rs"]
mod hosts;
#[path = "client_profiles/life.rs"]
mod life;
#[path = "client_profiles/mcp.rs"]
mod mcp;
#[path = "client_profiles/profile.rs"]
mod profile;
#[path = "client_profiles/profiles.rs"]
mod profiles;
#[path = "client_profiles/totp.rs"]
mod totp;
#[path = "client_profiles/way.rs"]
mod way;

use std::time::Duration;

use mcp_tests::authorized::Tokens;
use mcp_tests::protected::Answer;

use life::{Stage, lives, renewed};
use mcp::Conversation;
use profile::{Identity, Profile};

macro_rules! profiles {
    ($($test:ident: $profile:expr,)*) => {$(
        #[tokio::test]
        async fn $test() {
            lives(&$profile).await;
        }
    )*};
}

profiles! {
    profile_claude_ai_with_its_document: profiles::CLAUDE_AI,
    profile_claude_ai_behind_a_wall: profiles::CLAUDE_AI.behind_a_wall(),
    profile_claude_code_with_its_document: profiles::CLAUDE_CODE,
    profile_claude_code_behind_a_wall: profiles::CLAUDE_CODE.behind_a_wall(),
    profile_claude_code_with_a_secret: profiles::CLAUDE_CODE_REGISTERED,
    profile_chatgpt_with_an_assertion: profiles::CHATGPT,
    profile_chatgpt_behind_a_wall: profiles::CHATGPT.behind_a_wall(),
    profile_chatgpt_as_a_connector_without_proof: profiles::CHATGPT_WITHOUT_PROOF,
    profile_codex_with_its_document: profiles::CODEX,
    profile_codex_behind_a_wall: profiles::CODEX.behind_a_wall(),
    profile_vs_code_with_its_document: profiles::VS_CODE,
    profile_vs_code_behind_a_wall: profiles::VS_CODE.behind_a_wall(),
    profile_cursor: profiles::CURSOR,
    profile_inspector_in_a_browser: profiles::INSPECTOR,
    profile_mcp_remote_with_the_registration_of_another_port: profiles::MCP_REMOTE,
    profile_march_2025: profiles::MARCH_2025,
    profile_march_2025_by_defaults: profiles::MARCH_2025_BY_DEFAULTS,
}

/// It is a client without proof where nobody can look at its proof: it could as well have come without.
#[tokio::test]
async fn profile_chatgpt_when_its_keys_cannot_be_had() {
    let profile = profiles::CHATGPT;
    let stage = Stage::set(&profile).await;
    stage.hosts.hold_off(profiles::CHATGPT_KEYS);
    let (connection, tokens) = stage.connect(&profile).await;
    renewed(&connection, &tokens).await;
    assert!(stage.hosts.hits(profiles::CHATGPT_KEYS) > 0);
}

/// Several sessions have one file of credentials: they renew the same token at once, and one of them comes with it days later.
#[tokio::test]
async fn profile_claude_code_processes_share_one_refresh_token() {
    for profile in [profiles::CLAUDE_CODE, profiles::CLAUDE_CODE_REGISTERED, profiles::CODEX] {
        let stage = Stage::set(&profile).await;
        let (connection, tokens) = stage.connect(&profile).await;
        let shared = tokens.refresh.as_deref().expect("a refresh token");
        let conversation = Conversation::open(&profile, &stage.site, &tokens).await;
        let (one, two, three) = tokio::join!(connection.refresh(shared), connection.refresh(shared), connection.refresh(shared));
        let renewed: Vec<Tokens> = [&one, &two, &three].map(Tokens::of).into();
        assert!(renewed.iter().all(|tokens| tokens.refresh == renewed[0].refresh), "they converge: {renewed:?}");
        for tokens in &renewed {
            assert_eq!(conversation.call("reads", tokens).await.status, 200);
        }
        // Whoever did not get the answer asks again.
        stage.site.clock.advance(Duration::from_secs(30));
        assert_eq!(Tokens::of(&connection.refresh(shared).await).refresh, renewed[0].refresh);

        stage.site.clock.advance(Duration::from_secs(45 * 60));
        let newest = self::renewed(&connection, &renewed[0]).await;
        assert_eq!(error_of(&connection.refresh(shared).await), (400, "invalid_grant".to_owned()), "an old generation");
        assert!(stage.site.recorded("oauth/refresh", "refresh token used twice"));
        assert_eq!(conversation.call("reads", &newest).await.status, 401, "nothing of the grant is good any more");
        let refused = connection.refresh(newest.refresh.as_deref().expect("a refresh token")).await;
        assert_eq!(error_of(&refused), (400, "invalid_grant".to_owned()));
    }
}

/// A document is fetched once while it is fresh; the pinned copy stands in only where it cannot be had.
#[tokio::test]
async fn profile_documents_are_fetched_once_and_pinned_copies_stand_in() {
    for profile in [profiles::CLAUDE_AI, profiles::CODEX] {
        let Identity::Document { id, .. } = profile.identity else { panic!("it has a document") };
        for profile in [profile.clone(), profile.clone().behind_a_wall()] {
            let stage = Stage::set(&profile).await;
            let (connection, tokens) = stage.connect(&profile).await;
            renewed(&connection, &tokens).await;
            assert_eq!(stage.hosts.hits(id), 1, "{profile:?}");
        }
    }
}

/// Nothing answers: a copy that comes with the server is used where there is one, and an earlier document where one was fetched.
#[tokio::test]
async fn profile_documents_that_cannot_be_reached() {
    for profile in [profiles::CLAUDE_AI, profiles::CLAUDE_CODE, profiles::CHATGPT, profiles::CODEX, profiles::VS_CODE] {
        let stage = Stage::set(&profile).await;
        stage.hosts.go_down();
        let (connection, tokens) = stage.connect(&profile).await;
        renewed(&connection, &tokens).await;
    }
    let connector = profiles::CHATGPT_WITHOUT_PROOF;
    let stage = Stage::set(&connector).await;
    let (connection, tokens) = stage.connect(&connector).await;
    stage.hosts.go_down();
    stage.site.clock.advance(Duration::from_secs(24 * 3_600));
    renewed(&connection, &tokens).await;

    let nobody =
        Profile { identity: Identity::Document { id: "https://client.example/unknown.json", document: None }, ..profiles::CLAUDE_AI };
    let stage = Stage::set(&nobody).await;
    let connection = connection::Connection::open(&nobody, &stage.site, &stage.signer).await;
    let page = stage.walker.person.browser.visit(&connection.flow(None).url(&stage.site)).await.expect("it opens").page().expect("a page");
    assert_eq!(page.status(), 503, "{}", page.text());
}

fn error_of(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
}
