//! The `[auth.server]` part: the embedded authorization server.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::build::{CannotBuild, secret};
use super::text;
use super::text::ScopeName;
use super::values::{SecretSource, TwoPlaces, env_name, issuer, name, path};
use crate::server::{AuthServerBuilder, Brand, LogMailer, MagicLink, MasterKey, Smtp, Upstream};
#[cfg(feature = "developer-login")]
use crate::server::{Developer, DeveloperLogin};

/// The embedded authorization server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ServerSettings {
    /// The SQLite file that holds everything.
    #[serde(deserialize_with = "path")]
    pub store: PathBuf,
    /// The environment variable that holds the key; `MCP_AUTH_KEY` unless said.
    #[serde(default, deserialize_with = "env_name")]
    key_env: Option<String>,
    /// The file that holds the key.
    #[serde(default, deserialize_with = "path")]
    key_file: Option<PathBuf>,
    #[serde(default)]
    elevated_scopes: Vec<ScopeName>,
    #[serde(default)]
    baseline_scopes: Option<Vec<ScopeName>>,
    #[serde(default, deserialize_with = "span")]
    access_tokens: Option<Duration>,
    #[serde(default, deserialize_with = "span")]
    grants: Option<Duration>,
    #[serde(default = "yes")]
    registration: bool,
    #[serde(default)]
    brand: Option<BrandTable>,
    #[serde(default)]
    email: Option<EmailTable>,
    #[serde(default)]
    github: Option<GithubTable>,
    #[serde(default)]
    oidc: Vec<OidcTable>,
    #[serde(default)]
    developers: Vec<DeveloperTable>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandTable {
    #[serde(deserialize_with = "name")]
    name: String,
    accent: Option<String>,
    logo: Option<String>,
    support_url: Option<String>,
}

