//! Authorization in front of servers that have none: GitHub says who somebody is, the configuration what they may do.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_testkit::User;
use mcp_testkit::browser::Page;
use mcp_tests::authorized::{VERIFIER, challenge_of};
use serde_json::{Value, json};

use super::deployed::{Deployed, SITE, press};
use super::{ask, json as parsed};

const CALLBACK: &str = "https://claude.ai/api/mcp/auth_callback";

/// What Claude registered as, and its secret.
struct Claude {
    id: String,
    secret: String,
}

impl Claude {
    async fn register(site: &Deployed) -> Self {
        let body = json!({
            "client_name": "Claude",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email",
        });
        let (head, answer) = ask(site.address, "POST", "/register", &[], &body.to_string()).await;
        assert_eq!(head.status, 201, "{answer}");
        let answer = parsed(&answer);
        let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer}")).to_owned();
        assert_eq!(text("registration_client_uri"), format!("{SITE}/register/{}", text("client_id")));
        Self { id: text("client_id"), secret: text("client_secret") }
    }

    /// As it was recorded, where the resource is the host; `more` is what other clients send besides.
    fn query(&self, resource: &str, more: &[(&str, &str)]) -> String {
        let challenge = challenge_of(VERIFIER);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", CALLBACK),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("state", "s/1="),
            ("resource", resource),
        ]);
        query.extend_pairs(more).finish()
    }

    async fn token(&self, site: &Deployed, fields: &[(&str, &str)]) -> Value {
        let own = [("client_id", self.id.as_str()), ("client_secret", self.secret.as_str())];
        let (head, answer) = site.form("/token", &[fields, &own].concat()).await;
        assert_eq!(head.status, 200, "{answer}");
        parsed(&answer)
    }

    async fn exchange(&self, site: &Deployed, page: &Page) -> Value {
        let landing = press(page, "Allow").await;
        assert_eq!(landing.parameter("state").as_deref(), Some("s/1="));
        let code = landing.parameter("code").unwrap_or_else(|| panic!("no code: {landing:?}"));
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
        self.token(site, &fields).await
    }
}

fn claims(tokens: &Value) -> Value {
    let payload = tokens["access_token"].as_str().and_then(|token| token.split('.').nth(1)).expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name}: {tokens}"))
}

/// The scopes come from the configuration: what the client asks for, and whether it does, changes nothing.
#[tokio::test]
async fn roles_come_from_the_configuration() {
    for (login, asked, granted, manages) in [
        ("ada", None, "admin mcp user", 200),
        ("ada", Some("openid profile email"), "admin mcp user", 200),
        ("bob", Some("admin mcp user"), "mcp user", 404),
        ("bob", None, "mcp user", 404),
    ] {
        let site = Deployed::start().await;
        site.github.sign_in(User::new(login));
        let claude = Claude::register(&site).await;
        let asked: Vec<(&str, &str)> = asked.map(|scope| ("scope", scope)).into_iter().collect();
        let page = site.sign_in(&site.browser(), &claude.query(SITE, &asked)).await;
        let tokens = claude.exchange(&site, &page).await;
        assert_eq!((text(&tokens, "scope"), &tokens["expires_in"]), (granted, &json!(30 * 60)), "{login}");
        let claims = claims(&tokens);
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(SITE), &json!(format!("{SITE}/mcp"))), "{claims}");
        let access = text(&tokens, "access_token");
        for (tool, expected) in [("use", 200), ("profile", 200)] {
            assert_eq!(site.call(access, tool).await, (expected, text(&claims, "sub").to_owned()), "{login} {tool}");
        }
        let (status, answer) = site.call(access, "manage").await;
        assert_eq!(status == 200 && !answer.is_empty(), manages == 200, "{login}: {status} {answer}");
    }
}

/// Tokens live for half an hour and are renewed; those that were given before are good until they end.
#[tokio::test]
async fn short_tokens_are_renewed_and_several_are_good_at_once() {
    let site = Deployed::start().await;
    site.github.sign_in(User::new("ada"));
    let claude = Claude::register(&site).await;
    let page = site.sign_in(&site.browser(), &claude.query(&format!("{SITE}/mcp"), &[])).await;
    let mut tokens = vec![claude.exchange(&site, &page).await];
    for _ in 0..3 {
        site.clock.advance(Duration::from_secs(8 * 60));
        let last = text(&tokens[tokens.len() - 1], "refresh_token").to_owned();
        tokens.push(claude.token(&site, &[("grant_type", "refresh_token"), ("refresh_token", &last)]).await);
    }
    for tokens in &tokens {
        assert_eq!(site.call(text(tokens, "access_token"), "use").await.0, 200);
    }
    site.clock.advance(Duration::from_secs(8 * 60));
    let statuses = [&tokens[0], &tokens[3]].map(|tokens| site.call(text(tokens, "access_token"), "use"));
    let [first, last] = statuses;
    assert_eq!((first.await.0, last.await.0), (401, 200), "each ends half an hour after it was given");
}

/// Whoever the configuration does not let in gets no code, however well GitHub knows them; nor does who says no there.
#[tokio::test]
async fn who_is_not_listed_stays_out() {
    for (user, says) in [
        (User::new("eve").email("eve@elsewhere.example"), "an address elsewhere"),
        (User::new("mallory").unverified_email("ada@example.com"), "an address that nobody verified"),
        (User::new("nobody").without_email(), "no address"),
    ] {
        let site = Deployed::start().await;
        site.github.sign_in(user);
        let claude = Claude::register(&site).await;
        let page = site.sign_in(&site.browser(), &claude.query(SITE, &[])).await;
        assert_eq!(page.status(), 403, "{says}: {}", page.text());
        assert!(!page.forms().iter().any(|form| form.buttons().iter().any(|button| button.starts_with("Allow"))), "{}", page.text());
        assert!(site.recorded("not admitted"), "{says}");
    }
    let site = Deployed::start().await;
    site.github.deny();
    let claude = Claude::register(&site).await;
    let page = site.sign_in(&site.browser(), &claude.query(SITE, &[])).await;
    assert!(page.title().starts_with("Sign in"), "it can be tried again, or another way: {}", page.text());
    assert!(site.recorded("not identified"));
}

/// In the notes the token request is JSON; forms are what is sent.
#[tokio::test]
async fn a_token_request_is_a_form() {
    let site = Deployed::start().await;
    let claude = Claude::register(&site).await;
    let body = json!({"grant_type": "authorization_code", "code": "c", "client_id": claude.id, "client_secret": claude.secret});
    let (head, answer) = ask(site.address, "POST", "/token", &[], &body.to_string()).await;
    assert_eq!((head.status, &parsed(&answer)["error"]), (400, &json!("invalid_request")), "{answer}");
}
