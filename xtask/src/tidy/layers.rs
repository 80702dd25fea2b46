//! Which crate may use which: the picture in ARCHITECTURE.md, as a table.

use crate::failure::Result;
use crate::workspace::{Package, Workspace};

/// A library of the workspace and the workspace's crates it may use, by directory.
struct Layer {
    name: &'static str,
    uses: &'static [&'static str],
    /// Crates from outside that it must not use.
    never: &'static [&'static str],
}

/// A transport that cannot parse JSON cannot decode, rephrase or invent a body.
const JSON: &[&str] = &["serde", "serde_json"];
/// The core does no I/O and knows no HTTP.
const NETWORK: &[&str] = &["axum", "http", "hyper", "hyper-util", "reqwest", "socket2"];

const LAYERS: &[Layer] = &[
    Layer { name: "mcp-macros", uses: &[], never: &[] },
    Layer { name: "mcp-core", uses: &["mcp-macros"], never: NETWORK },
    Layer { name: "mcp-store", uses: &[], never: &[] },
    Layer { name: "mcp-auth", uses: &["mcp-core", "mcp-store"], never: &[] },
    Layer { name: "mcp-transport-stdio", uses: &["mcp-core"], never: JSON },
    Layer { name: "mcp-transport-http", uses: &["mcp-core", "mcp-auth"], never: JSON },
    Layer { name: "mcp-client", uses: &["mcp-core"], never: &[] },
    Layer { name: "mcp-relay", uses: &["mcp-core", "mcp-client"], never: &["hyper", "hyper-util"] },
    Layer {
        name: "mcp-parity",
        uses: &["mcp-macros", "mcp-core", "mcp-store", "mcp-auth", "mcp-transport-stdio", "mcp-transport-http", "mcp-client"],
        never: &[],
    },
];

/// Published packages that stand on the facade and may use any library.
const OUTERMOST: &[&str] = &["mcp-testkit", "mcp-cli"];

/// Where packages are that are not published: they may use anything but each other.
const UNPUBLISHED: &[&str] = &["examples/", "tests", "benches", "xtask"];

/// An example that serves the tools of another one: that is what it is an example of.
const BUILDS_ON: (&str, &str) = ("examples/team-server", "examples/code-search");

pub(super) fn check(workspace: &Workspace, problems: &mut Vec<String>) -> Result<()> {
    let root = workspace.read("Cargo.toml")?;
    if !root.contains("\nunsafe_code = \"forbid\"\n") {
        problems.push("Cargo.toml: the workspace's lints do not forbid `unsafe_code`".to_owned());
    }
    for package in workspace.packages() {
        let manifest = format!("{}/Cargo.toml", package.directory);
        if !workspace.read(&manifest)?.contains("[lints]\nworkspace = true") {
            problems.push(format!("{manifest}: does not take over the workspace's lints, which forbid `unsafe_code`"));
        }
        check_package(workspace.packages(), package, &manifest, problems);
    }
    Ok(())
}

fn check_package(packages: &[Package], package: &Package, manifest: &str, problems: &mut Vec<String>) {
    let layer = LAYERS.iter().find(|layer| layer.name == package.directory);
    let known = layer.is_some()
        || OUTERMOST.contains(&package.directory.as_str())
        || UNPUBLISHED.iter().any(|place| package.directory.starts_with(place));
    if !known {
        problems.push(format!("{manifest}: the table in xtask/src/tidy/layers.rs does not say which crates this one may use"));
    }
    for dependency in package.dependencies.iter().filter(|dependency| !dependency.development) {
        if layer.is_some_and(|layer| layer.never.contains(&dependency.name.as_str())) {
            problems.push(format!("{manifest}: must not depend on {}", dependency.name));
        }
        let Some(inside) = packages.iter().find(|other| other.name == dependency.name) else { continue };
        let allowed = match layer {
            Some(layer) => layer.uses.contains(&inside.directory.as_str()),
            None => inside.published || (package.directory.as_str(), inside.directory.as_str()) == BUILDS_ON,
        };
        if !allowed {
            problems.push(format!("{manifest}: must not depend on {}, which is not below it", inside.directory));
        }
    }
    if package.directory.starts_with("mcp-") != package.published {
        problems.push(format!("{manifest}: exactly the packages in mcp-* are published; set or remove `publish = false`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(directory: &str, dependencies: &[(&str, bool)]) -> Package {
        Package {
            name: directory.rsplit('/').next().unwrap_or_default().to_owned(),
            directory: directory.to_owned(),
            published: directory.starts_with("mcp-"),
            rust_version: None,
            dependencies: dependencies
                .iter()
                .map(|(name, development)| Dependency { name: (*name).to_owned(), development: *development })
                .collect(),
            binaries: Vec::new(),
            features: Vec::new(),
        }
    }

    #[test]
    fn forbidden_edges_are_found() {
        let packages = [
            package("mcp-core", &[("mcp-macros", false), ("mcp-testkit", true)]),
            package("mcp-macros", &[("mcp-core", false)]),
            package("mcp-transport-stdio", &[("mcp-core", false), ("serde_json", false)]),
            package("mcp-transport-http", &[("mcp-transport-stdio", false), ("serde_json", true)]),
            package("mcp-testkit", &[("mcp-core", false)]),
            package("examples/one", &[("mcp-core", false)]),
            package("examples/two", &[("one", false)]),
            package("mcp-new", &[]),
        ];
        let mut problems = Vec::new();
        for package in &packages {
            check_package(&packages, package, &package.directory, &mut problems);
        }
        assert_eq!(
            problems,
            [
                "mcp-macros: must not depend on mcp-core, which is not below it",
                "mcp-transport-stdio: must not depend on serde_json",
                "mcp-transport-http: must not depend on mcp-transport-stdio, which is not below it",
                "examples/two: must not depend on examples/one, which is not below it",
                "mcp-new: the table in xtask/src/tidy/layers.rs does not say which crates this one may use",
            ]
        );
    }
}