/// Signing in by mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmailTable {
    /// Where the URL of the mail server is, which holds its password.
    #[serde(default, deserialize_with = "env_name")]
    smtp_url_env: Option<String>,
    #[serde(default, deserialize_with = "path")]
    smtp_url_file: Option<PathBuf>,
    from: Option<String>,
    only_to: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GithubTable {
    #[serde(deserialize_with = "name")]
    client_id: String,
    #[serde(default, deserialize_with = "env_name")]
    client_secret_env: Option<String>,
    #[serde(default, deserialize_with = "path")]
    client_secret_file: Option<PathBuf>,
    #[serde(default)]
    organizations: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcTable {
    #[serde(deserialize_with = "issuer")]
    issuer: String,
    #[serde(deserialize_with = "name")]
    client_id: String,
    #[serde(default, deserialize_with = "env_name")]
    client_secret_env: Option<String>,
    #[serde(default, deserialize_with = "path")]
    client_secret_file: Option<PathBuf>,
    /// Its name in URLs, and what its button calls it.
    id: Option<String>,
    label: Option<String>,
    groups_claim: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeveloperTable {
    #[serde(deserialize_with = "name")]
    name: String,
    #[cfg_attr(not(feature = "developer-login"), expect(dead_code))]
    email: Option<String>,
    #[cfg_attr(not(feature = "developer-login"), expect(dead_code))]
    #[serde(default)]
    groups: Vec<String>,
}

/// A time, as `30min`, `12h` or `90d`.
fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    text(deserializer, "a time", |text| {
        let split = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(split);
        let seconds = match unit {
            "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => 0,
        };
        let count: Option<u64> = count.parse().ok().filter(|count| (1..=100_000).contains(count) && seconds > 0);
        count.map(|count| Some(Duration::from_secs(count * seconds))).ok_or("a time is a number and `min`, `h` or `d`, as `30min` or `90d`")
    })
}

impl ServerSettings {
    /// The key that the store is sealed with.
    ///
    /// # Errors
    /// When it is not where the settings say, or is no key.
    pub fn key(&self) -> Result<MasterKey, CannotBuild> {
        let source = SecretSource::of(self.key_env.clone(), self.key_file.clone())
            .map_err(|TwoPlaces| CannotBuild::new("only one of `key_env` and `key_file` says where the key is"))?
            .unwrap_or_else(|| SecretSource::Env("MCP_AUTH_KEY".to_owned()));
        let text = secret(&source, "the key of the authorization server, as from `openssl rand -base64 32`,")?;
        MasterKey::parse(&text).map_err(|error| CannotBuild::new(format!("the key of the authorization server is none: {error}")))
    }

    /// Adds all of this to a server, but for its store.
    ///
    /// # Errors
    /// When a secret is not where the settings say, or something does not fit.
    pub fn settle(self, mut builder: AuthServerBuilder, name: &str) -> Result<AuthServerBuilder, CannotBuild> {
        builder = builder.key(self.key()?).registration(self.registration).brand(brand(self.brand, name)?);
        builder = builder.elevated_scopes(self.elevated_scopes);
        if let Some(scopes) = self.baseline_scopes {
            builder = builder.baseline_scopes(scopes);
        }
        if let Some(time) = self.access_tokens {
            builder = builder.access_tokens_live(time);
        }
        if let Some(time) = self.grants {
            builder = builder.grants_last(time);
        }
        if let Some(email) = self.email {
            builder = builder.login(magic_link(email)?);
        }
        if let Some(github) = self.github {
            let secret = client_secret(github.client_secret_env, github.client_secret_file)?;
            let upstream = Upstream::github(github.client_id, secret);
            builder =
                builder.login(if github.organizations.is_empty() { upstream } else { upstream.only_members_of(github.organizations) });
        }
        for table in self.oidc {
            builder = builder.login(oidc(table)?);
        }
        if !self.developers.is_empty() {
            builder = developers(builder, self.developers)?;
        }
        Ok(builder)
    }
}

fn fits<T, E: fmt::Display>(what: &str, found: Result<T, E>) -> Result<T, CannotBuild> {
    found.map_err(|error| CannotBuild::new(format!("{what}: {error}")))
}

fn brand(table: Option<BrandTable>, name: &str) -> Result<Brand, CannotBuild> {
    let Some(table) = table else { return Ok(Brand::new(name)) };
    let mut brand = Brand::new(table.name);
    if let Some(accent) = table.accent {
        brand = fits("`brand.accent`", brand.accent(&accent))?;
    }
    if let Some(logo) = table.logo {
        brand = fits("`brand.logo`", brand.logo(logo))?;
    }
    if let Some(url) = table.support_url {
        brand = fits("`brand.support_url`", brand.support_url(url))?;
    }
    Ok(brand)
}

fn magic_link(table: EmailTable) -> Result<MagicLink, CannotBuild> {
    let source = SecretSource::of(table.smtp_url_env, table.smtp_url_file)
        .map_err(|TwoPlaces| CannotBuild::new("only one of `smtp_url_env` and `smtp_url_file` says where the mail server is"))?;
    let link = match source {
        Some(source) => {
            let url = secret(&source, "the URL of the mail server")?;
            let from = table.from.ok_or_else(|| CannotBuild::new("mails come from an address; set `from` in `[auth.server.email]`"))?;
            MagicLink::new(fits("`[auth.server.email]`", Smtp::new(&url, &from))?)
        }
        // Only on loopback: the builder refuses it elsewhere.
        None => MagicLink::new(LogMailer),
    };
    Ok(match table.only_to {
        Some(recipients) => link.only_to(recipients),
        None => link,
    })
}

fn oidc(table: OidcTable) -> Result<crate::server::OidcUpstream, CannotBuild> {
    let secret = client_secret(table.client_secret_env, table.client_secret_file)?;
    let mut upstream = fits("`[[auth.server.oidc]]`", Upstream::oidc(&table.issuer, table.client_id, secret))?;
    if let Some(label) = table.label {
        upstream = upstream.named(table.id.unwrap_or_else(|| "oidc".to_owned()), label);
    }
    if let Some(claim) = table.groups_claim {
        upstream = upstream.groups_claim(claim);
    }
    Ok(upstream)
}

#[cfg(feature = "developer-login")]
fn developers(builder: AuthServerBuilder, tables: Vec<DeveloperTable>) -> Result<AuthServerBuilder, CannotBuild> {
    Ok(builder.login(DeveloperLogin::new(tables.into_iter().map(developer))))
}

#[cfg(not(feature = "developer-login"))]
fn developers(_: AuthServerBuilder, tables: Vec<DeveloperTable>) -> Result<AuthServerBuilder, CannotBuild> {
    let names: Vec<String> = tables.into_iter().map(|table| format!("`{}`", table.name)).collect();
    Err(CannotBuild::new(format!(
        "{} cannot sign in as developers: this program was built without the feature `developer-login`; remove `[[auth.server.developers]]`",
        names.join(", ")
    )))
}

#[cfg(feature = "developer-login")]
fn developer(table: DeveloperTable) -> Developer {
    let developer = Developer::new(table.name);
    let developer = match table.email {
        Some(email) => developer.email(email),
        None => developer,
    };
    table.groups.into_iter().fold(developer, Developer::group)
}

fn client_secret(env: Option<String>, file: Option<PathBuf>) -> Result<String, CannotBuild> {
    let source = SecretSource::of(env, file).ok().flatten();
    let source =
        source.ok_or_else(|| CannotBuild::new("say where the secret is, with one of `client_secret_env` and `client_secret_file`"))?;
    secret(&source, "a client secret")
}
