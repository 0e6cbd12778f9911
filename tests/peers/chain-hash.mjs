// Bytes, field elements and hashes of docs/FORMATS.md, sections 1, 2, 4 and 7, for browsers and node alike. Written
// from that page alone, over poseidon-lite.
import { poseidon2 } from "poseidon-lite/poseidon2"
import { poseidon5 } from "poseidon-lite/poseidon5"

export const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

export const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
export const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))
/** The integer of big-endian bytes. */
export const big = (bytes) => BigInt(`0x${hexOf(bytes) || "0"}`)
export const bigLittle = (bytes) => big(Uint8Array.from(bytes).reverse())
/** An integer as `length` big-endian bytes. */
export const be = (value, length) => bytesOf(BigInt(value).toString(16).padStart(2 * length, "0"))
export const le = (value, length) => be(value, length).reverse()
export const low = (value, bits) => BigInt.asUintN(bits, value)
export const concat = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]))

const cut = (bytes, length) =>
    Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => bytes.subarray(at * length, (at + 1) * length))
export const pack24 = (bytes) => cut(bytes, 24).map(bigLittle)
export const pack31 = (bytes) => cut(bytes, 31).map((limb) => big(limb) << BigInt(8 * (31 - limb.length)))

const tags = new Map()
const tag = (name) => {
    if (!tags.has(name)) tags.set(name, big(new TextEncoder().encode(`playfair/1/${name}`)) << 64n)
    return tags.get(name)
}
export const node = (left, right) => poseidon2([left, right])
export const absorb = (accumulator, limbs) => poseidon5([accumulator, ...limbs])
export const hash = (name, elements, length = elements.length) => {
    let accumulator = tag(name) + BigInt(length)
    for (let at = 0; at === 0 || at < elements.length; at += 4) {
        accumulator = absorb(accumulator, [0, 1, 2, 3].map((lane) => elements[at + lane] ?? 0n))
    }
    return accumulator
}
export const hashBytes = (name, bytes) => hash(name, pack24(bytes), bytes.length)
export { poseidon2, poseidon5 }

/** Absorbs whole frames of 124 bytes. */
export const absorbFrames = (accumulator, bytes) =>
    cut(bytes, 124).reduce((value, frame) => absorb(value, cut(frame, 31).map(big)), accumulator)

/** Where a module's key lies in the state. */
export const userKey = (bytes) => low(hashBytes("key", bytes), 248)
/** Where a system record lies: kind 1 account, 2 key, 3 parameters. */
export const systemKey = (kind, id = 0n, index = 0) => low(hash("system", [BigInt(kind), id, BigInt(index)]), 248)

/** A record of twelve little-endian words. */
export const record = (words) => concat(...words.map((word) => le(word, 8)))
export const wordsOf = (bytes) => cut(bytes, 8).map(bigLittle)
/** An integer as words, low word first. */
export const words = (value, count) => Array.from({ length: count }, (_, at) => low(value >> BigInt(64 * at), 64))

const power = (base, exponent) => {
    let result = 1n
    for (let square = base % R, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % R) {
        if (rest & 1n) result = (result * square) % R
    }
    return result
}

/** A square root in the field, by Tonelli and Shanks: r - 1 is 2^28 times an odd number, and 5 is no square. */
const root = (value) => {
    const odd = (R - 1n) >> 28n
    let generator = power(5n, odd)
    let result = power(value, (odd + 1n) / 2n)
    for (let rest = power(value, odd); rest !== 1n; ) {
        let order = 0
        for (let square = rest; square !== 1n; square = (square * square) % R) order += 1
        if (order >= 28) throw new Error("no square root")
        // The generator's order is 2^28: the power of it that has the same order as what is left.
        const step = power(generator, 1n << BigInt(28 - order - 1))
        result = (result * step) % R
        rest = (rest * step * step) % R
    }
    return result
}

/** The coordinates of a packed point of Baby Jubjub (section 1). */
export const unpack = (bytes) => {
    const packed = big(bytes)
    const y = low(packed, 254)
    const square = (y * y) % R
    const over = power((168700n - 168696n * square) % R + R, R - 2n)
    const x = root((((1n - square) % R + R) * over) % R)
    const isLarge = packed >> 255n === 1n
    return [isLarge === x > (R - 1n) / 2n ? x : R - x, y]
}
