//! `mcp new`: a server to start from.

mod name;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use self::name::Name;
use crate::failure::Failure;
use crate::terminal::note;

/// Every file of the template: where it goes, and what is in it.
const TEMPLATE: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("template/Cargo.toml.txt")),
    ("README.md", include_str!("template/README.md.txt")),
    (".gitignore", "/target\n"),
    ("src/lib.rs", include_str!("template/lib.rs.txt")),
    ("src/main.rs", include_str!("template/main.rs.txt")),
    ("tests/tools.rs", include_str!("template/tools.rs.txt")),
    ("tests/parity.rs", include_str!("template/parity.rs.txt")),
];

/// Start a server: a project with a tool, a test of it, and one that it answers alike on every transport
#[derive(Args, Debug)]
pub(crate) struct New {
    /// What to call it; the folder in the current directory, too
    name: Name,
    /// Depend on the crates in this checkout of mcp-parity
    #[arg(long, value_name = "DIRECTORY", hide = true)]
    path: Option<PathBuf>,
}

impl New {
    /// Writes the files.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let folder = Path::new(self.name.as_str());
        let is_free = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if !is_free {
            return Err(Failure::usage(format!("{} is there already, and not an empty folder", folder.display())));
        }
        let (library, testkit) = self.dependencies()?;
        for (path, template) in TEMPLATE {
            let text = template
                .replace("{{name}}", self.name.as_str())
                .replace("{{crate}}", &self.name.of_crate())
                .replace("{{mcp-parity}}", &library)
                .replace("{{mcp-testkit}}", &testkit);
            let path = folder.join(path);
            let failed = |error| Failure::file("written", &path, &error);
            fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(failed)?;
            fs::write(&path, text).map_err(failed)?;
        }
        let name = self.name.as_str();
        note(&format!(
            "{name}/ is a server with one tool. Next:\n  cd {name}\n  cargo test\n  mcp call count_words text='to be or not to be' -- cargo run --quiet"
        ));
        Ok(())
    }

    /// Where the two crates come from, as tables of a manifest.
    fn dependencies(&self) -> Result<(String, String), Failure> {
        let from = |folder: &str| -> Result<String, Failure> {
            match &self.path {
                None => Ok(format!("git = \"{}\"", env!("CARGO_PKG_REPOSITORY"))),
                Some(checkout) => {
                    let path = checkout.join(folder);
                    let path = fs::canonicalize(&path).map_err(|error| Failure::file("found", &path, &error))?;
                    // A literal string, in which a backslash is a backslash.
                    Ok(format!("path = '{}'", path.display()))
                }
            }
        };
        Ok((format!("{{ {} }}", from("mcp-parity")?), format!("{{ package = \"mcp-parity-testkit\", {} }}", from("mcp-testkit")?)))
    }
}
