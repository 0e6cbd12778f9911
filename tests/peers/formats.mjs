// An independent reading of docs/FORMATS.md: recomputes vectors of formats-v1.txt from other vectors' bytes, with
// nothing but poseidon-lite and node's SHA-256. Vectors come in on stdin, `name hex` a line; what was recomputed goes
// out the same way.
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { poseidon2 } from "poseidon-lite/poseidon2"
import { poseidon5 } from "poseidon-lite/poseidon5"

const lines = readFileSync(0, "utf8").trim().split("\n")
const vectors = Object.fromEntries(lines.map((line) => line.split(" ")))

const big = (hex) => BigInt(`0x${hex || "0"}`)
const hexOf = (value, bytes) => value.toString(16).padStart(2 * bytes, "0")
const low = (value, bits) => value & ((1n << BigInt(bits)) - 1n)
const cut = (hex, bytes) => hex.match(new RegExp(`.{1,${2 * bytes}}`, "g")) ?? []

// Section 2.
const tag = (name, length) => (big(Buffer.from(`playfair/1/${name}`).toString("hex")) << 64n) + BigInt(length)
const hash = (name, elements, length = elements.length) => {
    let accumulator = tag(name, length)
    for (let at = 0; at === 0 || at < elements.length; at += 4) {
        const block = [0, 1, 2, 3].map((lane) => elements[at + lane] ?? 0n)
        accumulator = poseidon5([accumulator, ...block])
    }
    return accumulator
}
const pack31 = (hex) => cut(hex, 31).map((limb) => big(limb.padEnd(62, "0")))
const pack24 = (hex) => cut(hex, 24).map((limb) => big(cut(limb.padEnd(48, "0"), 1).reverse().join("")))
const hashBytes = (name, hex) => hash(name, pack24(hex), hex.length / 2)
const frames = (hex) => cut(hex, 124).map((frame) => cut(frame, 31).map(big))
const absorb = (accumulator, hex) => frames(hex).reduce((acc, limbs) => poseidon5([acc, ...limbs]), accumulator)

// Section 5: kind, R and S high bytes are the first three bytes of limb 0; bit 0x80 is the inbox's.
const message = (chain, hex) => {
    const [[first, , , last], ...rest] = frames(hex)
    const kind = (first >> 240n) & 0x7fn
    return hash("call", [chain, (kind << 240n) + low(first, 8 * 28), last, ...rest.flat()])
}

// Section 12.
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest()

const out = {}
const chain = big(vectors["chain.id"])
const genesis = vectors["record.genesis"]
const origin = genesis.slice(0, 248)
const parameters = genesis.slice(248, 248 + 2 * Number(big(origin.slice(2, 6))))
const genesisHash = hash("genesis", pack31(parameters), parameters.length / 2)
out["genesis.hash"] = hexOf(genesisHash, 32)
const [l1, settlement, salt] = [origin.slice(6, 22), origin.slice(22, 62), origin.slice(62, 124)].map(big)
out["chain.id"] = hexOf(hash("chain", [l1, settlement, genesisHash, salt]), 32)
const block = hash("random", [chain, 1n, 0n])
out["block.randomness"] = hexOf(low(block, 248), 31)

out["call.message"] = hexOf(message(chain, vectors["call.record"]), 32)
out["call.new-key.message"] = hexOf(message(chain, vectors["call.new-key.forced.record"]), 32)
const tape = ["record.genesis", "record.block", "call.record"]
out["tape.accumulator"] = hexOf(tape.reduce((acc, name) => absorb(acc, vectors[name]), hash("tape", [chain])), 32)

// An owner's key record holds both coordinates, words little-endian.
const words = cut(vectors["key.record.owner"], 32).map((word) => big(cut(word, 1).reverse().join("")))
out["account.id"] = hexOf(low(hash("account", [words[0], words[1]]), 160), 20)
out["account.id.l1"] = hexOf(low(hash("account-l1", [big("09".repeat(20))]), 160), 20)

const ascii = (text) => Buffer.from(text).toString("hex")
const user = low(hashBytes("key", ascii("game/1")), 248)
out["state.key.user"] = hexOf(user, 31)
out["state.key.account"] = hexOf(low(hash("system", [1n, big("07".repeat(20)), 0n]), 248), 31)
out["state.key.key"] = hexOf(low(hash("system", [2n, big("07".repeat(20)), 1n]), 248), 31)
out["state.key.params"] = hexOf(low(hash("system", [3n, 0n, 0n]), 248), 31)
out["state.key.upgrade"] = hexOf(low(hash("system", [4n, 0n, 0n]), 248), 31)
out["state.value.100"] = hexOf(hashBytes("value", "ab".repeat(100)), 32)
const leaf = (key, value) => hash("leaf", [key, value])
out["state.leaf"] = hexOf(leaf(user, hashBytes("value", "")), 32)
const entries = ["account", "key", "params", "upgrade"].map((name) => {
    const key = `state.key.${name}`
    return [big(out[key]), hashBytes("value", ascii(key))]
})
const root = (keys, bit) => {
    if (keys.length === 0) return 0n
    if (keys.length === 1) return leaf(...keys[0])
    const side = (right) => keys.filter(([key]) => ((key >> BigInt(247 - bit)) & 1n) === right)
    return poseidon2([root(side(0n), bit + 1), root(side(1n), bit + 1)])
}
out["state.root"] = hexOf(root([[user, hashBytes("value", "")], ...entries], 0), 32)

const event = hash("event", [3n, ...pack24("010203")], 3)
out["event.hash"] = hexOf(event, 32)
const names = ["ok", "reverted", "trapped", "out-of-gas", "invalid"]
const receipts = names.reduce((acc, name) => {
    const hex = vectors[`receipt.${name}`]
    return poseidon5([acc, big(hex.slice(0, 40).padEnd(62, "0")), ...cut(hex.slice(40), 32).map(big)])
}, hash("receipts", [chain]))
out["receipts.accumulator"] = hexOf(receipts, 32)

const header = Buffer.from(vectors["header"], "hex")
out["header.digest"] = sha256("playfair/1/block", header).toString("hex")
out["module.hash"] = sha256("playfair/1/module", [0, 0, 0, 1], sha256("original"), sha256("instrumented"))
    .subarray(0, 31)
    .toString("hex")

const vk = vectors["vk"]
const points = cut(vk.slice(2 * 43, -64), 16).map(big)
const head = [[10, 72], [72, 74], [74, 76], [76, 78], [78, 82], [82, 86]].map(([from, to]) => big(vk.slice(from, to)))
const digest = hash("vk", [...head, ...points, big(vk.slice(-64))])
out["vk.digest"] = hexOf(digest, 32)
const join = (layer) => (layer.length === 1 ? layer[0] : join(layer.flatMap((left, at) => (at % 2 ? [] : [poseidon2([left, layer[at + 1]])]))))
out["vk.set-root"] = hexOf(join(Array.from({ length: 16 }, (_, shape) => (shape === 1 ? digest : 0n))), 32)

for (const [name, hex] of Object.entries(out)) console.log(`${name} ${hex}`)
