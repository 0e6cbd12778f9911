//! The tutorial's module: a counter.
