//! New inputs from old ones.

use super::json;
use super::random::Random;

/// Pieces that are hard to find by chance.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\n",
    "\r\n",
    " ",
    "\t",
    "\0",
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e400",
    "-1e-400",
    "9007199254740993",
    "18446744073709551616",
    "0.1e+",
    "NaN",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\x",
    "\u{feff}",
    "ü",
    "\u{2028}",
    "😀",
    "[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "\"jsonrpc\":\"2.0\"",
    "\"jsonrpc\":\"1.0\"",
    "\"id\":null",
    "\"id\":1",
    "\"id\":\"1\"",
    "\"id\":1.0",
    "\"method\":\"ping\"",
    "\"method\":7",
    "\"params\":[]",
    "\"params\":null",
    "\"params\":{}",
    "\"result\":{}",
    "\"error\":{}",
    "\"_meta\":{}",
    "\"_meta\":7",
    "\"cursor\":\"\"",
    "\"arguments\":[]",
    "\"arguments\":{}",
    "\"name\":\"echo\"",
    "\"progressToken\":1",
    "\"inputResponses\":{}",
    "\"requestState\":\"\"",
    "\"requestId\":1",
    "\"taskId\":\"1\"",
    "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"",
    "\"io.modelcontextprotocol/clientCapabilities\":{}",
    "initialize",
    "notifications/cancelled",
    "tools/call",
    "tools/list",
    "resources/read",
    "resources/subscribe",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "server/discover",
    "tasks/get",
    "skills/list",
    "2024-11-05",
    "2025-03-26",
    "2025-06-18",
    "2025-11-25",
    "2026-07-28",
    "=?base64?",
    "?=",
    "=",
    "%",
    "%2F",
    "%zz",
    "%ff",
    "/../",
    "..",
    "{+path}",
    "{?a,b}",
    "{;x*}",
    "{id:3}",
    "{",
    "Bearer ",
    "bearer  ",
    "Basic ",
    "\", ",
    "=\"",
    ".",
    "..",
    "e30",
    "-_~+/",
    "==",
    "\"alg\":\"none\"",
    "\"crit\":[]",
];

/// Mutates one of the inputs a few times.
pub(super) fn mutate(corpus: &[Vec<u8>], max_length: usize, random: &mut Random) -> Vec<u8> {
    let mut input = random.one_of(corpus).clone();
    for _ in 0..=random.below(5) {
        mutate_once(&mut input, corpus, random);
    }
    input.truncate(max_length);
    input
}

fn mutate_once(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    // Changed byte by byte, JSON is seldom JSON any more; half of the time it stays that.
    if random.below(2) == 0 && json::mutate(input, random) {
        return;
    }
    let at = random.below(input.len() + 1);
    match random.below(10) {
        0 | 1 => insert(input, at, random.one_of(PIECES).as_bytes()),
        2 => insert(input, at, &[random.next() as u8]),
        3 => replace_piece(input, at, random),
        4 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        5 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        6 => {
            let length = random.below(8.min(input.len() - at) + 1);
            input.drain(at..at + length);
        }
        7 => {
            let piece = input[at..at + random.below(input.len() - at + 1)].to_vec();
            let at = random.below(input.len() + 1);
            insert(input, at, &piece);
        }
        8 => {
            let other = random.one_of(corpus);
            let from = random.below(other.len() + 1);
            let until = from + random.below(other.len() - from + 1);
            insert(input, at, &other[from..until]);
        }
        _ => input.truncate(at),
    }
}

/// Puts a piece in the place of the word at a position.
fn replace_piece(input: &mut Vec<u8>, at: usize, random: &mut Random) {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    let start = input[..at].iter().rposition(|byte| !word(byte)).map_or(0, |before| before + 1);
    let end = input[at..].iter().position(|byte| !word(byte)).map_or(input.len(), |after| at + after);
    input.splice(start..end, random.one_of(PIECES).bytes());
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let corpus = [b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".to_vec(), Vec::new()];
        let inputs = |name| {
            let mut random = Random::new(name);
            (0..1_000).map(|_| mutate(&corpus, 64, &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(inputs("one"), inputs("one"));
        assert_ne!(inputs("one"), inputs("two"));
        assert!(inputs("one").iter().all(|input| input.len() <= 64));
    }
}
