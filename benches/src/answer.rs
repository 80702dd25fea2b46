//! Whether an answer is right, at a cost the measurement does not notice.
//!
//! The first answer is parsed and checked in full. What it looked like, with the id and the sum cut out, is what the
//! following answers have to look like, so each of them costs one comparison of bytes. An answer that looks
//! different is parsed and checked in full again.

use serde_json::Value;

use crate::{
    Error, Result,
    workload::{ADDEND, Call, END_ID, FIRST_ID, ID_DIGITS, Revision, Workload, digits, echo_text, positions},
};

/// Checks the answers to one workload on one connection.
#[derive(Debug)]
pub struct Checker {
    call: Call,
    tools: usize,
    revision: Revision,
    echo: String,
    template: Option<Template>,
}

/// An answer known to be right, and where its numbers stand.
#[derive(Debug)]
struct Template {
    bytes: Vec<u8>,
    id_at: usize,
    holes: Vec<Hole>,
}

#[derive(Debug)]
struct Hole {
    at: usize,
    above_id: u32,
}

impl Checker {
    /// A checker for the answers to `workload`.
    #[must_use]
    pub fn new(workload: &Workload, revision: Revision) -> Self {
        let Workload { call, tools, .. } = *workload;
        Self { call, tools, revision, echo: echo_text(), template: None }
    }

    /// Checks an answer and returns the id it answers; whether that id was asked is the caller's to know.
    ///
    /// # Errors
    /// [`Error::WrongAnswer`] if it is an error or not the expected result.
    pub fn check(&mut self, body: &[u8]) -> Result<u32> {
        if let Some(id) = self.template.as_ref().and_then(|template| template.matches(body)) {
            return Ok(id);
        }
        let id = self.check_in_full(body).map_err(|why| wrong(why, body))?;
        self.template = Template::learn(body, id, self.call);
        Ok(id)
    }

    fn check_in_full(&self, body: &[u8]) -> std::result::Result<u32, String> {
        let answer: Value = serde_json::from_slice(body).map_err(|error| format!("not JSON: {error}"))?;
        if answer["jsonrpc"] != "2.0" {
            return Err("not JSON-RPC 2.0".into());
        }
        let id = answer["id"].as_u64().and_then(|id| u32::try_from(id).ok());
        let Some(id) = id.filter(|id| (FIRST_ID..END_ID).contains(id)) else {
            return Err("its id was never asked".into());
        };
        let result = answer["result"].as_object().ok_or("no result")?;
        if self.revision == Revision::Modern && result.get("resultType") != Some(&"complete".into()) {
            return Err("2026-07-28 demands a resultType of `complete`".into());
        }
        match self.call {
            Call::Add => check_text(&answer["result"], &(id + ADDEND).to_string())?,
            Call::Echo => check_text(&answer["result"], &self.echo)?,
            Call::List => check_list(&answer["result"], self.tools)?,
        }
        Ok(id)
    }

    /// The length of the last answer that was checked in full.
    #[must_use]
    pub fn answer_bytes(&self) -> usize {
        self.template.as_ref().map_or(0, |template| template.bytes.len())
    }
}

impl Template {
    fn learn(body: &[u8], id: u32, call: Call) -> Option<Self> {
        let ids = positions(body, id);
        let id_at = *ids.first()?;
        let sums = if call == Call::Add { positions(body, id + ADDEND) } else { Vec::new() };
        let mut holes: Vec<_> = ids.into_iter().map(|at| Hole { at, above_id: 0 }).collect();
        holes.extend(sums.into_iter().map(|at| Hole { at, above_id: ADDEND }));
        holes.sort_by_key(|hole| hole.at);
        Some(Self { bytes: body.to_vec(), id_at, holes })
    }

