//! What a tool asks of its caller, told to clients that sign users in before they call.

use crate::access::Access;
use crate::json::{Object, push_array, push_str};

/// Has `tools/list` say of each tool what its caller needs, in the form that ChatGPT reads.
///
/// Each tool gets `securitySchemes`, beside its other members and again in `_meta`: a list of `{"type": "noauth"}` for
/// what anybody may call, and `{"type": "oauth2", "scopes": […]}`. It is no part of the protocol, and off by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecuritySchemes {
    /// Whether callers who do not say who they are may call what asks for nothing.
    pub anonymous: bool,
}

impl SecuritySchemes {
    /// Writes the schemes of an item, as a JSON array.
    fn write(self, access: &Access, out: &mut Vec<u8>) {
        out.push(b'[');
        let mut scheme = Object::open(out);
        if self.anonymous && access.is_open() {
            scheme.text("type", "noauth");
        } else {
            scheme.text("type", "oauth2");
            push_array(scheme.key("scopes"), access.scopes(), push_str);
        }
        scheme.close();
        out.push(b']');
    }

    /// The member for an item, as it stands in the item and in its `_meta`.
    pub(crate) fn member(self, access: &Access) -> String {
        let mut out = b"\"securitySchemes\":".to_vec();
        self.write(access, &mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }
}
