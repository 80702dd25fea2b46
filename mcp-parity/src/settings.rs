//! Setting a server up as a configuration file says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mcp_auth::{ApiKeys, AuditLog, AuthMode, Authenticator, Clock, KEY_PREFIX, Settings};

use crate::error::{Error, Result};
use crate::server::Server;

/// The configuration file that `http` and `check` look for where they are started.
const FILE: &str = "mcp.toml";

/// The configuration file to read, if there is one.
///
/// Over stdio it has to be named: hosts start servers in directories that somebody else may have written, and
/// such a file says who is trusted.
pub(crate) fn file(named: Option<PathBuf>, looks_around: bool) -> Option<PathBuf> {
    let found = || Some(PathBuf::from(FILE)).filter(|file| looks_around && file.exists());
    named.or_else(|| std::env::var_os("MCP_CONFIG").map(PathBuf::from)).or_else(found)
}

/// Sets the server up as a configuration file says. The audit log is opened only if it `serves`: another process may be writing it.
pub(crate) fn configure(mut server: Server, file: &Path, serves: bool) -> Result<Server> {
    let settings = Settings::load(file).map_err(|error| Error::Config(error.to_string()))?;
    let clock = Clock::default();
    let limits = settings.limits.limits(clock.clone());
    if settings.public_url.is_some() {
        server.http.public_url = settings.public_url;
    }
    if let Some(auth) = settings.auth {
        server.http.auth_mode = auth.mode;
        if auth.security_schemes {
            server = server.security_schemes(mcp_core::SecuritySchemes { anonymous: auth.mode == AuthMode::Optional });
        }
        if auth.baseline_scopes.is_some() {
            server.http.baseline_scopes.clone_from(&auth.baseline_scopes);
        }
        let cannot = |error: mcp_auth::CannotBuild| Error::Config(format!("{}: {error}", file.display()));
        #[cfg(feature = "auth-server")]
        let (mut auth, policy) = (auth.clone(), auth.policy);
        #[cfg(feature = "auth-server")]
        let own = auth.server.take();
        #[cfg(not(feature = "auth-server"))]
        let own: Option<()> = None;
        let provider = if own.is_some() { auth.build_if_any(&clock) } else { auth.build(&clock).map(Some) };
        if let Some(provider) = provider.map_err(cannot)? {
            server.http.authenticator = Authenticator::Provider(provider);
        }
        #[cfg(feature = "auth-server")]
        if let Some(own) = own {
            server = crate::authorization::configured(server, own, policy);
        }
    }
    let proxies = settings.limits.trusted_proxies;
    server.http.client_address = mcp_transport_http::ClientAddress::by(move |peer, forwarded| proxies.client_address(peer, forwarded));
    if let Some(limits) = limits {
        server = server.limit(Arc::new(limits));
    }
    if let Some(folder) = settings.audit.as_ref().and_then(|audit| audit.file.parent()).filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        return Err(Error::Config(format!("the folder of the audit log, {}, is not there", folder.display())));
    }
    if let Some(audit) = settings.audit.filter(|_| serves) {
        let log = AuditLog::open(&audit.file)
            .map_err(|error| Error::Config(format!("the audit log {} cannot be written: {error}", audit.file.display())))?;
        server = server.audit(Arc::new(log));
    }
    Ok(server)
}

/// A new API key, and the lines that let it in.
pub(crate) fn api_key(subject: &str, scopes: &str) -> Result<(String, String)> {
    let scopes: Vec<&str> = scopes.split_ascii_whitespace().collect();
    if let Some(scope) = scopes.iter().find(|scope| !mcp_core::is_scope_token(scope)) {
        return Err(Error::Config(format!("`{scope}` is not a scope; scopes are visible ASCII without quotes and backslashes")));
    }
    if subject.is_empty() {
        return Err(Error::Config("a key is somebody's; name whose".to_owned()));
    }
    if let Some(list) = scopes.iter().find(|scope| scope.contains(',')) {
        crate::command::say(&format!("note: `{list}` is one scope; scopes are separated by spaces"));
    }
    let key = ApiKeys::generate(KEY_PREFIX);
    let (subject, scopes) = (mcp_core::serde_json::json!(subject), mcp_core::serde_json::json!(scopes));
    let lines = format!("[[auth.api_key]]\nhash = \"{}\"\nsubject = {subject}\nscopes = {scopes}\n", ApiKeys::hash(&key));
    Ok((key, lines))
}

/// Says whether an audit log is whole.
pub(crate) fn verify_audit(file: &Path) -> Result<String> {
    let log = std::fs::File::open(file).map_err(|error| Error::Config(format!("{} cannot be read: {error}", file.display())))?;
    match mcp_auth::verify_chain(std::io::BufReader::new(log)) {
        Ok(summary) => Ok(format!("ok: {} records, each following the one before", summary.lines)),
        Err(error) => Err(Error::Config(format!("{}: {error}", file.display()))),
    }
}
