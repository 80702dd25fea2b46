//! The configuration file: who callers are, what they may do and how often, and where that is recorded.

mod auth;
mod build;
mod error;
mod nearest;
mod operation;
mod providers;
mod quote;
#[cfg(feature = "server")]
mod server;
#[cfg(test)]
mod tests;
mod text;
mod values;

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use auth::AuthSettings;
pub use build::{CannotBuild, KEY_PREFIX};
pub use error::SettingsError;
pub use operation::{AuditSettings, LimitSettings};
pub use providers::{ApiKeySettings, GatewaySettings, IntrospectionSettings, JwtSettings, Unverifiable, UserinfoSettings};
#[cfg(feature = "server")]
pub use server::ServerSettings;
pub(crate) use text::{Net, ScopeName, scope_set, some_scopes, text, tier};
pub use values::{KeyHash, SecretSource};

/// The longest file that is read, in bytes.
const MAX_FILE: usize = 1_024 * 1_024;

/// What `mcp.toml` says of authorization.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The URL under which clients reach the server; tokens are meant for it.
    #[serde(deserialize_with = "values::public_url")]
    pub public_url: Option<String>,
    /// Who callers are and what they may do. Without it the server does not ask.
    pub auth: Option<AuthSettings>,
    /// How often they may ask.
    pub limits: LimitSettings,
    /// Where that is recorded.
    pub audit: Option<AuditSettings>,
    /// What `mcp gateway` reads for itself.
    pub gateway: Option<toml::Table>,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or says something it should not, with the line.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&file, &text),
            Err(error) => Err(SettingsError::unreadable(file, &error)),
        }
    }

    /// Reads a text; `file` is what errors call it.
    ///
    /// # Errors
    /// When it says something it should not, with the line.
    pub fn parse(file: &str, text: &str) -> Result<Self, SettingsError> {
        parse_settings(file, text)
    }
}

/// Reads a text that holds these settings among others, with the same errors as [`Settings::parse`]: `T` is a
/// structure with [`AuthSettings`], [`LimitSettings`] and [`AuditSettings`] for some of its fields.
///
/// # Errors
/// When the text says something it should not, with the line.
pub fn parse_settings<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SettingsError> {
    if text.len() > MAX_FILE {
        return Err(SettingsError::too_long(file.to_owned()));
    }
    toml::from_str(text).map_err(|error| SettingsError::new(file.to_owned(), text, &error))
}
