//! `mcp parity`: whether a server says the same on each of its faces.

mod faces;
mod probe;
mod show;
mod started;

use std::time::Duration;

use clap::Args;
use mcp_testkit::black_box::{BlackBox, Report, fixtures};

use self::faces::Faces;
use self::started::Started;
use crate::connect::Connect;
use crate::failure::Failure;
use crate::interrupt::until_interrupted;
use crate::terminal::note;

/// How long to wait for an answer, unless it is said. A server that answers at all does so much sooner.
const QUIET: Duration = Duration::from_secs(2);

/// Find out whether a server answers alike over stdio and over HTTP
///
/// Holds the same conversations with every face of any MCP server, malformed messages and wrong arguments among them, and compares the answers,
/// whatever the order of their members. Only tools that say that they change nothing are called, and those that are named.
#[derive(Args, Debug)]
#[command(
    override_usage = "mcp parity [OPTIONS] --url URL -- COMMAND...\n       mcp parity [OPTIONS] --http-command 'COMMAND' --url URL -- COMMAND...\n       mcp parity [OPTIONS] <TARGET>"
)]
pub(crate) struct Parity {
    /// The server: its URL or its name in a configuration file
    target: Option<String>,
    /// Where the same server listens for HTTP
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// What starts the same server for HTTP: words separated by spaces
    #[arg(long, value_name = "COMMAND", requires = "url")]
    http_command: Option<String>,
    /// A tool that may be called, whatever it changes
    #[arg(long, value_name = "TOOL")]
    call: Vec<String>,
    /// A tool, resource or prompt to leave alone, as one that never answers the same
    #[arg(long, value_name = "NAME")]
    except: Vec<String>,
    /// Hold only conversations with this in their names
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Speak every revision that the server speaks, and not only the newest of each era
    #[arg(long)]
    all_revisions: bool,
    /// How many conversations are held at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connect: Connect,
}

impl Parity {
    /// Compares and shows what was found.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let report = until_interrupted(self.compare()).await?;
        if self.json {
            show::as_json(&report)?;
        } else {
            show::as_text(&report)?;
        }
        match (report.is_alike(), report.differences.len(), report.failures.first()) {
            (true, ..) => Ok(()),
            (_, 0, Some(failure)) => Err(Failure::Here(failure.clone())),
            (_, 0, None) => Err(Failure::Differs("nothing could be compared".to_owned())),
            (_, count, _) => Err(Failure::Differs(format!("{count} conversations differ"))),
        }
    }

    async fn compare(&self) -> Result<Report, Failure> {
        let words: Vec<String> = self.target.iter().cloned().collect();
        let (target, _) = self.connect.target(&words)?;
        let started = match (&self.http_command, &self.url) {
            (Some(command), Some(url)) => Some(Started::listening(command, url).await?),
            _ => None,
        };
        let faces = Faces::of(&target, self.url.as_deref(), &self.connect).await?;
        let jobs = self.jobs;
        let found = probe::probe(&self.connect, &target, jobs, self.all_revisions, &|name, read_only| {
            !self.except.iter().any(|except| except == name) && (read_only || self.call.iter().any(|call| call == name))
        })
        .await?;
        for remark in &faces.remarks {
            note(remark);
        }
        let wanted = |name: &str| self.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
        let fixtures: Vec<_> = fixtures(&found.offer).into_iter().filter(|fixture| wanted(fixture.name())).collect();
        let revisions: Vec<&str> = found.revisions.iter().map(|revision| revision.as_str()).collect();
        note(&format!("holding {} conversations with each face, in {}", fixtures.len(), revisions.join(" and ")));
        let black_box = BlackBox::new(faces.reference, faces.others).fixtures(fixtures).revisions(&found.revisions).at_once(jobs.into());
        let report = black_box.patience(found.opening, self.connect.silence().unwrap_or(QUIET)).run().await;
        if let Some(started) = started {
            started.end().await?;
        }
        Ok(report)
    }
}
