use mcp_parity::tool;

/// Finds text.
#[tool]
async fn find() {
    let found = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(found);
}

fn main() {}
