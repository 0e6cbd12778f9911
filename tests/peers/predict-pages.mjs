// Predictions in real pages: `node predict-pages.mjs SCENARIO PACKAGE RECORDING`. The recorded chain is the node; what it did is what must be foreseen.
import assert from "node:assert/strict"
import { lab } from "./lab.mjs"

const PAGE = `import { LightClient } from "/client.mjs"
import { Predictor, PredictError } from "/predict.mjs"
const bytes = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16))
globalThis.lab = {
    Predictor, PredictError, bytes,
    async open(node, link, worker) {
        this.client = await LightClient.open(node, link, { insecure: true })
        this.predictor = await Predictor.open(this.client, node, worker ? { worker } : {})
    },
    calls(records, timeMs) { return this.predictor.calls(records.map(bytes), { timeMs }) },
    query(payload) { return this.predictor.query(0, bytes(payload)) },
}
`

/** The first game's state, as the chess module is asked for it: its number. */
const GAME = "01000000"
/** `(module (memory 1) (func (export "call") (export "query") (param i32 i32) (loop (br 0))))`. */
const LOOPS = [
    "00000002fd49c025f9d89a37c5604c137c930cc28b7fb3f35ff003ab6895b0dab15aff580061736d0100000001060160027f7f000302010005050101018002060d027f014100",
    "0b7f014180c0000b0739050463616c6c00000571756572790000066d656d6f727902000c706c6179666169723a67617303000e706c6179666169723a737461636b03010a4301",
    "41002301410a6b240123014100480440000b230041026b240023004100480440000b02400340230041016b240023004100480440000b0c000b0b2301410a6a24010b"
].join("")

const open = async ({ tab, node, recorded }) => {
    const page = await tab()
    await page.evaluate(([node, link]) => globalThis.lab.open(node, link), [node.url, recorded.link])
    return page
}
const foresee = (page, records, timeMs) => page.evaluate(([records, timeMs]) => globalThis.lab.calls(records, timeMs), [records, timeMs])

/** What the chain did after the first part: its calls, block by block. */
const happened = (recorded) => {
    const chain = Object.keys(recorded.parts[1]).find((name) => name.endsWith("/blocks/7"))
    return Array.from({ length: 8 }, (_, place) => {
        const { json } = recorded.parts[1][chain.replace(/7$/, String(7 + place))]
        const [, call] = json.records
        return { ...call, timeMs: json.time_ms }
    })
}
const told = ({ outcome, output, events, gasUsed }) => [outcome.name, output, events, gasUsed]
const did = ({ outcome, output, events, gas_used: gasUsed }) => [outcome, output, events, gasUsed]

