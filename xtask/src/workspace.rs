//! Where things are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Doing as _, Failure, Result};
use crate::process;

/// The workspace this program belongs to.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<Package>,
}

/// One package, as cargo reads its manifest.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its directory, relative to the workspace.
    pub(crate) directory: String,
    pub(crate) published: bool,
    pub(crate) rust_version: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
    /// Names of its binaries.
    pub(crate) binaries: Vec<String>,
    /// Names of its features, `default` apart.
    pub(crate) features: Vec<String>,
}

/// One dependency of a package.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Whether only tests, examples and benchmarks see it.
    pub(crate) development: bool,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        let own = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own.parent().ok_or_else(|| Failure::new("xtask must be a directory of the workspace"))?.to_owned();
        let mut workspace = Self { root, target: PathBuf::new(), packages: Vec::new() };
        let metadata = workspace.metadata("Cargo.toml")?;
        workspace.target = text(&metadata, "target_directory")?.into();
        workspace.packages = workspace.read_packages(&metadata)?;
        Ok(workspace)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo and these chores leave what they make.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The members of the workspace.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The packages of a workspace of its own below this one.
    pub(crate) fn packages_of(&self, manifest: &str) -> Result<Vec<Package>> {
        self.read_packages(&self.metadata(manifest)?)
    }

    /// The text of a file, named relative to the workspace.
    pub(crate) fn read(&self, path: &str) -> Result<String> {
        fs::read_to_string(self.root.join(path)).doing(|| format!("reading {path}"))
    }

    /// Every file that is under version control or could be, relative to the workspace.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let mut git = Command::new("git");
        // In a container the files often belong to somebody else, which git otherwise takes for a trap.
        git.current_dir(&self.root).args(["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
        let mut files: Vec<String> = process::output(&mut git)?.split_terminator('\0').map(str::to_owned).collect();
        files.retain(|file| self.root.join(file).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }

    fn metadata(&self, manifest: &str) -> Result<Value> {
        let mut cargo = process::cargo(self);
        cargo.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path", manifest]);
        serde_json::from_str(&process::output(&mut cargo)?).doing(|| "reading the output of `cargo metadata`".to_owned())
    }

    fn read_packages(&self, metadata: &Value) -> Result<Vec<Package>> {
        list(metadata, "packages").map(|package| self.read_package(package)).collect()
    }

    fn read_package(&self, package: &Value) -> Result<Package> {
        let manifest = Path::new(text(package, "manifest_path")?);
        let directory = manifest.parent().unwrap_or(manifest);
        let directory = directory.strip_prefix(&self.root).doing(|| format!("{} is not in the workspace", manifest.display()))?;
        let dependencies = list(package, "dependencies").map(|dependency| {
            Ok(Dependency { name: text(dependency, "name")?.to_owned(), development: dependency["kind"].as_str() == Some("dev") })
        });
        let binaries = list(package, "targets").filter(|target| list(target, "kind").any(|kind| kind == "bin"));
        let features = package["features"].as_object().into_iter().flat_map(|features| features.keys());
        Ok(Package {
            name: text(package, "name")?.to_owned(),
            directory: directory.to_string_lossy().into_owned(),
            // Absent means everywhere, an empty list nowhere.
            published: package["publish"].is_null(),
            rust_version: package["rust_version"].as_str().map(str::to_owned),
            dependencies: dependencies.collect::<Result<_>>()?,
            binaries: binaries.map(|target| text(target, "name").map(str::to_owned)).collect::<Result<_>>()?,
            features: features.filter(|feature| *feature != "default").cloned().collect(),
        })
    }
}

impl Package {
    /// What it is called in this workspace: its directory, without the `examples/`.
    pub(crate) fn short_name(&self) -> &str {
        self.directory.rsplit('/').next().unwrap_or(&self.directory)
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().ok_or_else(|| Failure::new(format!("`cargo metadata` names no `{key}`")))
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value[key].as_array().into_iter().flatten()
}
