// The JavaScript peer of the crypto tests: reads one JSON request a line on stdin and answers
// each with one JSON line on stdout, in order.
//
// A request is {"op": ..., other fields}; an answer {"ok": [strings]} or {"error": text}. Integers
// are decimal strings, bytes are hexadecimal strings; points are pairs of integers.
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { poseidon2 } from "poseidon-lite/poseidon2"
import { poseidon5 } from "poseidon-lite/poseidon5"

// The package's map of ES modules names files that its archive lacks, so its CommonJS build is used.
const {
    derivePublicKey,
    packPublicKey,
    packSignature,
    signMessage,
    unpackPublicKey,
    unpackSignature,
    verifySignature
} = createRequire(import.meta.url)("@zk-kit/eddsa-poseidon/blake-2b")

const bytes = (hex) => Buffer.from(hex, "hex")
const point = ([x, y]) => [BigInt(x), BigInt(y)]

const operations = {
    poseidon2: ({ inputs }) => [poseidon2(inputs.map(BigInt))],
    poseidon5: ({ inputs }) => [poseidon5(inputs.map(BigInt))],
    // The public key of a seed, and its packed integer.
    pubkey: ({ seed }) => {
        const key = derivePublicKey(bytes(seed))
        return [...key, packPublicKey(key)]
    },
    // R8, S, and the 64 packed bytes of the signature.
    sign: ({ seed, message }) => {
        const signature = signMessage(bytes(seed), BigInt(message))
        return [...signature.R8, signature.S, packSignature(signature).toString("hex")]
    },
    verify: ({ key, message, R8, S }) => [
        verifySignature(BigInt(message), { R8: point(R8), S: BigInt(S) }, point(key))
    ],
    // The same from packed forms: the key as an integer, the signature as 64 bytes.
    verifyPacked: ({ key, message, signature }) => [
        verifySignature(BigInt(message), unpackSignature(bytes(signature)), unpackPublicKey(BigInt(key)))
    ],
    unpackKey: ({ key }) => unpackPublicKey(BigInt(key))
}

for await (const line of createInterface({ input: process.stdin })) {
    let answer
    try {
        const request = JSON.parse(line)
        answer = { ok: operations[request.op](request).map(String) }
    } catch (error) {
        answer = { error: String(error && error.message ? error.message : error) }
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
}
