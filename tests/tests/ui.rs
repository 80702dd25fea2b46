//! Mistakes get errors in the author's words; correct code compiles.

#[test]
fn macros() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}
