// Verifies proofs with the verifier's WebAssembly build, and measures it.
//
//   node verify.mjs MODULE.wasm FOLDER [BATCH]
//
// FOLDER is as `playfair prove` leaves it: verifying.key and *.proof. The proofs are verified one by one, then BATCH of them
// together (all of them if not given); with fewer files than that, they are taken again from the first. Prints lines `name value`:
// bytes, and milliseconds as medians, by the clock and (`cpu`) of processor time, which a busy machine does not change. Exit code 1
// when a valid proof is refused or a damaged one is not.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [file, folder, asked] = process.argv.slice(2);
const ROUNDS = 15;
const BATCH_ROUNDS = 3;

const wasm = readFileSync(file);
const start = performance.now();
const { instance } = await WebAssembly.instantiate(wasm, {});
const instantiated = performance.now() - start;
const verifier = instance.exports;

function give(bytes) {
    const padded = Buffer.concat([bytes, Buffer.alloc(3)]);
    for (let at = 0; at < bytes.length; at += 4) {
        verifier.word(padded.readUInt32LE(at), Math.min(4, bytes.length - at));
    }
}

function demand(what, answer, wanted = 0) {
    if (answer !== wanted) {
        console.error(`${what}: the verifier answers ${answer} instead of ${wanted}`);
        process.exit(1);
    }
}

function timed(run) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    run();
    const used = process.cpuUsage(before);
    return { clock: performance.now() - start, cpu: (used.user + used.system) / 1000 };
}

function median(times) {
    return times.sort((a, b) => a - b)[times.length >> 1];
}

function print(name, times) {
    console.log(`${name}_ms ${median(times.map((time) => time.clock)).toFixed(3)}`);
    console.log(`${name}_cpu_ms ${median(times.map((time) => time.cpu)).toFixed(3)}`);
}

const key = readFileSync(join(folder, 'verifying.key'));
const proofs = readdirSync(folder)
    .filter((name) => name.endsWith('.proof'))
    .sort()
    .map((name) => readFileSync(join(folder, name)));
if (proofs.length === 0) {
    console.error(`there is no proof in ${folder}`);
    process.exit(1);
}
const batch = asked === undefined ? proofs.length : Number(asked);

give(key);
const keyTime = timed(() => demand('the key', verifier.key()));
for (let i = 0; i < Math.max(batch, proofs.length); i += 1) {
    give(proofs[i % proofs.length]);
    demand(`proof ${i}`, verifier.proof());
}
const first = timed(() => demand('proof 0', verifier.verify(0, 1)));
const one = [];
for (let i = 0; i < Math.max(ROUNDS, proofs.length); i += 1) {
    const number = i % proofs.length;
    one.push(timed(() => demand(`proof ${number}`, verifier.verify(number, 1))));
}
const many = [];
for (let i = 0; i < BATCH_ROUNDS; i += 1) {
    many.push(timed(() => demand(`${batch} proofs`, verifier.verify(0, batch))));
}

// A damaged proof is refused, alone and among valid ones: what was measured is a verification.
give(key);
demand('the key again', verifier.key());
const damaged = Buffer.from(proofs[0]);
damaged[damaged.length - 40] ^= 1;
for (const bytes of [proofs[0], damaged]) {
    give(bytes);
    demand('a proof', verifier.proof());
}
demand('a valid proof', verifier.verify(0, 1));
demand('a damaged proof', verifier.verify(1, 1), 5);
demand('a batch with a damaged proof', verifier.verify(0, 2), 5);

console.log(`wasm_bytes ${wasm.length}`);
console.log(`wasm_gz_bytes ${gzipSync(wasm, { level: 9 }).length}`);
console.log(`instantiate_ms ${instantiated.toFixed(3)}`);
print('key', [keyTime]);
print('first', [first]);
print('one', one);
print('batch', many);
