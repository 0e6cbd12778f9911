// The peer of the setup's tests: lets snarkjs make a powers-of-tau file. snarkjs is run, never linked or shipped.
//
// Reads one JSON request a line on stdin and answers each with one JSON line, `{"ok": [path]}` or `{"error": text}`:
//   {"power", "beacon": hexadecimal, "out": path}  a ceremony of one public beacon, so that its file is always the same
//   {"prepare": path, "out": path}                 the file with Lagrange bases, as for a second phase
//   {"verify": path}                               fails unless snarkjs finds the file right
import { createInterface } from "node:readline"
import { rm } from "node:fs/promises"
import { curves, powersOfTau } from "snarkjs"

const ITERATIONS_EXP = 10
const curve = await curves.getCurveFromName("bn128")

async function answer({ power, beacon, prepare, verify, out }) {
    if (prepare) {
        await powersOfTau.preparePhase2(prepare, out)
    } else if (verify) {
        if (!(await powersOfTau.verify(verify))) throw new Error(`${verify} is not right`)
    } else {
        const start = `${out}.new`
        await powersOfTau.newAccumulator(curve, power, start)
        await powersOfTau.beacon(start, out, "beacon", beacon, ITERATIONS_EXP)
        await rm(start)
    }
    return out ?? verify
}

for await (const line of createInterface({ input: process.stdin })) {
    let result
    try {
        result = { ok: [await answer(JSON.parse(line))] }
    } catch (error) {
        result = { error: String(error && error.message ? error.message : error) }
    }
    process.stdout.write(`${JSON.stringify(result)}\n`)
}
await curve.terminate()
