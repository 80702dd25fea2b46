//! Reaching the server that a command line names.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use mcp_client::{Builder, Client, Era, Revision};

use crate::debug::Debug;
use crate::elicitation::OnTerminal;
use crate::failure::Failure;
use crate::interrupt::until_interrupted;
use crate::login::{self, Saved};
use crate::server_log::ServerLog;
use crate::target::Target;

/// For how long a server that was started may take to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// How to reach a server, and what to say of it.
#[derive(Args, Clone)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connect {
    /// The file in which servers are looked up by name, in the form of `mcpServers` [default: .mcp.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A header for every HTTP request; for a token, use --bearer-env
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The environment variable that holds the bearer token
    #[arg(long, value_name = "NAME")]
    bearer_env: Option<String>,
    /// How long to wait while nothing is heard of a call, as 30, 500ms or 2m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// Which revisions to speak: auto, modern (without sessions), legacy (with sessions), or one, as 2025-06-18
    #[arg(long, value_name = "ERA", default_value = "auto", value_parser = era, hide_default_value = true)]
    era: Era,
    /// Show what goes over the wire on the standard error, without tokens and other secrets
    #[arg(long)]
    pub(crate) debug: bool,
    /// The command that starts the server, after `--`
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

impl std::fmt::Debug for Connect {
    /// Leaves out the headers: they may hold a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Connect {
    /// The server that is meant, and the words that are left. See [`Target::find`].
    pub(crate) fn target<'w>(&self, words: &'w [String]) -> Result<(Target, &'w [String]), Failure> {
        Target::find(words, &self.command, self.config.as_deref())
    }

    /// Connects, does something, and leaves in good order; also when somebody asks to stop.
    ///
    /// # Errors
    /// When the server cannot be reached, or what is done fails.
    pub(crate) async fn with<T>(&self, target: Target, work: impl AsyncFnOnce(&Client) -> Result<T, Failure>) -> Result<T, Failure> {
        let log = ServerLog::new(self.debug)?;
        let url = target.url().map(str::to_owned);
        let done = match until_interrupted(self.open(target, &log)).await {
            Ok(client) => {
                let done = until_interrupted(work(&client)).await;
                // The server hears of it, and one that was started ends.
                client.close().await;
                done
            }
            Err(failure) => Err(failure),
        };
        if matches!(&done, Err(failure) if failure.code() == 3) {
            log.show().await;
        }
        done.map_err(|failure| failure.at(url.as_deref()))
    }

    async fn open(&self, target: Target, log: &ServerLog) -> Result<Client, Failure> {
        let builder = self.builder()?;
        Ok(match target {
            Target::Url { url, headers } => {
                let told = self.tells_who(&headers);
                let builder = self.authorized(&headers, builder)?;
                let builder = if told { builder } else { with_login(&url, builder).await? };
                builder.connect(&url).await?
            }
            Target::Command { program, arguments, environment, directory } => {
                // It is not told to a server that is started, but a variable that is not set is a mistake all the same.
                self.token()?;
                let mut command = tokio::process::Command::new(program);
                command.args(arguments).envs(environment).stderr(log.writer()?);
                if let Some(directory) = directory {
                    command.current_dir(directory);
                }
                // Ctrl-C is for this process, which tells the server in the way of the protocol.
                #[cfg(unix)]
                command.process_group(0);
                builder.spawn(command).await?
            }
        })
    }

    fn builder(&self) -> Result<Builder, Failure> {
        let mut builder =
            Client::builder().named("mcp", env!("CARGO_PKG_VERSION")).era(self.era).handler(OnTerminal).timeouts(|timeouts| {
                timeouts.exit = FAREWELL;
                if let Some(silence) = self.timeout {
                    timeouts.silence = silence;
                    timeouts.connect = timeouts.connect.min(silence);
                    timeouts.probe = timeouts.probe.min(silence);
                    timeouts.call = timeouts.call.max(silence);
                }
            });
        if self.debug {
            builder = builder.observer(Arc::new(Debug));
        }
        Ok(builder)
    }

    /// Whether the command line or the entry of a file says who is calling, so that no saved login is needed.
    pub(crate) fn tells_who(&self, entry: &[(String, String)]) -> bool {
        let mut headers = entry.iter().chain(&self.headers);
        self.bearer_env.is_some() || headers.any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
    }

    /// What makes clients of a target, for whoever connects more than once. `patience` is how long a call waits for somebody to sign in.
    ///
    /// # Errors
    /// When what should let the client in is not there.
    pub(crate) async fn maker(&self, target: &Target, patience: Duration) -> Result<impl Fn() -> Builder + Send + Sync + 'static, Failure> {
        let (era, debug, token) = (self.era, self.debug, self.token()?);
        let entry = match target {
            Target::Url { headers, .. } => headers.clone(),
            Target::Command { .. } => Vec::new(),
        };
        let headers: Vec<(String, String)> = entry.into_iter().chain(self.headers.iter().cloned()).collect();
        let connect = self.timeout;
        let credentials = match target {
            Target::Url { url, headers } if !self.tells_who(headers) => login::standing(url, patience).await?,
            _ => None,
        };
        Ok(move || {
            let mut builder = Client::builder().named("mcp", env!("CARGO_PKG_VERSION")).era(era).timeouts(|timeouts| {
                timeouts.exit = FAREWELL;
                if let Some(silence) = connect {
                    timeouts.connect = timeouts.connect.min(silence);
                    timeouts.probe = timeouts.probe.min(silence);
                }
            });
            for (name, value) in &headers {
                builder = builder.header(name, value);
            }
            if let Some(token) = &token {
                builder = builder.bearer(token);
            }
            if let Some(credentials) = &credentials {
                builder = builder.credentials(Arc::clone(credentials));
            }
            if debug { builder.observer(Arc::new(Debug)) } else { builder }
        })
    }

    /// Adds what tells the server who is calling.
    fn authorized(&self, entry: &[(String, String)], mut builder: Builder) -> Result<Builder, Failure> {
        for (name, value) in entry.iter().chain(&self.headers) {
            builder = builder.header(name, value);
        }
        Ok(match self.token()? {
            Some(token) => builder.bearer(&token),
            None => builder,
        })
    }

    /// The same, speaking other revisions.
    pub(crate) fn in_era(&self, era: Era) -> Self {
        Self { era, ..self.clone() }
    }

    /// Which revisions to speak.
    pub(crate) fn era(&self) -> Era {
        self.era
    }

    /// How long to wait while nothing is heard, if that was said.
    pub(crate) fn silence(&self) -> Option<Duration> {
        self.timeout
    }

    /// The token that the environment holds, if one is to be used.
    ///
    /// # Errors
    /// When the variable is not set.
    pub(crate) fn token(&self) -> Result<Option<String>, Failure> {
        let Some(name) = &self.bearer_env else { return Ok(None) };
        let token = std::env::var(name).map(|token| token.trim().to_owned()).unwrap_or_default();
        match token.is_empty() {
            true => Err(Failure::usage(format!("the environment variable `{name}`, which should hold the token, is not set"))),
            false => Ok(Some(token)),
        }
    }

    /// Every header that the command line names, for who speaks HTTP otherwise.
    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// Adds the saved login. Whoever has no home has none.
