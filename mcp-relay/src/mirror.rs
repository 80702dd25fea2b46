//! What the upstream offers, as a registry.

use std::sync::Arc;

use mcp_client::{Client, Error, Listed, Result};
use mcp_core::{Change, Completion, CompletionTarget, Forward, Prompt, Registry, Resource, SkillForwards, TaskSupport, Tool, Unlisted};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::access::{Rules, fits};
use crate::forward::forward;
use crate::relay::Shared;
use crate::request::Kind;
use crate::skills;

/// The extension by which servers offer skills.
const SKILLS: &str = "io.modelcontextprotocol/skills";

/// The upstream's lists, as it wrote them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    tools: Vec<Box<RawValue>>,
    resources: Vec<Box<RawValue>>,
    templates: Vec<Box<RawValue>>,
    prompts: Vec<Box<RawValue>>,
    completes: bool,
    /// Whether it reads out resources, listed or not.
    reads: bool,
    /// Whether it has skills, and then whether it lists their directories.
    skills: Option<bool>,
    /// Whether the upstream would list something else for another caller.
    private: bool,
}

fn same(ours: &[Box<RawValue>], theirs: &[Box<RawValue>]) -> bool {
    ours.iter().map(|entry| entry.get()).eq(theirs.iter().map(|entry| entry.get()))
}

impl Lists {
    /// Asks the upstream for everything that it says it has.
    pub(crate) async fn read(client: &Client) -> Result<Self> {
        let server = client.server();
        let list = async |capability: &str, method: &'static str, key: &str| match server.can(capability) {
            true => match client.listed(method, key).await {
                // Some servers announce what they then do not have.
                Err(Error::Protocol(error)) if error.code == i64::from(mcp_core::code::METHOD_NOT_FOUND) => Ok(Listed::default()),
                listed => listed,
            },
            false => Ok(Listed::default()),
        };
        let tools = list("tools", "tools/list", "tools").await?;
        let resources = list("resources", "resources/list", "resources").await?;
        let templates = list("resources", "resources/templates/list", "resourceTemplates").await?;
        let prompts = list("prompts", "prompts/list", "prompts").await?;
        Ok(Self {
            private: [&tools, &resources, &templates, &prompts].iter().any(|list| list.is_private),
            tools: tools.entries,
            resources: resources.entries,
            templates: templates.entries,
            prompts: prompts.entries,
            completes: server.can("completions") || !server.revision.announces_completions(),
            reads: server.can("resources"),
            skills: server.extension(SKILLS).map(|settings| settings.get("directoryRead").and_then(Value::as_bool).unwrap_or(false)),
        })
    }

    /// Says of entries for tools and prompts that they are about none: the name may be misspelt, and what it was to protect is open then.
    pub(crate) fn tell_of_idle(&self, rules: &Rules) {
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        for (kind, table, entries) in [("tools", rules.tools(), &self.tools), ("prompts", rules.prompts(), &self.prompts)] {
            let names: Vec<Named> = entries.iter().filter_map(|entry| serde_json::from_str(entry.get()).ok()).collect();
            for rule in table.keys().filter(|rule| !names.iter().any(|named| fits(rule, &named.name))) {
                tracing::warn!("`gateway.{kind}.\"{rule}\"` is about nothing that the upstream server has");
            }
        }
    }

    /// What is different from how it was.
    pub(crate) fn news(&self, before: &Self) -> Vec<Change> {
        let mut news = Vec::new();
        if !same(&self.tools, &before.tools) {
            news.push(Change::Tools);
        }
        if !same(&self.resources, &before.resources) || !same(&self.templates, &before.templates) {
            news.push(Change::Resources);
        }
        if !same(&self.prompts, &before.prompts) {
            news.push(Change::Prompts);
        }
        news
    }

    /// A registry of it. An item that cannot be offered is left out, so that it does not hide the others.
    pub(crate) fn registry(&self, shared: &Arc<Shared>, rules: &Rules) -> Registry {
        let mut registry = Registry::new();
        let mut completions = Vec::new();
        for entry in &self.tools {
            match Tool::mirrored(entry.get(), to(shared, Kind::Tool(tasks_of(entry)))) {
                Ok(tool) => match rules.tool(tool) {
                    Some(tool) => added("tool", registry.add_tool(tool)),
                    None => of_two_tiers("tool", entry),
                },
                Err(error) => left_out("tool", entry, &error),
            }
        }
        for entry in self.resources.iter().chain(&self.templates) {
            match Resource::mirrored(entry.get(), to(shared, Kind::Resource)) {
                Ok(resource) => {
                    let target = CompletionTarget::Resource(resource.uri().to_owned().into());
                    let Some(resource) = rules.resource(resource) else {
                        tracing::warn!(
                            entry = start_of(entry),
                            "a resource is left out: its rules want different tiers, and nobody is of both"
                        );
                        continue;
                    };
                    completions.extend(resource.variables().next().map(|_| target));
                    added("resource", registry.add_resource(resource));
                }
                Err(error) => left_out("resource", entry, &error),
            }
        }
        for entry in &self.prompts {
            match Prompt::mirrored(entry.get(), to(shared, Kind::Prompt)) {
                Ok(prompt) => {
                    let Some(prompt) = rules.prompt(prompt) else {
                        of_two_tiers("prompt", entry);
                        continue;
                    };
                    let target = CompletionTarget::Prompt(prompt.item().name().to_owned().into());
                    completions.push(target);
                    added("prompt", registry.add_prompt(prompt));
                }
                Err(error) => left_out("prompt", entry, &error),
            }
        }
        for target in completions.into_iter().filter(|_| self.completes) {
            let forward = to(shared, Kind::Completion(target.clone()));
            added("completion", registry.add_completion(Completion::mirrored(target, forward)));
        }
        if self.private {
            registry.set_private();
        }
        if self.reads {
            registry.set_unlisted(self.unlisted(shared, rules));
        }
        registry
    }

    /// What it answers for besides what is in its lists.
    fn unlisted(&self, shared: &Arc<Shared>, rules: &Rules) -> Unlisted {
        let asked = rules.clone();
        let unlisted = Unlisted::new(move |uri, is_of_template| asked.unlisted(uri, is_of_template), to(shared, Kind::Resource));
        match self.skills {
            Some(directories) => unlisted.with_skills(SkillForwards {
                list: skills::list(shared, rules),
                get: to(shared, Kind::Skill),
                directory: directories.then(|| skills::directory(shared, rules)),
            }),
            None => unlisted,
        }
    }
}

