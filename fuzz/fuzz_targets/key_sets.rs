#![cfg_attr(feature = "libfuzzer", no_main)]
#![allow(missing_docs, reason = "said where the target is defined")]

mcp_fuzz::fuzz!(key_sets);
