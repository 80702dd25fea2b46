//! `mcp install`: telling a host of a server.

mod edit;
mod entry;
mod file;
mod host;
mod spans;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use self::entry::{Source, Variable};
use self::file::ConfigFile;
use self::host::Host;
pub(crate) use self::host::Machine;
use crate::connect::header;
use crate::failure::Failure;
use crate::terminal::{self, note, say};

/// Add a server to the configuration of a host, or take it out
///
/// Shows the change and asks before making it. Everything else in the file stays as it is, byte for byte, and the file as it was is kept beside it.
#[derive(Args)]
#[command(
    override_usage = "mcp install [OPTIONS] <HOST> <NAME> <URL>\n       mcp install [OPTIONS] <HOST> <NAME> -- COMMAND...\n       mcp install --remove <HOST> <NAME>"
)]
pub(crate) struct Install {
    /// The host
    #[arg(value_enum)]
    host: Host,
    /// What the host shall call the server
    name: String,
    /// The server's URL
    url: Option<String>,
    /// Take the server out
    #[arg(long, conflicts_with_all = ["url", "command", "header", "env"])]
    remove: bool,
    /// Change the file of the project in the current directory, which is shared, and not that of the user
    #[arg(long)]
    project: bool,
    /// Change this file, whatever the host's own is
    #[arg(long, value_name = "FILE", conflicts_with = "project")]
    config: Option<PathBuf>,
    /// A variable for the server's environment; without a value, the host takes it from its own
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = Variable::parse)]
    env: Vec<Variable>,
    /// A header for requests to the server
    #[arg(long, value_name = "NAME=VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Only show the change
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// The command that starts the server, after `--`
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl std::fmt::Debug for Install {
    /// Leaves out what may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Install").field("host", &self.host).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Install {
    /// Shows the change, asks and makes it.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => self.host.file(self.project, &Machine::this()?)?,
        };
        let file = ConfigFile::read(&path)?;
        let section = self.host.section();
        let changed = match self.remove {
            true => edit::remove(file.text(), section, &self.name),
            false => edit::put(file.text(), section, &self.name, &self.entry()?),
        };
        let changed = changed.map_err(|why| Failure::usage(format!("{}: {why}", path.display())))?;
        if changed == file.text() {
            note(&format!("{} says so already", path.display()));
            return Ok(());
        }
        self.show(&file, &changed)?;
        if self.dry_run || !self.agreed(&path).await? {
            note("nothing was changed");
            return Ok(());
        }
        if let Some(backup) = file.replace(&changed)? {
            note(&format!("the file as it was is {}", backup.display()));
        }
        note(&format!("changed {}; {}", path.display(), self.host.afterwards()));
        Ok(())
    }

    fn entry(&self) -> Result<Value, Failure> {
        let source = match (&self.url, self.command.split_first()) {
            (Some(url), None) => Source::url(url, &self.header, &self.env)?,
            (None, Some((program, arguments))) => Source::command(program, arguments, &self.env, &self.header)?,
            _ => return Err(Failure::usage("which server? Give either its URL, or `-- command args…` to start it")),
        };
        entry::render(self.host, &source)
    }

    fn show(&self, file: &ConfigFile, changed: &str) -> Result<(), Failure> {
        let name = file.path().display().to_string();
        let diff = similar::TextDiff::from_lines(file.text(), changed);
        let diff = diff.unified_diff().context_radius(1).header(&name, &name).to_string();
        Ok(say(diff.trim_end())?)
    }

    async fn agreed(&self, path: &std::path::Path) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        if !terminal::somebody_is_there() {
            return Err(Failure::usage(
                "there is no terminal to ask on; agree to the change with `--yes`, or only look at it with `--dry-run`",
            ));
        }
        Ok(terminal::confirm(&format!("Change {}?", path.display())).await?)
    }
}
