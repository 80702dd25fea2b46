//! Configuration files of MCP hosts: an object of servers by name.
//!
//! `mcpServers` is what Claude Desktop, Claude Code, Cursor and Gemini CLI call it, `servers` what VS Code does.
//! An entry has `command`, `args`, `env` and `cwd`, or `url` (`httpUrl` in Gemini CLI) and `headers`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::expand::expand;
use super::{Target, without_comments};
use crate::failure::Failure;

#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "mcpServers", alias = "servers")]
    servers: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    command: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    cwd: Option<String>,
    #[serde(alias = "httpUrl", alias = "serverUrl")]
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// The server of this name in a file. `variable` knows the environment.
///
/// # Errors
/// When the file cannot be read, has no such entry, or the entry is wrong.
pub(super) fn entry(path: &Path, name: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Target, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?;
    parse(&text, name, variable).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))
}

fn parse(text: &str, name: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Target, String> {
    let file: File = serde_json::from_str(&without_comments(text)).map_err(|error| error.to_string())?;
    let Some(entry) = file.servers.get(name) else {
        let names: Vec<&str> = file.servers.keys().map(String::as_str).collect();
        return Err(match names.is_empty() {
            true => "there are no servers in it, neither under `mcpServers` nor under `servers`".to_owned(),
            false if name.contains(':') => {
                format!("has no server `{name}`; it has {}; a URL begins with `http://` or `https://`", names.join(", "))
            }
            false => format!("has no server `{name}`; it has {}", names.join(", ")),
        });
    };
    // The value may be a secret, so a mistake in it is told without quoting it.
    let entry = Entry::deserialize(entry).map_err(|_| {
        format!("the entry `{name}` is not of the form that hosts read: texts `command`, `cwd` and `url`, a list of texts `args`, objects of texts `env` and `headers`")
    })?;
    let filled = |text: &str| expand(text, &variable).map_err(|why| format!("the entry `{name}`: {why}"));
    let pairs = |map: &BTreeMap<String, String>| -> Result<Vec<(String, String)>, String> {
        map.iter().map(|(key, value)| Ok((key.clone(), filled(value)?))).collect()
    };
    match (&entry.command, &entry.url) {
        (Some(command), None) => Ok(Target::Command {
            program: filled(command)?.into(),
            arguments: entry.args.iter().map(|argument| filled(argument).map(Into::into)).collect::<Result<_, _>>()?,
            environment: pairs(&entry.env)?,
            directory: entry.cwd.as_deref().map(filled).transpose()?.map(PathBuf::from),
        }),
        (None, Some(url)) => Ok(Target::Url { url: filled(url)?, headers: pairs(&entry.headers)? }),
        (Some(_), Some(_)) => Err(format!("the entry `{name}` has both `command` and `url`; it is one or the other")),
        (None, None) => Err(format!("the entry `{name}` has neither `command` nor `url`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entry: &str, expected: Result<Target, &str>) {
        let text = format!("{{ // a comment\n \"mcpServers\": {{\"x\": {entry}}}}}");
        let found = parse(&text, "x", |name| (name == "HOME_OF_X").then(|| "/opt/x".to_owned()));
        assert_eq!(found, expected.map_err(str::to_owned), "{entry}");
    }

    #[test]
    fn entries_are_read_as_hosts_read_them() {
        check(
            r#"{"type": "stdio", "command": "${HOME_OF_X}/bin", "args": ["-v", "${env:HOME_OF_X}"], "env": {"K": "${NOT_SET:-d}"}, "cwd": "/"}"#,
            Ok(Target::Command {
                program: "/opt/x/bin".into(),
                arguments: vec!["-v".into(), "/opt/x".into()],
                environment: vec![("K".to_owned(), "d".to_owned())],
                directory: Some("/".into()),
            }),
        );
        check(
            r#"{"type": "http", "url": "http://x/mcp", "headers": {"A": "Bearer ${HOME_OF_X}"}}"#,
            Ok(Target::Url { url: "http://x/mcp".to_owned(), headers: vec![("A".to_owned(), "Bearer /opt/x".to_owned())] }),
        );
        check(r#"{"command": "a", "url": "b"}"#, Err("the entry `x` has both `command` and `url`; it is one or the other"));
        check(
            r#"{"command": 7}"#,
            Err(
                "the entry `x` is not of the form that hosts read: texts `command`, `cwd` and `url`, a list of texts `args`, objects of texts `env` and `headers`",
            ),
        );
        check(r#"{"command": "${NOT_SET}"}"#, Err("the entry `x`: the environment variable `NOT_SET` is not set"));
        let other = parse(r#"{"servers": {"a": {}, "b": {}}}"#, "x", |_| None);
        assert_eq!(other.expect_err("it is not there"), "has no server `x`; it has a, b");
    }
}
