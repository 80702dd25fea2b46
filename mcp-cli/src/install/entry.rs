//! What a host writes down of a server.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::host::Host;
use crate::failure::Failure;

/// A variable of a server's environment.
#[derive(Clone)]
pub(crate) struct Variable {
    name: String,
    /// `None` if the host takes it from its own environment.
    value: Option<String>,
}

impl Variable {
    /// Reads `NAME` or `NAME=VALUE`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err("a variable is written NAME or NAME=VALUE".to_owned());
        }
        Ok(Self { name: name.to_owned(), value })
    }
}

/// A server, as hosts have to be told of it.
pub(super) enum Source<'s> {
    Url { url: &'s str, headers: &'s [(String, String)] },
    Command { program: String, arguments: Vec<String>, variables: &'s [Variable] },
}

impl<'s> Source<'s> {
    pub(super) fn url(url: &'s str, headers: &'s [(String, String)], variables: &[Variable]) -> Result<Self, Failure> {
        if !variables.is_empty() {
            return Err(Failure::usage("a server with a URL is not started by the host, so it has no environment to set"));
        }
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::usage(format!("`{url}` is not the URL of a server")));
        }
        Ok(Self::Url { url, headers })
    }

    /// A host starts servers from a directory of its own, so a path is made absolute.
    pub(super) fn command(
        program: &OsStr,
        arguments: &[OsString],
        variables: &'s [Variable],
        headers: &[(String, String)],
    ) -> Result<Self, Failure> {
        if !headers.is_empty() {
            return Err(Failure::usage("headers are for servers with a URL"));
        }
        let path = Path::new(program);
        let program = if path.components().count() > 1 {
            std::path::absolute(path)
                .ok()
                .filter(|path| path.is_file())
                .ok_or_else(|| Failure::usage(format!("there is no program {}", path.display())))?
                .into_os_string()
        } else {
            program.to_owned()
        };
        Ok(Self::Command {
            program: text(&program)?,
            arguments: arguments.iter().map(|argument| text(argument)).collect::<Result<_, _>>()?,
            variables,
        })
    }
}

fn text(value: &OsStr) -> Result<String, Failure> {
    value.to_str().map(str::to_owned).ok_or_else(|| Failure::usage("the command is not UTF-8, which configuration files are"))
}

/// The entry in the form of a host; see [`Host::file`] for who says so.
///
/// # Errors
/// When the host cannot have such a server.
pub(super) fn render(host: Host, source: &Source<'_>) -> Result<Value, Failure> {
    let mut entry = Map::new();
    match source {
        Source::Url { url, headers } => {
            match host {
                Host::ClaudeDesktop => {
                    return Err(Failure::usage(
                        "the file of Claude Desktop is for servers that it starts; add one with a URL as a connector in its settings",
                    ));
                }
                Host::ClaudeCode | Host::Vscode => drop(entry.insert("type".to_owned(), "http".into())),
                Host::Cursor | Host::Gemini => {}
            }
            // What Gemini CLI calls `url` is HTTP+SSE.
            let key = if host == Host::Gemini { "httpUrl" } else { "url" };
            entry.insert(key.to_owned(), (*url).into());
            if !headers.is_empty() {
                let headers: Map<String, Value> = headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
                entry.insert("headers".to_owned(), headers.into());
            }
        }
        Source::Command { program, arguments, variables } => {
            if matches!(host, Host::ClaudeCode | Host::Vscode) {
                entry.insert("type".to_owned(), "stdio".into());
            }
            entry.insert("command".to_owned(), program.as_str().into());
            entry.insert("args".to_owned(), json!(arguments));
            if !variables.is_empty() {
                entry.insert("env".to_owned(), environment(host, variables)?.into());
            }
        }
    }
    Ok(entry.into())
}

fn environment(host: Host, variables: &[Variable]) -> Result<Map<String, Value>, Failure> {
    let entry = |Variable { name, value }: &Variable| {
        let value = value.clone().or_else(|| host.variable(name));
        let value = value.ok_or_else(|| Failure::usage(format!("Claude Desktop does not fill in variables; give `{name}` a value")))?;
        Ok((name.clone(), value.into()))
    };
    variables.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_has_its_form() {
        let headers = [("X".to_owned(), "y".to_owned())];
        let url = Source::url("https://x/mcp", &headers, &[]).expect("a URL");
        let variables = [Variable::parse("KEY").expect("valid"), Variable::parse("A=b=c").expect("valid")];
        let command = Source::command("prog".as_ref(), &["a b".into()], &variables, &[]).expect("a command");
        let started = |reference: &str| json!({"command": "prog", "args": ["a b"], "env": {"KEY": reference, "A": "b=c"}});
        let typed = |kind: &str, mut value: Value| {
            value["type"] = kind.into();
            value
        };
        for (host, of_url, of_command) in [
            (
                Host::ClaudeCode,
                Some(json!({"type": "http", "url": "https://x/mcp", "headers": {"X": "y"}})),
                Some(typed("stdio", started("${KEY}"))),
            ),
            (Host::Cursor, Some(json!({"url": "https://x/mcp", "headers": {"X": "y"}})), Some(started("${env:KEY}"))),
            (
                Host::Vscode,
                Some(json!({"type": "http", "url": "https://x/mcp", "headers": {"X": "y"}})),
                Some(typed("stdio", started("${env:KEY}"))),
            ),
            (Host::Gemini, Some(json!({"httpUrl": "https://x/mcp", "headers": {"X": "y"}})), Some(started("${KEY}"))),
            (Host::ClaudeDesktop, None, None),
        ] {
            assert_eq!(render(host, &url).ok(), of_url, "{host:?}");
            assert_eq!(render(host, &command).ok(), of_command, "{host:?}");
        }
        assert!(Variable::parse("=x").is_err() && Variable::parse("A B=x").is_err());
    }
}