    fn matches(&self, body: &[u8]) -> Option<u32> {
        if body.len() != self.bytes.len() {
            return None;
        }
        let id = number(&body[self.id_at..self.id_at + ID_DIGITS])?;
        let mut at = 0;
        for hole in &self.holes {
            let end = hole.at + ID_DIGITS;
            if body[at..hole.at] != self.bytes[at..hole.at] || body[hole.at..end] != digits(id + hole.above_id) {
                return None;
            }
            at = end;
        }
        (body[at..] == self.bytes[at..]).then_some(id)
    }
}

/// Checks the answer to `initialize`.
///
/// # Errors
/// [`Error::WrongAnswer`] if another revision was negotiated or none.
pub fn check_initialize(body: &[u8]) -> Result<()> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| wrong(format!("not JSON: {error}"), body))?;
    if answer["id"] != FIRST_ID {
        return Err(wrong("its id was never asked", body));
    }
    if answer["result"]["protocolVersion"] != Revision::Legacy.as_str() {
        return Err(wrong("the revision asked for was not negotiated", body));
    }
    Ok(())
}

/// The error for an answer, with as much of it as a reader needs.
pub(crate) fn wrong(why: impl Into<String>, body: &[u8]) -> Error {
    const SHOWN: usize = 2000;
    let mut shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN)]).into_owned();
    if body.len() > SHOWN {
        shown.push_str(&format!("… ({} bytes)", body.len()));
    }
    Error::WrongAnswer { why: why.into(), body: shown }
}

fn check_text(result: &Value, expected: &str) -> std::result::Result<(), String> {
    if result["isError"] == true {
        return Err("the tool reports an error".into());
    }
    let content = &result["content"];
    if content.as_array().map(Vec::len) != Some(1) || content[0]["type"] != "text" {
        return Err("the content is not one text".into());
    }
    if content[0]["text"] != expected {
        return Err("the text is not the expected one".into());
    }
    Ok(())
}

fn check_list(result: &Value, tools: usize) -> std::result::Result<(), String> {
    let listed = result["tools"].as_array().ok_or("no list of tools")?;
    if listed.len() != tools {
        return Err(format!("{} tools are listed, not {tools}", listed.len()));
    }
    for name in ["add", "echo"] {
        let tool = listed.iter().find(|tool| tool["name"] == name).ok_or_else(|| format!("`{name}` is not listed"))?;
        if !tool["inputSchema"]["properties"].is_object() {
            return Err(format!("`{name}` is listed without its arguments"));
        }
    }
    Ok(())
}

fn number(digits: &[u8]) -> Option<u32> {
    let number = digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))?;
    (FIRST_ID..END_ID).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::WORKLOADS;

    fn checked(bodies: &[&str]) -> Vec<Option<u32>> {
        let mut checker = Checker::new(&WORKLOADS[0], Revision::Legacy);
        bodies.iter().map(|body| checker.check(body.as_bytes()).ok()).collect()
    }

    fn sum(id: u32, sum: u32) -> String {
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{sum}"}}]}}}}"#)
    }

    #[test]
    fn right_sums_pass_and_name_their_id() {
        let (first, second) = (sum(1_000_000, 3_000_000), sum(1_000_007, 3_000_007));
        assert_eq!(checked(&[&first, &second]), [Some(1_000_000), Some(1_000_007)]);
    }

    #[test]
    fn a_wrong_sum_fails_first_and_later() {
        let (right, wrong) = (sum(1_000_000, 3_000_000), sum(1_000_007, 3_000_008));
        assert_eq!(checked(&[&wrong, &right, &wrong]), [None, Some(1_000_000), None]);
    }

    #[test]
    fn another_shape_is_checked_again_in_full() {
        let right = sum(1_000_000, 3_000_000);
        let spaced = sum(1_000_001, 3_000_001).replace(':', ": ");
        let error = r#"{"jsonrpc":"2.0","id":1000002,"error":{"code":-32603,"message":"no"}}"#;
        assert_eq!(checked(&[&right, &spaced, error]), [Some(1_000_000), Some(1_000_001), None]);
    }
}
