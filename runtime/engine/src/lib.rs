//! Execution in wasmtime: modules, fresh instances, replaying a tape.
