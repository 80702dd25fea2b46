//! SHA-256, under which secrets are kept and compared.

use aws_lc_rs::digest;

/// A SHA-256 digest.
pub(crate) type Sha256 = [u8; 32];

/// The digest of the parts, one after the other: whoever needs to tell where one ends puts a mark between them.
pub(crate) fn sha256(parts: &[&[u8]]) -> Sha256 {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut digest = Sha256::default();
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// A digest in 64 lower-case hexadecimal digits.
pub(crate) fn to_hex(digest: &Sha256) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// A digest from 64 hexadecimal digits of any case.
pub(crate) fn from_hex(text: &str) -> Option<Sha256> {
    let mut digest = Sha256::default();
    if text.len() != digest.len() * 2 {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(*high)? << 4 | value(*low)?).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_sha256_and_go_through_hex() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(to_hex(&sha256(&[b"a", b"bc"])), hex);
        assert_eq!(from_hex(&hex.to_uppercase()), Some(sha256(&[b"abc"])));
        for text in ["", &hex[1..], &hex.replacen('b', "+", 1), &hex.replacen("ba", "é", 1), &format!("{hex}00")] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
