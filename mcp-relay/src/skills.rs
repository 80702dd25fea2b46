//! The upstream's lists of skills and of their files, as each caller may see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use mcp_core::{Answer, Forward, Tier};
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::access::Rules;
use crate::forward::{failed, forwarded};
use crate::relay::Shared;
use crate::request::Kind;

/// Answers `skills/list`.
pub(crate) fn list(shared: &Arc<Shared>, rules: &Rules) -> Forward {
    filtered(shared, rules, Kind::Skills, "skills")
}

/// Answers `resources/directory/read`.
pub(crate) fn directory(shared: &Arc<Shared>, rules: &Rules) -> Forward {
    filtered(shared, rules, Kind::Directory, "resources")
}

/// Forwards, and leaves out of the list of this name what the caller does not see.
fn filtered(shared: &Arc<Shared>, rules: &Rules, kind: Kind, list: &'static str) -> Forward {
    let (shared, rules, kind) = (Arc::clone(shared), rules.clone(), Arc::new(kind));
    Arc::new(move |cx| {
        let (shared, rules, kind) = (Arc::clone(&shared), rules.clone(), Arc::clone(&kind));
        Box::pin(async move {
            match forwarded(&shared, &kind, &cx).await {
                Ok(page) => Answer::mirrored(Box::<str>::from(seen(&rules, cx.principal().tier(), page, list))),
                Err(failure) => failed(&shared, failure, &cx, &kind),
            }
        })
    })
}

#[derive(Deserialize)]
struct Entry {
    uri: String,
}

/// A page without the skills or files that this tier does not see. Tier hides, and everything else is for whoever asks for one of them.
fn seen(rules: &Rules, tier: Tier, page: Box<RawValue>, list: &str) -> Box<RawValue> {
    if !rules.hides_resources() {
        return page;
    }
    // What cannot be read has no skills that could be seen.
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(page.get()).unwrap_or_default();
    let visible = |entry: &&RawValue| {
        // What has no URI, or one without a rule, nobody can ask for.
        let uri = serde_json::from_str::<Entry>(entry.get()).map(|entry| entry.uri);
        uri.is_ok_and(|uri| rules.unlisted(&uri, false).is_some_and(|access| tier.sees(access.tier())))
    };
    let entries = members.get(list).and_then(|entries| serde_json::from_str::<Vec<&RawValue>>(entries.get()).ok()).unwrap_or_default();
    let entries: Vec<&RawValue> = entries.into_iter().filter(visible).collect();
    members.insert(list.to_owned(), to_raw_value(&entries).expect("JSON is always valid JSON"));
    if let Some(scope) = members.get_mut("cacheScope") {
        *scope = to_raw_value("private").expect("a text is always valid JSON");
    }
    to_raw_value(&members).expect("JSON is always valid JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{AccessSettings, RelaySettings, TierName};

    #[test]
    fn a_skill_above_the_callers_tier_is_not_listed() {
        let page = r#"{"skills":[{"uri":"skill://a/SKILL.md"},{"uri":"skill://b/SKILL.md"}],"nextCursor":"x","cacheScope":"public"}"#;
        let page = || RawValue::from_string(page.to_owned()).expect("valid JSON");
        assert_eq!(seen(&Rules::default(), Tier::Public, page(), "skills").get(), page().get());
        let entry = AccessSettings { tier: Some(TierName(Tier::Admin)), ..AccessSettings::default() };
        let resources = [("skill://a/*".to_owned(), AccessSettings::default()), ("skill://b/*".to_owned(), entry)].into();
        let rules = Rules::new(RelaySettings { resources, ..RelaySettings::default() });
        for (tier, hidden) in [(Tier::Public, true), (Tier::Admin, false)] {
            let text = seen(&rules, tier, page(), "skills");
            assert_eq!(text.get().contains("skill://b"), !hidden, "{tier:?}");
            assert!(text.get().contains(r#""cacheScope":"private""#) && text.get().contains("skill://a"), "{text}");
            let unreadable = RawValue::from_string("[]".to_owned()).expect("valid JSON");
            assert_eq!(seen(&rules, tier, unreadable, "skills").get(), r#"{"skills":[]}"#);
        }
    }
}
