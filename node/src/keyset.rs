//! `playfair module keys`: the verifying keys of a module's shapes, as the set that a chain link or an upgrade names by its root.
//!
//! A light client believes proofs under these keys and no others. The more shapes are in the set, the longer it takes to make; what is proven
//! in a shape that is not in it is proven to nobody who starts from that link.

use crate::setup::Choice;
use crate::{build, prove};
use anyhow::{Context, Result, bail};
use playfair_admission::Admitted;
use playfair_proofs_prover::module::{Module, Shape};
use playfair_types::Encode;
use playfair_types::vk::VkSet;
use std::path::Path;

/// Shapes of a module, the smallest first: those of the usual lowering, and, if `careful`, those in which its hints of alignment are not
/// believed. Only those that hold it.
fn shapes(admitted: &Admitted, careful: bool) -> Result<Vec<Shape>> {
    let lower = if careful { Module::careful } else { Module::new };
    let lowered = lower(&admitted.instrumented, admitted.hash)?;
    let smallest = lowered.smallest()?.k;
    Ok(lowered.shapes().filter(|shape| shape.k >= smallest).collect())
}

/// The smallest `count` shapes of the usual lowering: what is enough for a development chain.
///
/// # Errors
/// When no shape holds the module, or there is no setup.
pub fn smallest(admitted: &Admitted, setup: &Choice, count: usize) -> Result<VkSet> {
    let mut shapes = shapes(admitted, false)?;
    shapes.truncate(count);
    of(admitted, setup, &shapes, |_| Ok(()))
}

/// All shapes up to `2^k_max` rows, of both lowerings. `told` hears of each key.
///
/// # Errors
/// When no shape holds the module, or there is no setup.
pub fn up_to(
    admitted: &Admitted,
    setup: &Choice,
    k_max: u32,
    told: impl FnMut(&Shape) -> Result<()>,
) -> Result<VkSet> {
    let mut all = shapes(admitted, false)?;
    all.extend(shapes(admitted, true)?);
    all.retain(|shape| shape.k <= k_max);
    if all.is_empty() {
        bail!("no shape of up to 2^{k_max} rows holds this module: give a larger --k-max");
    }
    of(admitted, setup, &all, told)
}

/// Writes a set's bytes (FORMATS.md section 15).
///
/// # Errors
/// When the file cannot be written.
pub fn save(set: &VkSet, file: &Path) -> Result<()> {
    build::write(file, &set.encode())
}

fn of(
    admitted: &Admitted,
    setup: &Choice,
    shapes: &[Shape],
    mut told: impl FnMut(&Shape) -> Result<()>,
) -> Result<VkSet> {
    let mut set = VkSet::default();
    for shape in shapes {
        let circuit = prove::Circuit {
            k: Some(shape.k),
            careful: shape.careful,
            setup: setup.clone(),
        };
        let key = prove::prover(admitted, &circuit)?.vk;
        let place = set.digests.get_mut(usize::from(key.shape));
        *place.context("a shape outside the set")? = Some(key.digest());
        told(shape)?;
    }
    Ok(set)
}
