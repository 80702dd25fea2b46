//! OpenID Connect providers (OpenID Connect Core 1.0, section 3.1).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::answer::{Site, email, name};
use super::handshake::Handshake;
use crate::jwt::IdTokens;
use crate::server::Params;
use crate::server::login::{Identity, LoginContext, LoginError, LoginHost, LoginMethod, LoginNext, LoginStep};
use crate::{ClientAuth, Discovery, Fetch, Issuer, Metadata};

/// The values of `amr` that RFC 8176, section 2, registers.
const AMR: [&str; 21] = [
    "face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pop", "pwd", "rba", "retina", "sc", "sms", "swk", "tel",
    "user", "vbm", "wia",
];

/// Signs people in with an OpenID Connect provider. `Debug` shows no secret.
pub struct OidcUpstream {
    id: String,
    name: String,
    issuer: Issuer,
    client_id: String,
    client_secret: String,
    scope: String,
    groups_claim: Option<String>,
    required: Vec<(String, Vec<String>)>,
    pass_amr: bool,
    provider: Option<Provider>,
}

/// What there is once the method is part of a server.
struct Provider {
    discovery: Discovery,
    id_tokens: IdTokens,
    fetcher: Arc<dyn Fetch>,
}

impl fmt::Debug for OidcUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcUpstream")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl OidcUpstream {
    pub(super) fn new(issuer: Issuer, client_id: String, client_secret: String) -> Self {
        Self {
            id: "oidc".to_owned(),
            name: issuer.as_str().split_once("://").map_or(issuer.as_str(), |(_, rest)| rest).trim_end_matches('/').to_owned(),
            issuer,
            client_id,
            client_secret,
            scope: "openid profile email".to_owned(),
            groups_claim: None,
            required: Vec::new(),
            pass_amr: false,
            provider: None,
        }
    }

    /// What it is called: in URLs, with lower-case letters and `-`, and by people. `oidc` and its host unless set.
    #[must_use]
    pub fn named(mut self, id: impl Into<String>, name: impl Into<String>) -> Self {
        (self.id, self.name) = (id.into(), name.into());
        self
    }

    /// Asks for another scope besides `openid profile email`.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = format!("{} {scope}", self.scope);
        self
    }

    /// Takes groups from a claim: a text, or an array of texts.
    #[must_use]
    pub fn groups_claim(mut self, claim: impl Into<String>) -> Self {
        self.groups_claim = Some(claim.into());
        self
    }

    /// Lets in only those of whom a claim of the ID token is one of these texts: `hd` for domains of Google, `tid` for tenants of
    /// Microsoft. Without it everybody whom the provider knows can sign in.
    #[must_use]
    pub fn only<S: Into<String>>(mut self, claim: impl Into<String>, values: impl IntoIterator<Item = S>) -> Self {
        self.required.push((claim.into(), values.into_iter().map(Into::into).collect()));
        self
    }

    /// Believes how the provider says that it found out who it is (`amr`). Who has proved two factors there may then do what a second factor
    /// is needed for here, so it is for providers that the operator runs.
    #[must_use]
    pub fn pass_amr(mut self) -> Self {
        self.pass_amr = true;
        self
    }

    fn provider(&self) -> Result<&Provider, LoginError> {
        self.provider.as_ref().ok_or_else(|| LoginError::new("signing in with another site is not set up here"))
    }

    fn site<'a>(&'a self, provider: &'a Provider) -> Site<'a> {
        Site { name: &self.name, fetcher: provider.fetcher.as_ref() }
    }

    async fn begin(&self, cx: &mut LoginContext<'_>) -> Result<LoginNext, LoginError> {
        let provider = self.provider()?;
        let site = self.site(provider);
        let metadata = provider.discovery.metadata().await.map_err(|error| site.failed(&error))?;
        let endpoint = metadata.authorization_endpoint.as_deref().unwrap_or_default();
        let begun = Handshake::begin(cx, endpoint, &self.client_id, &self.scope);
        let (mut url, handshake) = begun.ok_or_else(|| site.broken("the metadata has no URL for signing in"))?;
        url.query_pairs_mut().append_pair("response_type", "code").append_pair("nonce", &handshake.nonce);
        Ok(LoginNext::Redirect(url.into()))
    }

    async fn finish(&self, cx: &mut LoginContext<'_>, answer: &Params) -> Result<LoginNext, LoginError> {
        let provider = self.provider()?;
        let site = self.site(provider);
        let handshake = Handshake::take(cx, answer)?;
        let metadata = provider.discovery.metadata().await.map_err(|error| site.failed(&error))?;
        self.check_sender(&metadata, answer).map_err(|why| site.broken(why))?;
        let code = Handshake::code(answer, &self.name)?;

        let endpoint = metadata.token_endpoint.as_deref().ok_or_else(|| site.broken("the metadata has no token endpoint"))?;
        let auth = self.client_auth(&metadata).ok_or_else(|| site.broken("the token endpoint takes no client secret"))?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", cx.callback_url),
            ("code_verifier", handshake.verifier.as_str()),
        ];
        let tokens = site.exchange(endpoint, &auth, &form).await?;
        let text = |name: &str| tokens.get(name).and_then(Value::as_str);
        let id_token = text("id_token").ok_or_else(|| site.broken("there is no ID token"))?;
        let claims = provider.id_tokens.verify(id_token, &handshake.nonce).await.map_err(|error| site.failed(&error))?;
        if !self.is_welcome(&claims) {
            return Err(LoginError::new(format!("this account of {} is not one of those that can sign in here", self.name)));
        }
        let more = match (text("access_token"), &metadata.userinfo_endpoint) {
            // Some providers write into ID tokens no more than who it is.
            (Some(token), Some(url)) if !claims.contains_key("email") => self.userinfo(site, url, token, &claims).await?,
            _ => Map::new(),
        };
        Ok(LoginNext::Done(self.identity(&claims, &more)))
    }

    /// Whether the answer is from this issuer (RFC 9207, section 2.4).
    fn check_sender(&self, metadata: &Metadata, answer: &Params) -> Result<(), &'static str> {
        match answer.first("iss") {
            Some(issuer) if issuer == self.issuer.as_str() => Ok(()),
            None if !metadata.authorization_response_iss => Ok(()),
            Some(_) => Err("somebody came back from another issuer"),
            None => Err("somebody came back without the issuer's name"),
        }
    }

    fn client_auth(&self, metadata: &Metadata) -> Option<ClientAuth> {
        let takes = |method: &str| metadata.token_endpoint_auth_methods.iter().any(|offered| offered == method);
        match () {
            () if takes("client_secret_basic") => Some(ClientAuth::basic(&self.client_id, &self.client_secret)),
            () if takes("client_secret_post") => Some(ClientAuth::post(&self.client_id, &self.client_secret)),
            () => None,
        }
    }

    fn is_welcome(&self, claims: &Map<String, Value>) -> bool {
        self.required.iter().all(|(claim, values)| {
            let found = claims.get(claim).and_then(Value::as_str);
            found.is_some_and(|found| values.iter().any(|value| value == found))
        })
    }

    /// More claims of the same person (OpenID Connect Core 1.0, section 5.3.2).
    async fn userinfo(
        &self,
        site: Site<'_>,
        url: &str,
        token: &str,
        claims: &Map<String, Value>,
    ) -> Result<Map<String, Value>, LoginError> {
        match site.read("userinfo", url, "application/json", token).await? {
            Value::Object(more) if more.get("sub") == claims.get("sub") => Ok(more),
            _ => Err(site.broken("userinfo is about somebody else")),
        }
    }

    fn identity(&self, claims: &Map<String, Value>, more: &Map<String, Value>) -> Identity {
        let value = |name: &str| claims.get(name).or_else(|| more.get(name));
        let text = |name: &str| value(name).and_then(Value::as_str);
        // Address and verdict have to come from the same document.
        let addresses = if claims.contains_key("email") { claims } else { more };
        let verified = addresses.get("email_verified") == Some(&Value::Bool(true));
        let groups = match self.groups_claim.as_deref().and_then(value) {
            Some(Value::String(group)) => vec![group.clone()],
            Some(Value::Array(groups)) => groups.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        Identity {
            issuer: self.issuer.as_str().to_owned(),
            subject: text("sub").unwrap_or_default().to_owned(),
            email: addresses.get("email").and_then(Value::as_str).filter(|_| verified).and_then(email),
            name: text("name").or(text("preferred_username")).and_then(name),
            groups,
            amr: self.amr(claims),
        }
    }

    fn amr(&self, claims: &Map<String, Value>) -> Vec<&'static str> {
        let said = claims.get("amr").filter(|_| self.pass_amr).and_then(Value::as_array);
        // What it means that somebody else found it out, RFC 8176 has no value for.
        let mut amr = vec!["fed"];
        let methods = said.into_iter().flatten().filter_map(|method| AMR.iter().find(|known| *method == **known));
        amr.extend(methods);
        amr
    }
}

#[async_trait]
impl LoginMethod for OidcUpstream {
    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> String {
        format!("Continue with {}", self.name)
    }

    async fn step(&self, cx: &mut LoginContext<'_>, step: LoginStep<'_>) -> Result<LoginNext, LoginError> {
        match step {
            LoginStep::Begin | LoginStep::Form(_) => self.begin(cx).await,
            LoginStep::Callback(answer) => self.finish(cx, answer).await,
        }
    }

    fn attach(&mut self, host: &LoginHost) {
        self.provider = Some(Provider {
            discovery: Discovery::new(self.issuer.clone(), host.fetcher.clone(), host.clock.clone()),
            id_tokens: IdTokens::new(&self.issuer, &self.client_id, host.fetcher.clone(), host.clock.clone()),
            fetcher: host.fetcher.clone(),
        });
    }
}
