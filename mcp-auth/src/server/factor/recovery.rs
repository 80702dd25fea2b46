//! Codes for when the app is lost: ten, each good once.

use super::totp::base32;
use crate::server::db::Db;
use crate::server::secrets::{random, same};

/// How many there are.
pub(super) const COUNT: usize = 10;
/// How many characters one has, of five bits each: 80 bits are not guessed.
const LENGTH: usize = 16;

/// New codes as they are shown, and what they are known by.
pub(super) fn new_codes(db: &Db, user: &str) -> (Vec<String>, Vec<String>) {
    let codes = (0..COUNT).map(|_| base32(&random::<10>()).to_ascii_lowercase());
    codes.map(|code| (shown(&code), hash(db, user, &code))).unzip()
}

/// The codes that are left without this one; nothing if it is none of them.
pub(super) fn without(db: &Db, user: &str, left: &[String], code: &str) -> Option<Vec<String>> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect();
    if code.len() != LENGTH {
        return None;
    }
    let hash = hash(db, user, &code);
    let rest: Vec<String> = left.iter().filter(|kept| !same(kept, &hash)).cloned().collect();
    (rest.len() < left.len()).then_some(rest)
}

/// A code is kept as that of one person.
fn hash(db: &Db, user: &str, code: &str) -> String {
    db.secrets().id_of(&format!("recovery {code} {user}"))
}

/// A code in groups of four.
fn shown(code: &str) -> String {
    let mut out = String::new();
    for (at, character) in code.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push('-');
        }
        out.push(character);
    }
    out
}
