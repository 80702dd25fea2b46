//! A person's directory, in which logins are kept, and the person's browser.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use mcp_testkit::browser::Landing;
use mcp_tests::authorized::{Authorized, Person, decide};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::running::{Run, run};

/// A directory that is gone afterwards.
pub(crate) struct Home(tempfile::TempDir, Vec<(String, String)>);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room"), Vec::new())
    }

    /// The same with a variable in the environment of every program.
    #[cfg(feature = "keyring")]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.1.retain(|(known, _)| known != name);
        self.1.push((name.to_owned(), value.to_owned()));
        self
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp"));
        command.args(words).env("HOME", self.0.path()).env("XDG_CONFIG_HOME", self.0.path().join("settings"));
        command.envs(self.1.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program.
    pub(crate) async fn mcp(&self, words: &[&str]) -> Run {
        run(self.command(words)).await
    }

    /// Runs the program with a variable.
    pub(crate) async fn mcp_with(&self, words: &[&str], name: &str, value: &str) -> Run {
        let mut command = self.command(words);
        command.env(name, value);
        run(command).await
    }

    /// Runs the program, which prints a page that ann opens, and allows or denies what is asked there.
    pub(crate) async fn sign_in(&self, site: &Authorized, words: &[&str], allows: bool) -> Run {
        let mut command = tokio::process::Command::from(self.command(words));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program exists");
        let mut out = BufReader::new(child.stdout.take().expect("asked for above"));
        let mut page = String::new();
        out.read_line(&mut page).await.expect("the program prints text");
        if !page.is_empty() {
            let ann = Person::new(site, "ann");
            let landing = ann.browser.visit(page.trim()).await.expect("the page opens");
            if let Landing::Page(page) = ann.sign_in(landing).await
                && page.title().starts_with("Allow")
            {
                decide(&page, allows).await;
            }
        }
        let mut rest = String::new();
        out.read_to_string(&mut rest).await.expect("the program prints text");
        let done = child.wait_with_output().await.expect("a child can be waited for");
        let err = String::from_utf8(done.stderr).expect("the program prints text");
        Run { code: done.status.code().expect("it exits by itself"), out: rest, err }
    }

    /// A configuration file with this text.
    pub(crate) fn config(&self, text: &str) -> String {
        self.file("servers.jsonc", text)
    }

    /// A file with this text.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("it is ours");
        path.to_str().expect("a plain name").to_owned()
    }

    /// The files in which logins are.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.all_files().into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
    }

    /// All files.
    pub(crate) fn all_files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("it is ours").flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => found.push(path),
                }
            }
        }
        found
    }
}
