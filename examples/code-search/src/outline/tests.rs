//! One sample per language, and the outline it has.

use crate::fixture::Fixture;

use super::*;

/// Compares the outline of a file, one line per declaration.
fn check(path: &str, text: &str, expected: &str) {
    let fixture = Fixture::new(&[(path, text)]);
    let outline = outline(&fixture.tree, path).expect("it can be outlined");
    let shown: String = outline
        .declarations
        .iter()
        .map(|found| {
            let indent = "  ".repeat(found.depth as usize);
            format!("{:>3} {indent}{} {}\n", found.line, found.kind, found.name)
        })
        .collect();
    assert_eq!(shown.trim_end(), expected.trim_matches('\n').trim_end(), "{path}:\n{shown}");
}

#[test]
fn rust() {
    check(
        "lib.rs",
        r##"
//! fn not_code() {}
pub mod inner;
/* struct Not; /* enum Not {} */ fn not() {} */
const TEXT: &str = r#"
fn not_code() {
"#;
pub(crate) static COUNT: usize = 1;
#[derive(Debug)] pub struct Point<'a> { x: &'a str }
struct Unit;
thing! { fn in_macro() {} }
pub enum r#Kind { A { x: u8 }, B('{') }
pub unsafe trait Shape: Sized
where
    Self: Copy,
{
    type Output;
    const SIDES: u32 = 4;
    fn area(&self) -> f64;
    fn name(&self) -> String {
        fn inner() {}
        "fn not() {".to_owned()
    }
}
impl<'a> Point<'a> {
    pub const fn new() -> Self { todo!() }
    pub(in crate::x) async unsafe extern "C" fn call<
        const N: usize,
        T,
    >(x: [u8; N]) where T: Into<u8> {
        let c = '}';
        struct Local;
    }
}
impl<T> From<T> for Wrapper<T> where T: Copy {}
macro_rules! item { ($name:ident) => { fn $name() {} } }
type Alias<T> = Vec<T>;
union Bits { a: u8 }
let union = 1;
#[cfg(test)]
mod tests {
    #[test]
    fn works() {}
}
fn r#type() {}
"##,
        r"
  3 mod inner
  5 const TEXT
  8 static COUNT
  9 struct Point
 10 struct Unit
 12 enum r#Kind
 13 trait Shape
 17   type Output
 18   const SIDES
 19   fn area
 20   fn name
 21     fn inner
 25 impl <'a> Point<'a>
 26   fn new
 27   fn call
 32     struct Local
 35 impl <T> From<T> for Wrapper<T>
 36 macro item
 37 type Alias
 38 union Bits
 41 mod tests
 43   fn works
 45 fn r#type
",
    );
}

#[test]
fn python() {
    check(
        "app.py",
        r#"
"""
def not_code(): pass
"""
LIMIT: int = 3
Names = ["x"]
IS_SAME == 4
# class Not:
class Outer(Base):
    """class Not:

def not_code(): pass
    """
    SIZE = 1
    @property
    def name(self) -> str:
        def inner():
            return '''
def not_code(): pass
'''
        return "def not(): it's"

    async def fetch(
        self,
        url,
):
        pass

    class Nested:
        def deep(self): ...
if LIMIT:
    def conditional(): pass
type Pair[T] = tuple[T, T]
def été(): pass
"#,
        "
  5 constant LIMIT
  9 class Outer
 16   def name
 17     def inner
 23   def fetch
 29   class Nested
 30     def deep
 32 def conditional
 33 type Pair
 34 def été
",
    );
}

#[test]
fn typescript() {
    check(
        "app.tsx",
        r#"
import { x } from "y";
// function not() {}
export default async function* main({ a, b }: Options) {
  const local = 1;
  if (a) { run(); }
  function inner() {}
}
export const LIMIT = 3, pattern = /[{"'`]/;
let counter = 0;
const text = `
function not() {
${fn({ a: `class Not {` })}
`;
export const handler = async (event: Event): Promise<void> => {
  const nested = () => 1;
};
const short = x => x + 1;
const View = function () {};
@Component({ selector: "x" }) export abstract class Widget<T> extends Base implements A {
  static #count = 0;
  private readonly map = new Map();
  constructor(
    private readonly service = make(),
  ) {
    super();
    if (x) { while (y) { call(); } }
  }
  static async *items<T>(): AsyncIterator<T> {}
  get size() { return 1 }
  abstract draw(): void;
  #secret() {}
  onClick = (event: Event) => {
    helper();
  };
  get() {}
}
interface Shape<T> {
  area(): number
  name?(): string
  side: number
}
type Alias<T> = T | null;
type Fn =
  | A;
export declare enum Color { Red }
const enum Size { Small }
namespace App.Inner {
  export const value = 1;
  export class Deep {}
}
const ratio = a / b; class AfterDivision {}
const element = <p>don't {"`"}</p>;
class Last {}
"#,
        r"
  4 function main
  7   function inner
  9 const LIMIT
 10 variable counter
 11 const text
 15 function handler
 18 function short
 19 function View
 20 class Widget
 23   method constructor
 29   method items
 30   method size
 31   method draw
 32   method #secret
 33   method onClick
 36   method get
 38 interface Shape
 39   method area
 40   method name
 43 type Alias
 44 type Fn
 46 enum Color
 47 enum Size
 48 namespace App.Inner
 49   const value
 50   class Deep
 52 const ratio
 53 const element
 54 class Last
",
    );
}

#[test]
fn javascript() {
    check(
        "app.mjs",
        r"
const Named = class Inner extends Base {
  method() {}
};
module.exports = class Exported extends Base {
  static method() {}
}
export const Mixin = (Base) => class extends Base {
  mixed() {}
}
export default class extends Base {
  method() {}
}
export default function () {
  class Local {}
}
",
        "
  2 class Named
  3   method method
  5 class Exported
  6   method method
  8 class Mixin
  9   method mixed
 11 class default
 12   method method
 14 function default
 15   class Local
",
    );
}

#[test]
fn go() {
    check(
        "main.go",
        r#"
package main
import (
	"fmt"
)
// func not() {}
const Version = "1"
const (
	A = iota
	B
	// C
	D = "func not() {"
)
var (
	cache = map[string]int{
		"x": 1,
	}
	other int
)
var single = `
func not() {
`
type Stack[T any] struct {
	items []T
}
type Reader interface {
	Read(p []byte) (int, error)
}
type (
	Point struct {
		X, Y int
	}
	ID string
)
func (s *Stack[T]) Push(item T) {
	type local struct{}
	const inner = '{'
}
func (Point) String() string { return "" }
func Map[T, U any](xs []T, f func(T) U) []U {
	return nil
}
func main() {}
"#,
        "
  7 const Version
  9 const A
 10 const B
 12 const D
 15 var cache
 18 var other
 20 var single
 23 struct Stack
 26 interface Reader
 30 struct Point
 33 type ID
 35 method Stack.Push
 39 method Point.String
 40 func Map
 43 func main
",
    );
}

#[test]
fn markdown() {
    check(
        "README.md",
        r"---
title: Not a heading
---
# Title #
Text
#not a heading
####### nor this

Section
-------
- item
---
### Deeper `code` C#
```sh
# not a heading
~~~
```
~~~~
```
## not
~~~~
    # not either
  ## Second ##
Big
===
| table |
---
",
        "
  4 heading Title
  9   heading Section
 13     heading Deeper `code` C#
 23   heading Second
 24 heading Big
",
    );
}

#[test]
fn files_with_windows_line_ends_and_odd_bytes_are_outlined() {
    check("a.rs", "\u{feff}fn a() {}\r\nfn b() {}\r\n", "  1 fn a\n  2 fn b");
    check("empty.rs", "", "");
    check("b.py", "class A:\r\n    def b(): pass\r\n", "  1 class A\n  2   def b");
}

#[test]
fn an_unknown_language_has_a_note() {
    for path in ["Makefile", "a.zig", ".rs"] {
        let fixture = Fixture::new(&[(path, "fn main() {}")]);
        let outline = outline(&fixture.tree, path).expect("it can be read");
        assert_eq!((outline.language, outline.declarations.len()), (None, 0), "{path}");
        assert!(outline.note.expect("there is one").starts_with("only Rust, Python"), "{path}");
    }
}

#[test]
fn a_long_outline_is_cut_and_says_so() {
    let fixture = Fixture::new(&[("a.rs", "fn a() {}\n".repeat(MAX_DECLARATIONS + 1))]);
    let outline = outline(&fixture.tree, "a.rs").expect("it can be outlined");
    assert_eq!(outline.declarations.len(), MAX_DECLARATIONS);
    assert_eq!(outline.note.as_deref(), Some("only the first 2000 of 2001 are shown"));
}

#[test]
fn binary_files_and_directories_are_refused() {
    let fixture = Fixture::new(&[("a.rs", "a\0"), ("b.rs/c", "")]);
    for (path, complaint) in [("a.rs", "binary"), ("b.rs", "directory"), ("c.rs", "does not exist")] {
        let error = outline(&fixture.tree, path).expect_err(path).to_string();
        assert!(error.contains(complaint), "{error}");
    }
}
