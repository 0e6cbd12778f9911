//! Admission of modules: validation, instrumentation, module hash.
