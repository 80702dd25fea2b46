//! URIs that no template was made for, and templates that nobody should write.

use mcp_core::{Dispatcher, Registry};
use serde_json::json;

use crate::reply::Answer;
use crate::{Behaviour, fixture, reply};

/// Any URI is answered, and one that a template matches gives the values that make it up again.
///
/// The first line is a URI. The second, if there is one, is a template to read it with.
pub fn uri_templates(data: &[u8]) -> Behaviour {
    let text = String::from_utf8_lossy(data);
    let (uri, template) = text.split_once('\n').map_or((&*text, None), |(uri, template)| (uri, Some(template)));
    let behaviour = read(fixture::dispatcher(), uri);
    let Some(template) = template else { return behaviour };
    let Ok(resource) = fixture::pairs(template) else { return behaviour.and("not a template") };
    let mut registry = Registry::new();
    if registry.add_resource(resource).is_err() {
        return behaviour.and("not a resource");
    }
    // A skill has URIs, too.
    let Ok(dispatcher) = fixture::still(registry) else { return behaviour.and("taken") };
    behaviour.and(read(&dispatcher, uri))
}

fn read(dispatcher: &Dispatcher, uri: &str) -> Behaviour {
    let frame = fixture::modern("resources/read", json!({"uri": uri}));
    let Ok(answered) = fixture::answer(dispatcher, &frame, &fixture::exchange()) else { panic!("{uri:?} has to wait") };
    let behaviour = reply::check(&answered);
    let answer = Answer::read(&answered.body);
    if answer.code().is_none() {
        let result: serde_json::Value = serde_json::from_str(answer.result()).expect("it was read before");
        assert_eq!(result["contents"][0]["uri"], uri, "the answer is about another URI");
        check_values(uri, result["contents"][0]["text"].as_str().unwrap_or_default());
    }
    behaviour
}

/// The one template whose expansion is simple enough to be undone here.
fn check_values(uri: &str, values: &str) {
    let Some(id) = uri.strip_prefix("test://item/") else { return };
    let values: Vec<(String, String)> = serde_json::from_str(values).expect("the resource wrote pairs");
    let [(name, value)] = &values[..] else { return };
    let expanded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert!(name != "id" || escaped(id) == expanded, "{uri:?} is not made up of {value:?}");
}

/// A text whose every byte is percent-encoded, in capitals.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            out.push('%');
            out.extend(rest.by_ref().take(2).map(|digit| char::from(digit.to_ascii_uppercase())));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
