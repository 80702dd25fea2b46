//! Items written by a macro of the user's.
#![deny(warnings)]

macro_rules! counter {
    ($name:ident, $doc:literal, $ty:ty, $least:expr) => {
        #[doc = $doc]
        #[mcp_parity::tool(name = $doc, crate = ::mcp_parity)]
        fn $name(#[arg(default = $least, range = $least..)] from: $ty, to: Option<$ty>) -> Result<$ty, mcp_parity::ToolError> {
            Ok(to.unwrap_or(from))
        }
    };
}

counter!(count, "count", u32, 1);
counter!(count_more, "count_more", i64, -5);

fn main() {}
