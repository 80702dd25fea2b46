//! GitHub, which is no OpenID Connect provider to people: who it is, is asked of its API.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::answer::{Site, email, name};
use super::handshake::Handshake;
use crate::server::Params;
use crate::server::login::{Identity, LoginContext, LoginError, LoginHost, LoginMethod, LoginNext, LoginStep};
use crate::{ClientAuth, Fetch};

const JSON: &str = "application/vnd.github+json";
const SITE: &str = "GitHub";
/// How many organizations a page has, and how many pages are read.
const ORGANIZATIONS: usize = 100;
const PAGES: usize = 10;

/// Signs people in with GitHub. `Debug` shows no secret.
///
/// A person is known by the number of its account: names can be changed, and taken by others afterwards.
pub struct GithubUpstream {
    client_id: String,
    client_secret: String,
    web: String,
    api: String,
    organizations: Option<Vec<String>>,
    fetcher: Option<Arc<dyn Fetch>>,
}

impl fmt::Debug for GithubUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GithubUpstream").field("web", &self.web).field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl GithubUpstream {
    pub(super) fn new(client_id: String, client_secret: String) -> Self {
        let (web, api) = ("https://github.com".to_owned(), "https://api.github.com".to_owned());
        Self { client_id, client_secret, web, api, organizations: None, fetcher: None }
    }

    /// Uses another GitHub, as of a company: its address, which is the issuer of its people then, and that of its API, as
    /// `https://github.example.com/api/v3`.
    #[must_use]
    pub fn at(mut self, web: &str, api: &str) -> Self {
        (self.web, self.api) = (web.trim_end_matches('/').to_owned(), api.trim_end_matches('/').to_owned());
        self
    }

    /// Lets in only members of these organizations, which are their groups then. An organization that restricts OAuth apps has to admit
    /// this one first.
    #[must_use]
    pub fn only_members_of<S: Into<String>>(mut self, organizations: impl IntoIterator<Item = S>) -> Self {
        self.organizations = Some(organizations.into_iter().map(Into::into).collect());
        self
    }

    fn site(&self) -> Result<Site<'_>, LoginError> {
        let fetcher = self.fetcher.as_deref().ok_or_else(|| LoginError::new("signing in with another site is not set up here"))?;
        Ok(Site { name: SITE, fetcher })
    }

    fn begin(&self, cx: &mut LoginContext<'_>) -> Result<LoginNext, LoginError> {
        let site = self.site()?;
        let scope = if self.organizations.is_some() { "read:user user:email read:org" } else { "read:user user:email" };
        let begun = Handshake::begin(cx, &format!("{}/login/oauth/authorize", self.web), &self.client_id, scope);
        let (url, _) = begun.ok_or_else(|| site.broken("the address of GitHub is no URL"))?;
        Ok(LoginNext::Redirect(url.into()))
    }

    async fn finish(&self, cx: &mut LoginContext<'_>, answer: &Params) -> Result<LoginNext, LoginError> {
        let site = self.site()?;
        let handshake = Handshake::take(cx, answer)?;
        let code = Handshake::code(answer, SITE)?;
        let auth = ClientAuth::post(&self.client_id, &self.client_secret);
        let form = [("code", code), ("redirect_uri", cx.callback_url), ("code_verifier", handshake.verifier.as_str())];
        let tokens = site.exchange(&format!("{}/login/oauth/access_token", self.web), &auth, &form).await?;
        let token = tokens.get("access_token").and_then(Value::as_str).ok_or_else(|| site.broken("there is no access token"))?;

        let user = self.read(site, "/user", token).await?;
        let number = user.get("id").and_then(Value::as_u64).ok_or_else(|| site.broken("the user has no number"))?;
        let emails = self.read(site, "/user/emails", token).await?;
        let groups = self.groups(site, token).await?;
        let text = |name: &str| user.get(name).and_then(Value::as_str);
        Ok(LoginNext::Done(Identity {
            issuer: self.web.clone(),
            subject: number.to_string(),
            email: main_address(&emails),
            name: text("name").or(text("login")).and_then(name),
            groups,
            amr: vec!["fed"],
        }))
    }

    /// The organizations that count, of those the person is in.
    ///
    /// # Errors
    /// When it is in none of them, and has to be.
    async fn groups(&self, site: Site<'_>, token: &str) -> Result<Vec<String>, LoginError> {
        let Some(wanted) = &self.organizations else { return Ok(Vec::new()) };
        let mut groups = Vec::new();
        for page in 1..=PAGES {
            let found = self.read(site, &format!("/user/orgs?per_page={ORGANIZATIONS}&page={page}"), token).await?;
            let found = found.as_array().map(Vec::as_slice).unwrap_or_default();
            let logins = || found.iter().filter_map(|organization| organization.get("login")?.as_str());
            // Names of organizations are the same in any case.
            groups.extend(wanted.iter().filter(|wanted| logins().any(|login| login.eq_ignore_ascii_case(wanted))).cloned());
            if found.len() < ORGANIZATIONS {
                break;
            }
        }
        match groups.is_empty() {
            true => Err(LoginError::new("this account of GitHub is in none of the organizations that can sign in here")),
            false => Ok(groups),
        }
    }

    async fn read(&self, site: Site<'_>, path: &str, token: &str) -> Result<Value, LoginError> {
        site.read("GitHub's API", &format!("{}{path}", self.api), JSON, token).await
    }
}

/// The address that the person chose as its main one, if GitHub has verified it. What it shows in its profile is whatever it likes.
fn main_address(emails: &Value) -> Option<String> {
    let is = |entry: &Value, name: &str| entry.get(name) == Some(&Value::Bool(true));
    let main = emails.as_array()?.iter().find(|entry| is(entry, "primary") && is(entry, "verified"))?;
    email(main.get("email")?.as_str()?)
}

#[async_trait]
impl LoginMethod for GithubUpstream {
    fn id(&self) -> &str {
        "github"
    }

    fn label(&self) -> String {
        "Continue with GitHub".to_owned()
    }

    async fn step(&self, cx: &mut LoginContext<'_>, step: LoginStep<'_>) -> Result<LoginNext, LoginError> {
        match step {
            LoginStep::Begin | LoginStep::Form(_) => self.begin(cx),
            LoginStep::Callback(answer) => self.finish(cx, answer).await,
        }
    }

    fn attach(&mut self, host: &LoginHost) {
        self.fetcher = Some(host.fetcher.clone());
    }
}
