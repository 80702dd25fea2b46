//! How a secret may be written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::form_urlencoded::byte_serialize;

/// How many characters of a secret are enough to tell it from chance.
pub(super) const SHORTEST: usize = 12;

/// A form of a secret, to look for.
pub(super) struct Needle {
    pub(super) form: &'static str,
    text: String,
    /// How many octets at its start are enough.
    enough: usize,
}

impl Needle {
    fn new(form: &'static str, text: String, enough: usize) -> Self {
        let enough = text.char_indices().map(|(at, _)| at).find(|&at| at >= enough).unwrap_or(text.len());
        Self { form, text, enough }
    }

    pub(super) fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// The length of the longest start of it in a text, in characters.
    pub(super) fn longest_in(&self, text: &str) -> Option<usize> {
        let starts = text.match_indices(&self.text[..self.enough]).map(|(at, _)| &text[at..]);
        let common = |piece: &str| piece.chars().zip(self.text.chars()).take_while(|(one, other)| one == other).count();
        starts.map(common).max().filter(|&length| length > 0)
    }
}

/// Every form of a secret, each once.
pub(super) fn needles(secret: &str) -> Vec<Needle> {
    let mut found = vec![Needle::new("plain", secret.to_owned(), SHORTEST)];
    let mut add = |form, text: String, enough| {
        if found.iter().all(|needle| needle.text != text) {
            found.push(Needle::new(form, text, enough));
        }
    };
    let form: String = byte_serialize(secret.as_bytes()).collect();
    for upper in [percent(secret), form.replace("%7E", "~"), form] {
        add("percent-encoded", lower_escapes(&upper), SHORTEST);
        add("percent-encoded", upper, SHORTEST);
    }
    for quoted in [format!("{secret:?}"), serde_json::Value::from(secret).to_string()] {
        add("escaped", quoted[1..quoted.len() - 1].to_owned(), SHORTEST);
    }
    for offset in 0..3 {
        add("base64", STANDARD_NO_PAD.encode(shifted(secret, offset))[cut(secret, offset)].to_owned(), SHORTEST * 4 / 3);
        add("base64", URL_SAFE_NO_PAD.encode(shifted(secret, offset))[cut(secret, offset)].to_owned(), SHORTEST * 4 / 3);
    }
    add("hexadecimal", secret.bytes().map(|byte| format!("{byte:02x}")).collect(), SHORTEST * 2);
    add("hexadecimal", secret.bytes().map(|byte| format!("{byte:02X}")).collect(), SHORTEST * 2);
    found
}

/// RFC 3986, section 2.1.
fn percent(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn lower_escapes(text: &str) -> String {
    let mut left = 0_usize;
    let lower = |char: char| {
        left = if char == '%' { 3 } else { left };
        let escaped = left > 0;
        left = left.saturating_sub(1);
        if escaped { char.to_ascii_lowercase() } else { char }
    };
    text.chars().map(lower).collect()
}

/// A secret behind so many octets of something else.
fn shifted(secret: &str, offset: usize) -> Vec<u8> {
    [vec![0; offset], secret.as_bytes().to_vec()].concat()
}

/// What of its base64 depends on nothing but the secret.
fn cut(secret: &str, offset: usize) -> std::ops::Range<usize> {
    (offset * 4).div_ceil(3)..((offset + secret.len()) * 4 / 3).max((offset * 4).div_ceil(3))
}
