//! The hosts, and where and how they keep their servers.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::failure::Failure;

/// A host of MCP servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Host {
    ClaudeCode,
    ClaudeDesktop,
    Cursor,
    Vscode,
    Gemini,
}

/// What paths depend on.
#[derive(Debug)]
pub(crate) struct Machine {
    /// As [`std::env::consts::OS`].
    pub(super) system: &'static str,
    pub(super) home: PathBuf,
    /// Where programs keep the settings of users, if the environment says so: `APPDATA` on Windows, `XDG_CONFIG_HOME` on Linux.
    pub(super) settings: Option<PathBuf>,
}

impl Machine {
    /// The one this runs on.
    ///
    /// # Errors
    /// When it is not known where the user is at home.
    pub(crate) fn this() -> Result<Self, Failure> {
        let system = std::env::consts::OS;
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let home = home.ok_or_else(|| Failure::usage("there is no home directory; name the file with `--config`"))?;
        let variable = if system == "windows" { "APPDATA" } else { "XDG_CONFIG_HOME" };
        let settings = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        Ok(Self { system, home, settings })
    }

    /// Where desktop programs keep the settings of users.
    pub(crate) fn settings(&self) -> PathBuf {
        match self.system {
            "macos" => self.home.join("Library/Application Support"),
            "windows" => self.settings.clone().unwrap_or_else(|| self.home.join("AppData").join("Roaming")),
            _ => self.settings.clone().unwrap_or_else(|| self.home.join(".config")),
        }
    }
}

impl Host {
    /// The file of the user, or of the project in the current directory.
    ///
    /// - Claude Code: <https://code.claude.com/docs/en/mcp>, "MCP installation scopes"
    /// - Claude Desktop: <https://modelcontextprotocol.io/docs/develop/connect-local-servers>
    /// - Cursor: <https://cursor.com/docs/mcp>, "Configuration locations"
    /// - VS Code: <https://code.visualstudio.com/docs/copilot/reference/mcp-configuration>, "Configuration file"
    /// - Gemini CLI: <https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md>
    ///
    /// # Errors
    /// When the host has no files of projects.
    pub(super) fn file(self, project: bool, machine: &Machine) -> Result<PathBuf, Failure> {
        let home = |path: &str| machine.home.join(path);
        Ok(match (self, project) {
            (Self::ClaudeCode, false) => home(".claude.json"),
            (Self::ClaudeCode, true) => ".mcp.json".into(),
            (Self::ClaudeDesktop, false) => machine.settings().join("Claude").join("claude_desktop_config.json"),
            (Self::ClaudeDesktop, true) => return Err(Failure::usage("Claude Desktop has no configuration of projects")),
            (Self::Cursor, false) => home(".cursor").join("mcp.json"),
            (Self::Cursor, true) => Path::new(".cursor").join("mcp.json"),
            (Self::Vscode, false) => machine.settings().join("Code").join("User").join("mcp.json"),
            (Self::Vscode, true) => Path::new(".vscode").join("mcp.json"),
            (Self::Gemini, false) => home(".gemini").join("settings.json"),
            (Self::Gemini, true) => Path::new(".gemini").join("settings.json"),
        })
    }

    /// The member of the file that holds the servers.
    pub(super) fn section(self) -> &'static str {
        match self {
            Self::Vscode => "servers",
            Self::ClaudeCode | Self::ClaudeDesktop | Self::Cursor | Self::Gemini => "mcpServers",
        }
    }

    /// How a value says that it is that of a variable of the host's environment, if it can.
    pub(super) fn variable(self, name: &str) -> Option<String> {
        match self {
            Self::ClaudeCode | Self::Gemini => Some(format!("${{{name}}}")),
            Self::Cursor | Self::Vscode => Some(format!("${{env:{name}}}")),
            Self::ClaudeDesktop => None,
        }
    }

    /// What has to be done for the host to notice.
    pub(super) fn afterwards(self) -> &'static str {
        match self {
            Self::ClaudeCode | Self::Gemini => "new sessions have it",
            Self::ClaudeDesktop => "start Claude Desktop anew",
            Self::Cursor => "see that it is switched on in the settings of Cursor",
            Self::Vscode => "start it with the command `MCP: List Servers`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_each_system_keeps_them() {
        let check = |host: Host, system, settings: Option<&str>, expected: &str| {
            let machine = Machine { system, home: "/ada".into(), settings: settings.map(Into::into) };
            let file = host.file(false, &machine).expect("every host has a file of the user");
            assert_eq!(file, Path::new(expected), "{host:?} on {system}");
        };
        check(Host::ClaudeCode, "linux", Some("/x"), "/ada/.claude.json");
        check(Host::Cursor, "windows", None, "/ada/.cursor/mcp.json");
        check(Host::Gemini, "macos", None, "/ada/.gemini/settings.json");
        check(Host::ClaudeDesktop, "macos", None, "/ada/Library/Application Support/Claude/claude_desktop_config.json");
        check(Host::ClaudeDesktop, "linux", None, "/ada/.config/Claude/claude_desktop_config.json");
        check(Host::ClaudeDesktop, "windows", Some("/roaming"), "/roaming/Claude/claude_desktop_config.json");
        check(Host::Vscode, "macos", Some("/x"), "/ada/Library/Application Support/Code/User/mcp.json");
        check(Host::Vscode, "linux", Some("/x"), "/x/Code/User/mcp.json");
        check(Host::Vscode, "windows", None, "/ada/AppData/Roaming/Code/User/mcp.json");
    }
}
