//! What the macros write, as ordinary Rust, for a reader of the diff.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

use crate::kind::Kind;
use crate::pipeline;
use crate::root::Root;

/// Expands `item` under its own first attribute and compares with a file.
fn check(item: TokenStream, expected: &ExpectFile) {
    let text = format!("{}{}", banner(&item), expand(item));
    expected.assert_eq(&text);
}

fn expand(item: TokenStream) -> String {
    let (kind, attribute, item) = split(item);
    let output = pipeline::run(kind, Root::facade(), attribute, item);
    let file = syn::parse2(output.clone()).unwrap_or_else(|error| panic!("{error} in {output}"));
    prettyplease::unparse(&file)
}

/// The first attribute that is one of ours, and the item without it.
fn split(item: TokenStream) -> (Kind, TokenStream, TokenStream) {
    let mut item: syn::Item = syn::parse2(item).expect("the case is an item");
    let attributes = match &mut item {
        syn::Item::Fn(function) => &mut function.attrs,
        syn::Item::Impl(block) => &mut block.attrs,
        _ => panic!("the case is a function or an impl block"),
    };
    let position = attributes.iter().position(|attribute| Kind::of_attribute(attribute).is_some()).expect("the case has an attribute");
    let attribute = attributes.remove(position);
    let kind = Kind::of_attribute(&attribute).expect("it was just found");
    let text = attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
    (kind, text, quote!(#item))
}

/// The case itself, as a comment above its expansion.
fn banner(item: &TokenStream) -> String {
    let file = syn::parse2(item.clone()).expect("the case is a file of one item");
    let lines: Vec<String> = prettyplease::unparse(&file).lines().map(|line| format!("// {line}").trim_end().to_owned()).collect();
    format!("{}\n\n", lines.join("\n"))
}

#[test]
fn tool_with_plain_parameters() {
    check(
        quote! {
            /// Search the source tree
            /// for a regular expression.
            ///
            /// Slow on large trees.
            #[tool(scope = "mcp:read", read_only)]
            async fn search_code(
                /// Regular expression, Rust syntax.
                pattern: String,
                /// Most matches to return.
                #[arg(default = 50, range = 1..=1000)]
                limit: u32,
                tree: State<SourceTree>,
            ) -> Result<Matches, ToolError> {
                tree.search(&pattern, limit).await
            }
        },
        &expect_file!["../tests/golden/tool_with_plain_parameters.rs"],
    );
}

#[test]
fn tool_without_parameters() {
    check(
        quote! {
            /// The time.
            #[tool]
            fn now() -> String { clock() }
        },
        &expect_file!["../tests/golden/tool_without_parameters.rs"],
    );
}

#[test]
fn tool_with_every_key() {
    check(
        quote! {
            #[cfg(feature = "admin")]
            #[tool(
                name = "admin.wipe",
                title = "Wipe",
                description = "Deletes everything.",
                scope = ["mcp:admin", scopes::WIPE],
                tier = Admin,
                mfa,
                icons = ["https://example.com/a.png"],
                tags = ["danger", "disk"],
                timeout = "2m",
                meta = r#"{"k": 1}"#,
                read_only = false,
                destructive,
                idempotent,
                open_world = false,
                task = "on_demand",
            )]
            pub(crate) async fn wipe() {}
        },
        &expect_file!["../tests/golden/tool_with_every_key.rs"],
    );
}

#[test]
fn tool_with_every_argument_key() {
    check(
        quote! {
            /// Everything an argument may say.
            #[tool]
            async fn query(
                #[arg(name = "the-region", header = "Region", default = "eu")] region: String,
                #[arg(min_length = 1, max_length = 8, pattern = "^[a-z]+$")] r#type: Option<String>,
                #[arg(range = 1..10, description = "How many.")] count: Option<i64>,
                #[arg(range = 0.0..1.0, default)] share: f64,
            ) -> Answer {
                todo!()
            }
        },
        &expect_file!["../tests/golden/tool_with_every_argument_key.rs"],
    );
}

#[test]
fn tool_with_args() {
    check(
        quote! {
            /// Moves something.
            #[tool(crate = my::facade, blocking)]
            fn shift(Args(input): Args<Shift>, who: &Principal, #[inject] tenant: Tenant) -> std::result::Result<(), MoveError> {
                input.run(who, tenant)
            }
        },
        &expect_file!["../tests/golden/tool_with_args.rs"],
    );
}

#[test]
fn fixed_resource() {
    check(
        quote! {
            /// The configuration.
            #[resource("config://app", mime_type = "application/json", size = 4096)]
            fn config() -> &'static str { "{}" }
        },
        &expect_file!["../tests/golden/fixed_resource.rs"],
    );
}

#[test]
fn template_resource() {
    check(
        quote! {
            /// A file of the tree.
            #[resource("repo://{owner}/{+path}{?page,size}", scope = "mcp:read")]
            async fn file(owner: Owner, path: String, page: Option<u32>, #[arg(default = 20)] size: u32, cx: &Context) -> Result<String, ToolError> {
                read(owner, path, page, size, cx).await
            }
        },
        &expect_file!["../tests/golden/template_resource.rs"],
    );
}

#[test]
fn prompt() {
    check(
        quote! {
            /// Reviews code.
            #[prompt(title = "Review")]
            fn review(
                /// The code.
                code: String,
                language: Option<String>,
                #[arg(default, name = "max-notes")] notes: u8,
            ) -> Result<Vec<PromptMessage>> {
                write(code, language, notes)
            }
        },
        &expect_file!["../tests/golden/prompt.rs"],
    );
}

#[test]
fn completion_of_prompt() {
    check(
        quote! {
            #[completion(prompt = "review", argument = "language")]
            async fn languages(typed: String, code: Option<String>) -> Vec<String> {
                guess(&typed, code).await
            }
        },
        &expect_file!["../tests/golden/completion_of_prompt.rs"],
    );
}

#[test]
fn completion_of_template() {
    check(
        quote! {
            #[completion(resource = "repo://{owner}/{name}", argument = "name")]
            fn repositories(typed: String, owner: Option<Owner>, index: State<Index>) -> Result<CompletionValues, ToolError> {
                index.find(&typed, owner)
            }
        },
        &expect_file!["../tests/golden/completion_of_template.rs"],
    );
}

#[test]
fn impl_block() {
    check(
        quote! {
            #[tool]
            impl Notes {
                const MOST: usize = 100;

                /// Adds a note.
                #[tool(destructive = false)]
                async fn add(&self, #[arg(range = 1..=Self::MOST, default = Self::MOST)] limit: usize, note: Note) -> Result<Self::Id, Full> {
                    self.store.add(note, limit).await
                }

                /// All notes.
                #[resource("notes://all")]
                fn all(&self) -> String { self.to_string() }

                /// What this server is.
                #[tool]
                fn about() -> &'static str { "notes" }

                fn private(&self) {}
            }
        },
        &expect_file!["../tests/golden/impl_block.rs"],
    );
}

#[test]
fn mistakes_leave_the_function() {
    check(
        quote! {
            #[tool(naem = "x", scope = "a b")]
            async fn lost<T>(#[arg(deflt = 1)] a: &str, (b, c): (u8, u8)) -> T { todo!() }
        },
        &expect_file!["../tests/golden/mistakes_leave_the_function.rs"],
    );
}
