//! Pictures of every page, as a phone and a desktop show it, light and dark.
//!
//! `screenshots GOLDEN PICTURES` shows the pages in one folder in Chromium and writes what it draws to another.

mod reduce;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_testkit::{Document, DocumentHost};
use mcp_tests::authorized::Authorized;
use mcp_tests::chromium::Chromium;
use serde_json::json;

/// What names of pages begin with that only show how text from outside is kept in its place.
const HOSTILE: &str = "hostile_";
const SCREENS: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desktop", 1_280, 800)];

#[tokio::main]
async fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [golden, pictures] = folders.as_slice() else {
        eprintln!("name the folder of the pages and the folder of the pictures");
        return ExitCode::FAILURE;
    };
    if !Chromium::is_there() {
        return ExitCode::FAILURE;
    }
    let style = Authorized::start().await.get("/auth.css").await.body;
    let host = DocumentHost::open().await;
    host.serve("/auth.css", Document::new("text/css; charset=utf-8", style));
    let chromium = Chromium::start(&[]).await;
    for name in pages(golden) {
        let page = fs::read_to_string(golden.join(format!("{name}.html"))).expect("a page");
        // A page that leads on by itself would not stay for its picture.
        let page: String = page.lines().filter(|line| !line.contains("http-equiv=\"refresh\"")).map(|line| format!("{line}\n")).collect();
        host.serve("/page", Document::html(&page));
        for screen in SCREENS {
            for scheme in ["light", "dark"] {
                let picture = draw(&chromium, &host.url("/page"), screen, scheme).await;
                fs::write(pictures.join(format!("{name}.{}.{scheme}.png", screen.0)), picture).expect("the folder can be written to");
            }
        }
    }
    ExitCode::SUCCESS
}

/// The names of the pages in a folder, in order.
fn pages(golden: &Path) -> Vec<String> {
    let entries = fs::read_dir(golden).expect("the folder of the pages").map(|entry| entry.expect("an entry").path());
    let names = entries.filter_map(|path| Some(path.file_name()?.to_str()?.strip_suffix(".html")?.to_owned()));
    let mut names: Vec<String> = names.filter(|name| !name.starts_with(HOSTILE)).collect();
    names.sort_unstable();
    names
}

/// The whole page as a PNG, at least as tall as the screen.
async fn draw(chromium: &Chromium, url: &str, (_, width, height): (&str, u32, u32), scheme: &str) -> Vec<u8> {
    let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
    chromium.devtools("Emulation.setDeviceMetricsOverride", &metrics).await;
    let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
    chromium.devtools("Emulation.setEmulatedMedia", &features).await;
    chromium.open(url).await;
    let layout = chromium.devtools("Page.getLayoutMetrics", &json!({})).await;
    let tall = layout["cssContentSize"]["height"].as_f64().unwrap_or_default().max(f64::from(height));
    let clip = json!({"x": 0, "y": 0, "width": width, "height": tall, "scale": 1});
    let drawn = chromium.devtools("Page.captureScreenshot", &json!({"format": "png", "captureBeyondViewport": true, "clip": clip})).await;
    reduce::reduced(&STANDARD.decode(drawn["data"].as_str().expect("a picture")).expect("base64"))
}
