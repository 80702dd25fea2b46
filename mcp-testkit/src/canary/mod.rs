//! Secrets that are recognised wherever they are written.

mod forms;
mod log;

use std::fmt;
use std::sync::Mutex;

use aws_lc_rs::rand;

pub use log::LogCapture;

use crate::loopback::lock;
use forms::Needle;

/// Letters and digits, so that no encoding of texts changes a secret that was made here.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Knows secrets, and finds them in what a server wrote: whole or cut off after twelve characters or more, plain, percent-encoded,
/// escaped as in JSON, in base64 of both alphabets at any offset, or in hexadecimal. Digests of secrets are no leaks.
///
/// ```
/// let canary = mcp_testkit::Canary::new();
/// let token = canary.secret("refresh token");
/// canary.wrote("audit", &format!("refreshed with {}", &token[..14]));
/// assert_eq!(canary.leaks()[0].to_string(), "`refresh token` is in audit: plain, 14 of 28 characters");
/// ```
#[derive(Debug, Default)]
pub struct Canary {
    secrets: Mutex<Vec<Secret>>,
    written: Mutex<Vec<(String, String)>>,
    log: Option<LogCapture>,
}

struct Secret {
    name: String,
    needles: Vec<Needle>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A secret that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// What the secret is called.
    pub secret: String,
    /// Where it is.
    pub place: String,
    /// How it is written.
    pub form: &'static str,
    /// How many characters of that form are there.
    pub length: usize,
    /// How many it has.
    pub of: usize,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret, place, form, length, of } = self;
        write!(f, "`{secret}` is in {place}: {form}, {length} of {of} characters")
    }
}

impl Canary {
    /// A canary that knows no secrets.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, which looks into a log as well.
    pub fn with_log(log: LogCapture) -> Self {
        Self { log: Some(log), ..Self::default() }
    }

    /// Makes a secret that nobody could guess.
    ///
    /// # Panics
    /// When the operating system has no randomness.
    pub fn secret(&self, name: &str) -> String {
        let mut bytes = [0; 24];
        rand::fill(&mut bytes).expect("the operating system has randomness");
        let random: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        let value = format!("cnry{random}");
        self.register(name, &value);
        value
    }

    /// Takes a text for a secret. Of a signed token (JWT) that is the signature, because the rest is the same in many.
    ///
    /// A text of a few characters, such as a code to type in, is found wherever it happens to be.
    pub fn register(&self, name: &str, value: &str) {
        let needles = forms::needles(signature(value).unwrap_or(value));
        lock(&self.secrets).push(Secret { name: name.to_owned(), needles });
    }

    /// Remembers what was written to a place.
    pub fn wrote(&self, place: &str, text: &str) {
        lock(&self.written).push((place.to_owned(), text.to_owned()));
    }

    /// The secrets in a text.
    pub fn check(&self, text: &str) -> Vec<Leak> {
        self.find("the text", text)
    }

    /// The secrets in everything that was written until now, and in the log.
    pub fn leaks(&self) -> Vec<Leak> {
        let mut written = lock(&self.written).clone();
        written.extend(self.log.as_ref().map(|log| ("log".to_owned(), log.text())));
        written.iter().flat_map(|(place, text)| self.find(place, text)).collect()
    }

    /// Checks that there are no secrets in what was written.
    ///
    /// # Panics
    /// When there are, naming them and their places, or when nothing was written or no secret is known: that proves nothing.
    #[track_caller]
    pub fn assert_clean(&self) {
        let some_written =
            lock(&self.written).iter().any(|(_, text)| !text.is_empty()) || self.log.as_ref().is_some_and(|log| !log.text().is_empty());
        assert!(some_written, "nothing was written, so nothing was checked");
        assert!(!lock(&self.secrets).is_empty(), "no secret is known, so nothing was looked for");
        let leaks: Vec<String> = self.leaks().iter().map(Leak::to_string).collect();
        assert!(leaks.is_empty(), "secrets were written:\n{}", leaks.join("\n"));
    }

    /// Of each secret the longest piece in a text, in each form.
    fn find(&self, place: &str, text: &str) -> Vec<Leak> {
        let mut leaks: Vec<Leak> = Vec::new();
        for (secret, needle) in lock(&self.secrets).iter().flat_map(|secret| secret.needles.iter().map(move |needle| (secret, needle))) {
            let Some(length) = needle.longest_in(text) else { continue };
            let leak = Leak { secret: secret.name.clone(), place: place.to_owned(), form: needle.form, length, of: needle.length() };
            match leaks.iter_mut().find(|known| known.secret == leak.secret && known.form == leak.form) {
                Some(known) if known.length >= length => {}
                Some(known) => *known = leak,
                None => leaks.push(leak),
            }
        }
        leaks
    }
}

fn signature(value: &str) -> Option<&str> {
    let (rest, signature) = value.rsplit_once('.')?;
    (value.starts_with("eyJ") && rest.contains('.') && signature.len() >= forms::SHORTEST).then_some(signature)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn secrets_are_found_in_every_form_and_nothing_else_is() {
        let canary = Canary::new();
        let secret = "p/ss w\"rd+that?is~long";
        canary.register("password", secret);
        let basic = STANDARD.encode(format!("app:{secret}"));
        for (text, forms) in [
            (format!("x{secret}y"), vec![("plain", 22)]),
            (format!("{}…", &secret[..12]), vec![("plain", 12)]),
            (secret[..11].to_owned(), vec![]),
            (secret[1..].to_owned(), vec![]),
            (format!("Basic {basic}"), vec![("base64", 28)]),
            (basic[..24].to_owned(), vec![("base64", 18)]),
            (URL_SAFE_NO_PAD.encode(format!("{{\"p\":\"{secret}")), vec![("base64", 29)]),
            ("p%2Fss+w%22rd%2Bthat%3Fis~long".to_owned(), vec![("percent-encoded", 30)]),
            ("p%2fss%20w%22rd%2bthat%3fis~long".to_owned(), vec![("percent-encoded", 32)]),
            (format!("{:?}", secret.to_owned()), vec![("escaped", 23)]),
            (secret.bytes().map(|byte| format!("{byte:02X}")).collect(), vec![("hexadecimal", 44)]),
            ("nothing".to_owned(), vec![]),
        ] {
            let found: Vec<_> = canary.check(&text).into_iter().map(|leak| (leak.form, leak.length)).collect();
            assert_eq!(found, forms, "{text}");
        }
    }

    #[test]
    fn of_signed_tokens_only_the_signature_is_secret() {
        let (canary, signature) = (Canary::new(), "c2lnbmF0dXJlc2lnbmF0dXJl");
        canary.register("token", &format!("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.{signature}"));
        assert!(canary.check("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.another").is_empty());
        assert_eq!(canary.check(signature).len(), 1);
    }

    #[test]
    fn leaks_are_named_and_an_empty_search_is_no_proof() {
        let canary = Canary::new();
        let token = canary.secret("refresh token");
        let other = canary.secret("code");
        let panics = |canary: &Canary| {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| canary.assert_clean()))
                .err()
                .map(|panic| *panic.downcast::<String>().unwrap_or_default())
        };
        assert!(panics(&canary).is_some());
        canary.wrote("audit", "refreshed");
        assert_eq!(panics(&canary), None);
        canary.wrote("answers", &format!("{token} {}", STANDARD.encode(&other)));
        let message = panics(&canary).expect("a leak");
        let expected = "`refresh token` is in answers: plain, 28 of 28 characters\n`code` is in answers: base64, 37 of 37 characters";
        assert!(message.ends_with(expected) && !message.contains(&token), "{message}");
    }
}