async fn with_login(url: &str, builder: Builder) -> Result<Builder, Failure> {
    match Saved::of(url).await {
        Ok(saved) => Ok(builder.credentials(Arc::new(saved))),
        Err(Failure::Usage(_)) => Ok(builder),
        Err(failure) => Err(failure),
    }
}

pub(crate) fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a header is written NAME=VALUE")?;
    http::HeaderName::try_from(name).map_err(|_| "the name of the header is not one that HTTP allows")?;
    http::HeaderValue::try_from(value).map_err(|_| "the value of the header is not one that HTTP allows")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let amount: Option<u64> = text[..digits].parse().ok().filter(|amount| *amount > 0);
    let scale = match &text[digits..] {
        "ms" => Some(1),
        "" | "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let milliseconds = amount.zip(scale).and_then(|(amount, scale)| amount.checked_mul(scale));
    milliseconds.map(Duration::from_millis).ok_or_else(|| "write a duration as 30, 30s, 500ms, 2m or 1h".to_owned())
}

fn era(text: &str) -> Result<Era, String> {
    match text {
        "auto" => Ok(Era::Auto),
        "modern" => Ok(Era::Modern),
        "legacy" => Ok(Era::Legacy),
        revision => exactly(revision),
    }
}

fn exactly(text: &str) -> Result<Era, String> {
    let known = || Revision::ALL.map(|revision| revision.as_str()).join(", ");
    Revision::parse(text).map(Era::Exactly).ok_or_else(|| format!("it is auto, modern, legacy or one of {}", known()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, expected) in [
            ("30", Some(30_000)),
            ("30s", Some(30_000)),
            ("500ms", Some(500)),
            ("2m", Some(120_000)),
            ("0", None),
            ("m", None),
            ("1d", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(duration(text).ok().map(|duration| duration.as_millis()), expected, "{text}");
        }
    }

    #[test]
    fn eras_are_read() {
        assert_eq!(era("modern"), Ok(Era::Modern));
        assert_eq!(era("2025-06-18"), Ok(Era::Exactly(Revision::V2025_06_18)));
        assert!(era("2019-01-01").is_err());
    }
}
