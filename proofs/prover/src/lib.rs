//! Segments, hints, keys, setup and halo2 proofs.
