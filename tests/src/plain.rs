//! Tools that answer at once, well or badly.

use mcp_parity::{Args, Content, Context, Tool, ToolError, ToolOutput, tool};
use schemars::JsonSchema;
use serde::Serialize;

/// Add two whole numbers.
#[tool(read_only)]
fn add(
    /// The first number.
    a: i32,
    /// The second number.
    b: i32,
) -> i64 {
    i64::from(a) + i64::from(b)
}

/// Say a text again.
#[tool(title = "Echo", read_only, idempotent)]
async fn echo(
    /// What to say.
    text: String,
) -> String {
    text
}

/// Where something is.
#[derive(Serialize, JsonSchema)]
struct Place {
    /// Degrees north.
    north: f64,
    /// A name, if it has one.
    name: Option<String>,
}

/// Find a place.
#[tool]
fn locate(
    /// The region to look in.
    #[arg(header = "Region")]
    region: String,
) -> Result<Place, ToolError> {
    match region.as_str() {
        "nowhere" => Err(ToolError::new("there is no such region; try `north`").caused_by(std::io::Error::other("secret"))),
        _ => Ok(Place { north: 12.5, name: Some(region) }),
    }
}

/// How something is sorted.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Smallest first.
    Rising,
    /// Largest first.
    Falling,
}

/// Take arguments of every kind.
#[tool]
fn ranged(
    /// From 1 to 10.
    #[arg(range = 1..=10)]
    count: u32,
    /// Two to four lower-case letters.
    #[arg(default = "abc", min_length = 2, max_length = 4, pattern = "^[a-z]+$")]
    code: String,
    /// How to sort.
    order: Option<Order>,
) -> String {
    let order = match order {
        Some(Order::Rising) => "rising",
        Some(Order::Falling) => "falling",
        None => "unsorted",
    };
    format!("{count} {code} {order}")
}

/// Where to go from and to.
#[derive(serde::Deserialize, JsonSchema)]
struct Leg {
    /// Where to start.
    from: Point,
    /// Where to end.
    to: Option<Point>,
}

/// A point.
#[derive(serde::Deserialize, JsonSchema)]
struct Point {
    /// To the right.
    x: i8,
    /// Upwards.
    y: i8,
}

/// Measure a leg.
#[tool]
fn measure(Args(leg): Args<Leg>) -> String {
    let to = leg.to.unwrap_or(Point { x: 0, y: 0 });
    format!("{} by {}", i16::from(to.x) - i16::from(leg.from.x), i16::from(to.y) - i16::from(leg.from.y))
}

/// Panic before anything else.
#[tool]
fn panics() -> String {
    panic!("the tool's own secret reason")
}

/// Panic after having waited.
#[tool]
async fn panics_later(cx: Context) -> String {
    cx.sleep(std::time::Duration::from_millis(5)).await;
    panic!("the tool's own secret reason")
}

/// Print where the protocol is spoken.
#[tool]
fn prints() -> String {
    #[allow(clippy::print_stdout, reason = "a stray line is what this tool is for")]
    {
        println!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"a stray line\"}}");
    }
    "printed".to_owned()
}

/// A result that its schema forbids: `structured` is text where a number is promised.
pub(crate) fn forbidden_output() -> Tool {
    #[derive(Serialize, JsonSchema)]
    struct Promise {
        number: u32,
    }
    struct Broken;
    impl mcp_core::IntoToolOutput for Broken {
        fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
            ToolOutput::new().with(Content::text("seven")).with_structured(&serde_json::json!({"number": "seven"}))
        }

        fn output_schema(settings: schemars::generate::SchemaSettings) -> Option<schemars::Schema> {
            Some(settings.into_generator().into_root_schema_for::<Promise>())
        }
    }
    #[derive(serde::Deserialize, JsonSchema)]
    struct Nothing {}
    Tool::new("breaks_its_schema", |_cx, Nothing {}: Nothing| async { Ok::<_, ToolError>(Broken) })
        .with_description("Answer what the output schema forbids.")
}
