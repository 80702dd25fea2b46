//! Playing a script to one of the servers.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_testkit::VirtualClock;
use mcp_tests::protected::Signer;
use serde_json::json;

use super::ask::{Ask, Script};
use super::outcome::Outcome;

/// One of the servers.
pub(crate) trait Server {
    /// What a word in a script is here.
    fn values(&self) -> HashMap<&'static str, String>;

    /// Its time.
    fn clock(&self) -> &VirtualClock;

    /// A request for authorization, which a person allows.
    async fn authorize(&mut self, query: &[(String, String)]) -> Outcome;

    /// Any other request.
    async fn send(&mut self, method: &'static str, path: &str, headers: &[(&str, &str)], body: &str) -> Outcome;
}

/// The class of each answer, and nothing where nothing was asked.
pub(crate) async fn play(server: &mut impl Server, signer: &Signer, script: &Script) -> Vec<String> {
    let mut scene = Scene { values: server.values(), heard: HashMap::new(), signer, now: 0 };
    let mut classes = Vec::new();
    for step in &script.steps {
        scene.now = server.clock().unix_seconds();
        let outcome = match &step.ask {
            Ask::Wait(seconds) => {
                server.clock().advance(std::time::Duration::from_secs(*seconds));
                classes.push(String::new());
                continue;
            }
            Ask::Authorize(query) => server.authorize(&scene.pairs(query)).await,
            Ask::Form { path, fields, basic } => {
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(scene.pairs(fields)).finish();
                let basic = basic.map(|(id, secret)| STANDARD.encode(format!("{}:{}", scene.say(id), scene.say(secret))));
                let basic = basic.map(|pair| format!("Basic {pair}"));
                let mut headers = vec![("Content-Type", "application/x-www-form-urlencoded")];
                headers.extend(basic.as_deref().map(|basic| ("Authorization", basic)));
                server.send("POST", path, &headers, &body).await
            }
            Ask::Raw { method, path, media_type, body, bearer } => {
                let bearer = bearer.map(|bearer| format!("Bearer {}", scene.say(bearer)));
                let mut headers = vec![("Content-Type", *media_type)];
                headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
                server.send(method, &scene.say(path), &headers, &scene.say(body)).await
            }
        };
        scene.hear(&outcome);
        classes.push(outcome.class());
    }
    classes
}

/// What the words of a script mean by now.
struct Scene<'a> {
    values: HashMap<&'static str, String>,
    heard: HashMap<&'static str, Vec<String>>,
    signer: &'a Signer,
    now: u64,
}

impl Scene<'_> {
    fn hear(&mut self, outcome: &Outcome) {
        for (word, name) in [
            ("code", "code"),
            ("access", "access_token"),
            ("refresh", "refresh_token"),
            ("client", "client_id"),
            ("management", "registration_access_token"),
        ] {
            self.heard.entry(word).or_default().extend(outcome.text(name));
        }
    }

    fn pairs(&self, pairs: &[(String, String)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.clone(), self.say(value))).collect()
    }

    /// A text with the values of its words. Braces of JSON stay, for no word begins with a quote.
    fn say(&self, text: &str) -> String {
        let mut said = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let word = after.split_once('}').filter(|(word, _)| word.starts_with(|first: char| first.is_ascii_lowercase()));
            said.push_str(before);
            let Some((word, after)) = word else {
                said.push('{');
                rest = after;
                continue;
            };
            said.push_str(&self.word(word));
            rest = after;
        }
        said + rest
    }

    fn word(&self, word: &str) -> String {
        if let Some(assertion) = word.strip_prefix("sign ") {
            return self.sign(assertion);
        }
        if let Some(value) = self.values.get(word) {
            return value.clone();
        }
        let (name, number) = word.split_once('-').map_or((word, None), |(name, number)| (name, number.parse::<usize>().ok()));
        let heard = self.heard.get(name).unwrap_or_else(|| panic!("what is {word}?"));
        // What was never given cannot be right, and has to be refused.
        number.map_or_else(|| heard.last(), |number| heard.get(number)).cloned().unwrap_or_else(|| "never-given".to_owned())
    }

    fn sign(&self, assertion: &str) -> String {
        let parts: Vec<&str> = assertion.split(' ').collect();
        let [audience, seconds, jti] = parts[..] else { panic!("an audience, seconds and a jti: {assertion}") };
        let issuer = &self.values["issuer"];
        let audience = match audience {
            "issuer" => json!(issuer),
            "token" => json!(format!("{issuer}/token")),
            "several" => json!([issuer, "https://elsewhere.example"]),
            other => json!(other),
        };
        let expires = self.now.saturating_add_signed(seconds.parse().expect("seconds"));
        let client = &self.values["keys"];
        let claims = json!({"iss": client, "sub": client, "aud": audience, "iat": self.now, "exp": expires, "jti": jti});
        self.signer.sign(&json!({"alg": "ES256", "kid": "one", "typ": "JWT"}), &claims)
    }
}
