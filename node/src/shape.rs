//! Which circuit holds a module. One that fits none would stop its chain, so it is refused where a module is built or run.

use anyhow::{Context, Result};
use playfair_admission::Admitted;
use playfair_proofs_prover::module::{Error, Module, Shape};

/// The smallest shape for the module as its code is usually lowered, and for when its hints of alignment are not believed.
///
/// # Errors
/// When no shape holds it, or it cannot be lowered.
pub fn smallest(admitted: &Admitted) -> Result<[Shape; 2]> {
    let smallest = |lower: fn(&[u8], _) -> Result<Module, Error>| -> Result<Shape, Error> {
        lower(&admitted.instrumented, admitted.hash)?.smallest()
    };
    let plain = smallest(Module::new);
    let careful = smallest(Module::careful);
    let both = plain.and_then(|plain| Ok([plain, careful?]));
    both.context(
        "no proof could hold this module, so a chain of it would stop: make its code smaller \
         (look at `playfair module lower FILE`; large tables of branches and inlined functions take the most)",
    )
}
