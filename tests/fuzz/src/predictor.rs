//! What a page looks at before it compiles a chain's module: its frame.

use crate::modules;
use crate::random::Random;
use playfair_predictor::bounds;

/// A module that was admitted, as engines run it; it is within the bounds.
pub(crate) fn sample(random: &mut Random) -> Vec<u8> {
    loop {
        let module = modules::module(random);
        let Ok(admitted) = playfair_admission::admit(&module) else {
            continue;
        };
        assert_eq!(
            bounds::check(&admitted.instrumented),
            Ok(()),
            "what is admitted is within the bounds"
        );
        return admitted.instrumented;
    }
}

/// Any bytes; whatever is accepted begins as a module.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let is_within = bounds::check(bytes).is_ok();
    assert!(!is_within || bytes.starts_with(b"\0asm\x01\0\0\0"));
    is_within
}
