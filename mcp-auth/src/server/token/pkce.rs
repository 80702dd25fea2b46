//! Proof that whoever brings a code is who asked for it (RFC 7636, only with `S256`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::digest::sha256;
use crate::server::secrets::same;

/// Whether a text can be a challenge: a SHA-256 digest in base64url.
pub(crate) fn is_challenge(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|digest| digest.len() == 32)
}

/// Whether a verifier is the one that a challenge was made of (section 4.6), and of the form of one (section 4.1).
pub(crate) fn verifies(challenge: &str, verifier: &str) -> bool {
    let well_formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'));
    well_formed && same(challenge, &URL_SAFE_NO_PAD.encode(sha256(&[verifier.as_bytes()])))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn a_verifier_is_what_the_challenge_was_made_of() {
        let (verifier, challenge) = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_challenge(challenge) && verifies(challenge, verifier));
        assert!(!verifies(challenge, challenge) && !verifies(verifier, verifier) && !verifies(challenge, ""));
        for text in ["", "short", &challenge[1..], &format!("{challenge}A"), &challenge.replace('-', "+"), &"=".repeat(43)] {
            assert!(!is_challenge(text), "{text}");
        }
        let long = "a".repeat(129);
        let digest = URL_SAFE_NO_PAD.encode(sha256(&[long.as_bytes()]));
        assert!(!verifies(&digest, &long), "too long to be a verifier");
    }
}
