//! `oauth-as` in memory, reached by requests as over HTTP, with an approval that always agrees.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use mcp_testkit::VirtualClock;
use mcp_tests::protected::Signer;
use oauth_as::jwt::{EcCurve, JwsVerifier};
use oauth_as::{
    ApprovalDecision, AssertionKeys, AuthorizationServer, AuthorizationService, Client, ClientAuth, ClientId, Clock, GrantType, Jwk,
    JwsAlg, MemoryStorage, RegistrationAttempt, RegistrationConfig, RegistrationDecision, RegistrationPolicy, ScopeSet, SecretHash,
    ServerConfig, ServiceBuilder,
};

use super::outcome::Outcome;
use super::play::Server;

/// Where most clients are led back to.
pub(crate) const BACK: &str = "https://app.example/cb";
/// Where another client is led back to.
pub(crate) const OTHER_BACK: &str = "https://other.example/cb";

const ISSUER: &str = "https://as.example";
const MCP: &str = "https://mcp.example/mcp";
const SCOPES: &str = "mcp:execute mcp:read mcp:write";
const SECRET: &str = "a-long-enough-secret-for-a-confidential-client";

/// The server, and its time.
pub(crate) struct Theirs {
    service: AuthorizationService<MemoryStorage, SharedClock>,
    clock: VirtualClock,
}

impl Theirs {
    pub(crate) async fn start(signer: &Signer) -> Self {
        let mut config = ServerConfig::new(ISSUER, format!("{ISSUER}/device"));
        config.refresh_retry_window = Duration::from_secs(60);
        config.refresh_token_ttl = Some(Duration::from_secs(30 * 24 * 3_600));
        config.allowed_resources = Some([Box::from(MCP)].into());
        config.revocation_endpoint = Some(format!("{ISSUER}/revoke"));
        config.introspection_endpoint = Some(format!("{ISSUER}/introspect"));
        let mut registration = RegistrationConfig::new();
        registration.allowed_scopes = scopes();
        config.registration = Some(Box::new(registration));
        let clock = VirtualClock::new();
        let server = AuthorizationServer::with_clock(config, MemoryStorage::new(), SharedClock(clock.clone()))
            .with_registration_policy(Box::new(Everybody))
            .with_jws_verifier(Arc::new(Es256));
        let server = Arc::new(server);
        let keys = AssertionKeys::PublicKeys { alg: JwsAlg::Es256, keys: vec![jwk(signer)] };
        for (id, back, auth) in [
            ("app", BACK, ClientAuth::Public),
            ("other", OTHER_BACK, ClientAuth::Public),
            ("conf", BACK, ClientAuth::ConfidentialSecretHash { hash: SecretHash::sha256(SECRET) }),
            ("keys", BACK, ClientAuth::ConfidentialAssertion { keys }),
        ] {
            server.register_client(client(id, back, auth)).await.expect("it is registered");
        }
        let service = ServiceBuilder::new(server)
            .with_subject_resolver(|_| Some("ann".to_owned()))
            .with_approval_resolver(|_| ApprovalDecision::Approve)
            .build()
            .expect("a service");
        Self { service, clock }
    }
}

impl Server for Theirs {
    fn values(&self) -> HashMap<&'static str, String> {
        let own = ["app", "other", "conf", "keys"].map(|id| (id, id.to_owned()));
        let given = [("secret", SECRET), ("back", BACK), ("mcp", MCP), ("issuer", ISSUER)].map(|(word, value)| (word, value.to_owned()));
        own.into_iter().chain(given).collect()
    }

    fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    async fn authorize(&mut self, query: &[(String, String)]) -> Outcome {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        match self.send("GET", &format!("/authorize?{query}"), &[], "").await {
            Outcome::Answer { .. } => Outcome::Page,
            led => led,
        }
    }

    async fn send(&mut self, method: &'static str, path: &str, headers: &[(&str, &str)], body: &str) -> Outcome {
        let mut request = Request::builder().method(method).uri(format!("{ISSUER}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).expect("a request");
        let answer = self.service.handle(request).await;
        let status = answer.status().as_u16();
        match answer.headers().get("location").map(|location| location.to_str().expect("text").to_owned()) {
            Some(location) if (300..400).contains(&status) => Outcome::back(&location),
            _ => Outcome::of(status, &answer.into_body().into_bytes()),
        }
    }
}

fn scopes() -> ScopeSet {
    ScopeSet::parse(SCOPES).expect("scopes")
}

fn client(id: &str, back: &str, auth: ClientAuth) -> Client {
    Client {
        client_id: ClientId::new(id),
        auth,
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        redirect_uris: vec![back.to_owned()],
        allowed_scopes: scopes(),
        default_scopes: scopes(),
        name: None,
        registration: None,
    }
}

fn jwk(signer: &Signer) -> Jwk {
    let key = signer.jwk();
    let text = |name: &str| key[name].as_str().expect("a text").to_owned();
    Jwk::Ec { crv: EcCurve::P256, x: text("x"), y: text("y"), kid: Some(text("kid")) }
}

/// The time of the test.
#[derive(Clone)]
struct SharedClock(VirtualClock);

impl Clock for SharedClock {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
}

/// Whoever likes may register.
struct Everybody;

impl RegistrationPolicy for Everybody {
    fn authorize(&self, _: &RegistrationAttempt<'_>) -> RegistrationDecision {
        RegistrationDecision::Allow
    }
}

/// Signatures on P-256.
struct Es256;

impl JwsVerifier for Es256 {
    fn alg(&self) -> JwsAlg {
        JwsAlg::Es256
    }

    fn verify(&self, key: &Jwk, signing_input: &[u8], signature: &[u8]) -> bool {
        let Jwk::Ec { x, y, .. } = key else { return false };
        let (Ok(x), Ok(y)) = (URL_SAFE_NO_PAD.decode(x), URL_SAFE_NO_PAD.decode(y)) else { return false };
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signing_input, signature).is_ok()
    }
}
