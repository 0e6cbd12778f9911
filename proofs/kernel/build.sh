#!/bin/sh
# Builds kernel.wasm beside this file; with the argument `check`, only says whether that is what is there.
#
# The settings are part of the program's identity: every verifying key holds its code. No bulk memory and no saturating floats
# (mvp): nothing may copy memory but by whole words. No stack pointer is needed.
set -eu
cd "$(dirname "$0")"
target=wasm32-unknown-unknown
folder=$(pwd)
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
"${CARGO:-cargo}" rustc --locked --quiet --package playfair-proofs-kernel --lib --crate-type cdylib --release --target "$target" \
    --config 'profile.release.opt-level="s"' \
    --config 'profile.release.lto="fat"' \
    --config 'profile.release.codegen-units=1' \
    --config 'profile.release.panic="abort"' \
    --config 'profile.release.debug=false' \
    --config 'profile.release.strip="symbols"' \
    --config 'profile.release.overflow-checks=false' \
    --config "target.$target.rustflags=[\"-Ctarget-cpu=mvp\", \"-Clink-arg=-zstack-size=65536\", \"--remap-path-prefix=$folder=/kernel\"]"
built="${CARGO_TARGET_DIR:-../../target}/$target/release/playfair_proofs_kernel.wasm"
if [ "${1:-}" = check ]; then
    cmp "$built" kernel.wasm
else
    cp "$built" kernel.wasm
fi
