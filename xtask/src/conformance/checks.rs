//! What the suite wrote down.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::directories;
use crate::failure::{Doing as _, Failure, Result};

/// One check of one scenario.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) scenario: String,
    pub(super) id: String,
    pub(super) status: Status,
    pub(super) message: Option<String>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Success,
    Failure,
    Warning,
    Skipped,
    Info,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "SUCCESS" => Self::Success,
            "FAILURE" => Self::Failure,
            "WARNING" => Self::Warning,
            "SKIPPED" => Self::Skipped,
            "INFO" => Self::Info,
            _ => return None,
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Success => "passed",
            Self::Failure => "failed",
            Self::Warning => "warning",
            Self::Skipped => "skipped",
            Self::Info => "information",
        }
    }

    /// Whether it keeps the server from being called conforming.
    pub(super) fn is_bad(self) -> bool {
        matches!(self, Self::Failure | Self::Warning)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.status.as_str(), self.scenario, self.id)?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

/// All checks of all scenarios that were written below a directory.
pub(super) fn read_all(directory: &Path) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    read_below(directory, "", &mut checks)?;
    Ok(checks)
}

/// A scenario whose name has slashes is in directories of directories.
fn read_below(directory: &Path, prefix: &str, checks: &mut Vec<Check>) -> Result<()> {
    for scenario in directories(directory)? {
        let name = format!("{prefix}{}", scenario.file_name().unwrap_or_default().to_string_lossy());
        let path = scenario.join("checks.json");
        if !path.exists() && !directories(&scenario)?.is_empty() {
            read_below(&scenario, &format!("{name}/"), checks)?;
            continue;
        }
        let text = fs::read(&path).doing(|| format!("reading {}", path.display()))?;
        checks.extend(read(scenario_of(&name), &text).doing(|| format!("reading {}", path.display()))?);
    }
    Ok(())
}

/// `tools-list` of `server-tools-list-2026-07-28T09-30-00-000Z`.
fn scenario_of(directory: &str) -> &str {
    let name = ["server-", "authorization-server-"].iter().find_map(|kind| directory.strip_prefix(kind)).unwrap_or(directory);
    let time = name.len().saturating_sub("-2026-07-28T09-30-00-000Z".len());
    match name.get(time..) {
        Some(end) if time > 0 && end.starts_with('-') && end.ends_with('Z') => &name[..time],
        _ => name,
    }
}

fn read(scenario: &str, text: &[u8]) -> Result<Vec<Check>> {
    let checks: Vec<Value> = serde_json::from_slice(text).doing(|| "the file is not a list of checks".to_owned())?;
    checks.iter().map(|check| read_one(scenario, check)).collect()
}

fn read_one(scenario: &str, check: &Value) -> Result<Check> {
    let member = |key: &str| check[key].as_str().ok_or_else(|| Failure::new(format!("a check has no `{key}`")));
    let status = member("status")?;
    Ok(Check {
        scenario: scenario.to_owned(),
        id: member("id")?.to_owned(),
        status: Status::parse(status).ok_or_else(|| Failure::new(format!("a check has the unknown status `{status}`")))?,
        message: ["errorMessage", "description"].iter().find_map(|key| check[key].as_str()).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_read_and_said() {
        let text = br#"[{"id":"a","name":"A","description":"says a","status":"SUCCESS"},
            {"id":"b","description":"says b","status":"SKIPPED","errorMessage":"no b here"}]"#;
        let said: Vec<String> = read("tools-list", text).expect("it is a list of checks").iter().map(ToString::to_string).collect();
        assert_eq!(said, ["passed tools-list/a: says a", "skipped tools-list/b: no b here"]);
        assert!(read("x", br#"[{"id":"a","status":"MAYBE"}]"#).is_err());
    }

    #[test]
    fn directories_name_scenarios() {
        for (directory, scenario) in [
            ("server-tools-list-2026-07-28T09-30-00-000Z", "tools-list"),
            ("server-json-schema-2020-12-2026-07-28T09-30-00-000Z", "json-schema-2020-12"),
            ("server-ping", "ping"),
            ("authorization-server-authorization-code-grant-2026-07-28T09-30-00-000Z", "authorization-code-grant"),
            ("auth/metadata-default-2026-07-28T09-30-00-000Z", "auth/metadata-default"),
            ("other", "other"),
        ] {
            assert_eq!(scenario_of(directory), scenario);
        }
    }
}
