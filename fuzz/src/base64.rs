//! Base64 that shares nothing with what is tested (RFC 4648), without padding.

/// The digits of RFC 4648, section 4.
pub(crate) const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The digits of RFC 4648, section 5.
pub(crate) const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(crate) fn encode(bytes: &[u8], digits: &[u8; 64]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|digit| char::from(digits[(bits >> (18 - 6 * digit) & 63) as usize])));
    }
    out
}

/// Undoes [`encode`], and nothing that it does not do.
pub(crate) fn decode(text: &str, digits: &[u8; 64]) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for digit in text.bytes() {
        let value = digits.iter().position(|&known| known == digit)?;
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    (encode(&bytes, digits) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, encoded) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("é~", "w6l-")] {
            assert_eq!(encode(text.as_bytes(), URL_SAFE), encoded);
            assert_eq!(decode(encoded, URL_SAFE).as_deref(), Some(text.as_bytes()));
        }
        for other in ["Zh", "Z", "Zg==", "w6l+", "Z g"] {
            assert_eq!(decode(other, URL_SAFE), None, "{other}");
        }
    }
}
