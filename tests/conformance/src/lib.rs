//! The official WebAssembly suite and generated programs, through admission and wasmtime.