await lab({
    /** The calls of the second part, foreseen at the end of the first: outcomes, outputs, gas, events, and what changes. */
    async happens(scene) {
        const page = await open(scene)
        const calls = happened(scene.recorded)
        const [first] = calls
        const one = await foresee(page, [first.record], first.timeMs)
        assert.equal(one.height, 6)
        assert.deepEqual(told(one.calls[0]), did(first))
        const places = one.changes.map(({ place }) => ({ place }))
        const name = Object.keys(scene.recorded.parts[1]).find((name) => name.endsWith("/state " + JSON.stringify({ keys: places, height: 7 })))
        assert.ok(name, `record what the state after block 7 has at ${JSON.stringify(places)}`)
        assert.deepEqual(one.changes.map(({ value }) => value), scene.recorded.parts[1][name].json.values)
        const all = await foresee(page, calls.map(({ record }) => record), first.timeMs)
        assert.deepEqual(all.calls.map(told), calls.map(did))
        // Again: nothing more is asked.
        scene.node.asked.length = 0
        assert.deepEqual((await foresee(page, calls.map(({ record }) => record), first.timeMs)).calls, all.calls)
        assert.deepEqual(scene.node.asked, [])
    },

    /** After the chain went on, one question brings everything up to date, and predictions ask nobody. */
    async refreshed(scene) {
        const page = await open(scene)
        const calls = happened(scene.recorded)
        await foresee(page, calls.map(({ record }) => record), calls[0].timeMs)
        const before = await page.evaluate((game) => globalThis.lab.query(game), GAME)
        assert.deepEqual([before.height, before.rung, before.outcome.name], [6, "sequenced", "ok"])
        scene.node.part = 1
        scene.node.asked.length = 0
        await page.evaluate(() => globalThis.lab.predictor.refresh())
        assert.equal(scene.node.asked.length, 1)
        const after = await page.evaluate((game) => globalThis.lab.query(game), GAME)
        assert.equal(after.height, 14)
        const chain = scene.node.asked[0].split("/state")[0]
        const answer = scene.recorded.parts[1][`${chain}/query ${JSON.stringify({ entry: 0, payload: GAME })}`]
        assert.equal(after.output, answer.json.output)
        assert.notEqual(after.output, before.output)
        // The last call once more has a nonce that is used.
        const again = await foresee(page, [calls.at(-1).record])
        assert.deepEqual(again.calls[0].outcome, { name: "invalid", detail: 8 })
        assert.equal(scene.node.asked.length, 1)
    },

    /** A node that shows another module is caught before it runs; what is no module, too. */
    async modules(scene) {
        const page = await scene.tab()
        for (const [body, message] of [[Buffer.from(LOOPS, "hex"), /another module/], [Buffer.from("no module"), /./], [Buffer.alloc((4 << 20) + 1), /more than/]]) {
            scene.node.change = (asked, answer) => (asked.endsWith("/module/instrumented") ? body : answer)
            const error = await page.evaluate(
                ([node, link]) => globalThis.lab.open(node, link).catch(({ kind, message }) => ({ kind, message })), [scene.node.url, scene.recorded.link]
            )
            assert.match(error.message, message)
            assert.equal(error.kind, body.length > 4 << 20 ? "unreachable" : "module")
        }
    },

    /** No engine sees a module before a verified block has named it, nor one that has more memory than admitted ones. */
    async compiled(scene) {
        const page = await open(scene)
        const seen = await page.evaluate(async ([node, loops, large]) => {
            const { lab } = globalThis
            const { default: init, Predictor } = await import("/predictor.js")
            await init()
            let compiled = 0
            WebAssembly.Module = class extends WebAssembly.Module {
                constructor(code) {
                    compiled += 1
                    super(code)
                }
            }
            const read = await lab.client.read([Predictor.paramsPlace()])
            const begin = (predictor, boundary) => {
                try {
                    predictor.begin(read.chainId, boundary)
                    return "begun"
                } catch ({ kind, message }) {
                    return `${kind}: ${message}`
                }
            }
            /** The boundary of a chain that runs this module. */
            const own = (predictor) => predictor.hash() + read.boundary.slice(62)
            const [other, tooLarge] = [loops, large].map((digits) => new Predictor(lab.bytes(digits)))
            const response = await fetch(`${node}/v1/chains/${read.chainId}/module/instrumented`)
            const chains = new Predictor(new Uint8Array(await response.arrayBuffer()))
            const before = compiled
            const refused = [begin(other, read.boundary), begin(chains, own(other)), begin(tooLarge, own(tooLarge))]
            const after = compiled
            const begun = [begin(chains, read.boundary), begin(chains, read.boundary), begin(other, own(other))]
            return { refused, begun, compiled: [before, after, compiled] }
        }, [scene.node.url, LOOPS, LOOPS.replace("05050101018002", "05050101018004")])
        assert.match(seen.refused[0], /^module: .*another module/)
        assert.match(seen.refused[1], /^module: .*another module/)
        assert.match(seen.refused[2], /^module: .*its memory/)
        assert.deepEqual(seen.begun, ["begun", "begun", "begun"])
        assert.deepEqual(seen.compiled, [0, 0, 2])
    },

    /** A module that loops runs out of gas; a worker that does not answer is ended, and another one started for the next prediction. */
    async slow(scene) {
        const page = await open(scene)
        const seen = await page.evaluate(async ([loops]) => {
            const { default: init, Predictor } = await import("/predictor.js")
            await init()
            const { lab } = globalThis
            const looping = new Predictor(lab.bytes(loops))
            const read = await lab.client.read([Predictor.paramsPlace()])
            // The boundary of a chain that runs this module.
            looping.begin(read.chainId, looping.hash() + read.boundary.slice(62))
            looping.know(Predictor.paramsPlace(), lab.bytes(read.values[0]))
            const begin = performance.now()
            const { will } = looping.query(0, new Uint8Array())
            return { outcome: will.outcome.name, ms: performance.now() - begin }
        }, [LOOPS])
        assert.equal(seen.outcome, "out-of-gas")
        assert.ok(seen.ms < 2_000, `${seen.ms} ms`)
        const ended = await page.evaluate(async ([node, link, record]) => {
            const { lab } = globalThis
            let made = 0
            const predictor = await lab.Predictor.open(lab.client, node, {
                worker: () => {
                    made += 1
                    const worker = new Worker("/predict-worker.mjs", { type: "module" })
                    const post = worker.postMessage.bind(worker)
                    // The first one never gets to run anything.
                    if (made === 1) worker.postMessage = (message) => message.ask === "calls" || post(message)
                    return worker
                }
            })
            const error = await predictor.calls([lab.bytes(record)]).catch((error) => error)
            const then = await predictor.calls([lab.bytes(record)])
            predictor.close()
            const closed = await predictor.query(0, new Uint8Array()).catch(({ kind }) => kind)
            return { kind: error.kind, isOurs: error instanceof lab.PredictError, made, calls: then.calls.length, closed }
        }, [scene.node.url, scene.recorded.link, happened(scene.recorded)[0].record])
        assert.deepEqual(ended, { kind: "slow", isOurs: true, made: 2, calls: 1, closed: "closed" })
    },

    /** Not a test: a chess move with everything known, signature included, median ms. */
    async cost(scene) {
        const page = await open(scene)
        const [first] = happened(scene.recorded)
        const times = []
        for (let round = 0; round < 41; round += 1) times.push((await foresee(page, [first.record], first.timeMs)).ms)
        times.sort((left, right) => left - right)
        process.stdout.write(`${JSON.stringify({ predict_ms: times[20] })}\n`)
    }
}, PAGE)
