//! State tree: batch updates, versions, proofs, snapshots, storage.