fn to(shared: &Arc<Shared>, kind: Kind) -> Forward {
    let (shared, kind) = (Arc::clone(shared), Arc::new(kind));
    Arc::new(move |cx| Box::pin(forward(Arc::clone(&shared), Arc::clone(&kind), cx)))
}

/// Whether the upstream makes tasks of a tool's calls in sessions (2025-11-25, basic/utilities/tasks, "Tool-Level Negotiation").
fn tasks_of(entry: &RawValue) -> TaskSupport {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Execution {
        task_support: String,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Entry {
        execution: Execution,
    }
    match serde_json::from_str::<Entry>(entry.get()).unwrap_or_default().execution.task_support.as_str() {
        "required" => TaskSupport::Required,
        "optional" => TaskSupport::Optional,
        _ => TaskSupport::Forbidden,
    }
}

fn added(kind: &str, added: std::result::Result<(), mcp_core::RegistryError>) {
    if let Err(error) = added {
        tracing::warn!(%error, kind, "an item of the upstream server is left out");
    }
}

fn left_out(kind: &str, entry: &RawValue, error: &mcp_core::UnfitEntry) {
    tracing::warn!(%error, kind, start = start_of(entry), "an item of the upstream server is left out");
}

fn of_two_tiers(kind: &str, entry: &RawValue) {
    tracing::warn!(
        kind,
        start = start_of(entry),
        "an item of the upstream server is left out: its rules want tiers of which nobody has both"
    );
}

fn start_of(entry: &RawValue) -> String {
    entry.get().chars().take(80).collect()
}
