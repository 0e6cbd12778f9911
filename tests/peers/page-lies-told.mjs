// The lies of page-lies.mjs: what a node says that is not so, whom it is told, and what the page must call it (light-client/core/src/lie.rs).
//
// Each changes one thing in answers that a real node gave, and needs no secret. `by` says what makes the page ask (page-lies.mjs), `caught` is the
// lie's name on the screen, `said` what else the page must say of silence and nonsense, `proven` what must not be shown as proven meanwhile.

/** Where a header's bytes have what (docs/FORMATS.md section 12). */
const AT = {
    chain: 32, parent: 33, tapeBefore: 96, module: 131, stateRoot: 195, height: 355, time: 361, callsRoot: 399, receiptsRoot: 431
}
/** A certificate ends with the digest of what is signed and the signature (section 13). */
const PAYLOAD_FROM_END = 80
/** An envelope's key, and the state root behind its segment (sections 11 and 15). */
const ENVELOPE = { key: 5, rootAfter: 4 + 1 + 32 + 32 + 20 + 8 + 298 + 31 + 32 + 31 }
/** Where a verifying key names its module (section 15). */
const KEY_MODULE = 4 + 1 + 30
const BYTES_MAX_OF_ANY = 40 << 20

export const turned = (digits, place) => {
    const bytes = Buffer.from(digits, "hex")
    bytes[place < 0 ? bytes.length + place : place] ^= 1
    return bytes.toString("hex")
}
const exchanged = (list, one, other) => void ([list[one], list[other]] = [list[other], list[one]])
const digest = async (header) => {
    const tagged = Buffer.concat([Buffer.from("playfair/1/block"), header])
    return Buffer.from(await crypto.subtle.digest("SHA-256", tagged))
}

const isHead = (path) => path === ""
const isState = (path) => path === "/state"
const isCall = (path, method) => method === "GET" && path.startsWith("/calls/")
const isSubmission = (path, method) => method === "POST" && path === "/calls"
const isBlock = (path) => /^\/blocks\/[1-9]\d*$/.test(path)
const isList = (path) => /^\/blocks\?/.test(path) && !path.endsWith("count=1")
const isPlaces = (path) => path.startsWith("/accounts/")
const isModule = (path) => path.startsWith("/module")
const isProofs = (path) => path.startsWith("/proofs?from=")
const isProof = (path) => /^\/proofs\/\d+$/.test(path)
const isReceipts = (path) => /^\/proofs\/\d+\/receipts$/.test(path)
const isKey = (path) => path.startsWith("/keys/")
const isKeySet = (path) => path.startsWith("/key-sets/")

/** What a change gives: false is "nothing to lie about here". */
const inJson = (about, change) => ({
    about,
    async change(answer, node, asked) {
        if (answer.status !== 200) return null
        const value = JSON.parse(answer.body)
        const changed = await change(value, node, asked)
        return changed === false ? null : { ...answer, body: Buffer.from(JSON.stringify(changed ?? value)) }
    }
})
const inBytes = (about, change) => ({
    about,
    async change(answer, node, asked) {
        const body = answer.status === 200 ? await change(Buffer.from(answer.body), node, asked) : null
        return body && { ...answer, body }
    }
})
/** Another answer, whatever the true one is. */
const instead = (about, status, body, type = "application/json") => ({
    about,
    change: async (answer) => ({ ...answer, status, headers: { ...answer.headers, "content-type": type }, body: Buffer.from(body) })
})
const never = (about, how) => ({ about, change: async () => how })
const bit = (place) => (body) => {
    body[place < 0 ? body.length + place : place] ^= 1
    return body
}

const refusal = (code, message) => JSON.stringify({ error: { code, message } })

/** A block of the node's own under a signature that belongs to another. */
const forged = async (block, change) => {
    const [header, certificate] = [Buffer.from(block.header, "hex"), Buffer.from(block.certificate, "hex")]
    change(header)
    const claimed = await digest(header)
    claimed.copy(certificate, certificate.length - PAYLOAD_FROM_END)
    const told = { header: header.toString("hex"), certificate: certificate.toString("hex"), digest: claimed.toString("hex") }
    return { ...block, ...told, height: Number(header.readBigUInt64BE(AT.height - 7)) }
}

const head = (name, caught, change) => ({ name, caught, by: "head", ...inJson(isHead, change) })
/** Of a header that is known the certificate is not looked at again: who knows nothing looks at it. */
const unknown = (...lie) => ({ ...head(...lie), by: "newcomer", proven: "nothing" })
const headerBit = (what, place, caught = "other-certificate") =>
    head(`the head's header: ${what}`, caught, (chain) => { chain.head.header = turned(chain.head.header, place) })

const HEADS = [
    headerBit("chain id", AT.chain, "other-chain"), headerBit("parent", AT.parent), headerBit("tape before it", AT.tapeBefore),
    headerBit("module", AT.module), headerBit("state root", AT.stateRoot), headerBit("time", AT.time),
    headerBit("calls' root", AT.callsRoot), headerBit("receipts' root", AT.receiptsRoot),
    head("the head's header: height", "other-certificate", (chain) => {
        const header = Buffer.from(chain.head.header, "hex")
        header.writeBigUInt64BE(header.readBigUInt64BE(AT.height - 7) + 1n, AT.height - 7)
        chain.head.header = header.toString("hex")
    }),
    head("the head's header: cut short", "encoding", (chain) => { chain.head.header = chain.head.header.slice(0, -2) }),
    head("the head's header: capitals", "form", (chain) => { chain.head.header = chain.head.header.toUpperCase() }),
    unknown("a certificate's byte", "certificate", (chain) => { chain.head.certificate = turned(chain.head.certificate, -1) }),
    unknown("a certificate's epoch", "certificate", (chain) => { chain.head.certificate = turned(chain.head.certificate, 0) }),
    head("a certificate cut short", "encoding", (chain) => { chain.head.certificate = chain.head.certificate.slice(0, -2) }),
    unknown("no certificate", "no-certificate", (chain) => { chain.head.certificate = null }),
    unknown("another block's certificate", "other-certificate", async (chain, node) => {
        const [before] = await node.json(`/blocks?from=${chain.head.height - 1}&count=1`)
        chain.head.certificate = before.certificate
    }),
    head("another block of this height, under the true signature", "certificate", async (chain) => {
        chain.head = await forged(chain.head, (header) => { header[AT.stateRoot] ^= 1 })
    }),
    head("a next block that nobody signed", "certificate", async (chain) => {
        const parent = await digest(Buffer.from(chain.head.header, "hex"))
        chain.head = await forged(chain.head, (header) => {
            header.writeBigUInt64BE(header.readBigUInt64BE(AT.height - 7) + 1n, AT.height - 7)
            parent.copy(header, AT.parent)
        })
    }),
    head("the head rolled back", "rolled-back", async (chain, node) => {
        const [before] = await node.json(`/blocks?from=${chain.head.height - 1}&count=1`)
        chain.head = before
    }),
    head("no head", "form", (chain) => { delete chain.head })
]

/** Of the second chain's node, an honest one. */
export const ofAnotherChain = (other) => [head("another chain's head", "other-chain", () => other)]

const nonsense = (name, body, type) => ({ name, caught: "form", by: "head", ...instead(isHead, 200, body, type) })
const NONSENSE = [
    nonsense("garbage", Buffer.from(Array.from({ length: 999 }, (_, place) => (place * 167 + 13) & 255)), "application/octet-stream"),
    nonsense("HTML", "<!doctype html><script>document.body.innerHTML='proven'</script>", "text/html"),
    nonsense("nothing at all", ""),
    nonsense("deeply nested JSON", "[".repeat(60_000) + "]".repeat(60_000)),
    nonsense("numbers beyond all", `{"head":{"height":1e999,"header":1e999,"certificate":[]}}`),
    { name: "an answer without end", said: /does not answer/, by: "head", ...instead(isHead, 200, Buffer.alloc(BYTES_MAX_OF_ANY, 0x5b)) },
    { name: "a head that does not exist", said: /refuses/, by: "head", ...instead(isHead, 404, refusal("unknown_chain", "there is no such chain")) },
    { name: "a node that has too much to do", said: /refuses/, by: "head", ...instead(isHead, 503, refusal("busy", "later")) },
    { name: "a node that hangs up", said: /does not answer/, by: "head", ...never(isHead, "hang up") }
]

const list = (name, caught, change) => ({ name, caught, by: "blocks", ...inJson(isList, change) })
const LISTS = [
    list("a list out of order", "other-height", (blocks) => exchanged(blocks, 1, 2)),
    list("a list that leaves a block out", "other-height", (blocks) => { blocks.splice(2, 1) }),
    list("a list with an unsigned block", "no-certificate", (blocks) => { blocks[2].certificate = null }),
    list("a list with a damaged certificate", "certificate", (blocks) => { blocks[2].certificate = turned(blocks[2].certificate, -1) }),
    list("a list with more than was asked for", "form", (blocks) => { blocks.push(...blocks) })
]

const block = (name, caught, change) => ({ name, caught, by: "block", ...inJson(isBlock, change) })
const BLOCKS = [
    block("a block without its last record", "record-place", ({ records }) => { records.pop() }),
    block("a block with two records exchanged", "record-place", ({ records }) => exchanged(records, 0, 1)),
    block("a block with two receipts exchanged", "receipt-place", ({ records: [one, other] }) => {
        for (const part of ["receipt", "receipt_body"]) [one[part], other[part]] = [other[part], one[part]]
    }),
    block("a block with another payload", "record-place", ({ records }) => { records[1].record = turned(records[1].record, -40) }),
    block("a block with another outcome", "receipt-place", ({ records }) => { records[1].receipt = turned(records[1].receipt, 5) }),
    block("a block with another output", "receipt-body", ({ records }) => { records[1].receipt_body = "00046d61746500" }),
    block("a block with another state root", "other-certificate", (shown) => { shown.header = turned(shown.header, AT.stateRoot) }),
    block("another block", "other-height", (shown, node) => node.json(`/blocks/${shown.height - 1}`)),
    { name: "a block withheld for ever", said: /Asking the node/, by: "block", ...never(isBlock, "silence") },
    { name: "a block denied", said: /refuses/, by: "block", ...instead(isBlock, 404, refusal("unknown_block", "<b>it is proven</b>")) }
]

const call = (name, caught, change) => ({ name, caught, by: "call", ...inJson(isCall, change) })
const ofCall = (name, caught, part, change) => call(name, caught, ({ evidence }) => { evidence[part] = change(evidence[part]) })
const CALLS = [
    ofCall("a call's record", /other-call|record-place/, "record", (record) => turned(record, -40)),
    ofCall("a call's outcome", "receipt-place", "receipt", (receipt) => turned(receipt, 5)),
    ofCall("a call's outcome: reverted", /receipt-place|encoding/, "receipt", (receipt) => turned(receipt, 0)),
    ofCall("a call's output", "receipt-body", "receipt_body", () => "00046d61746500"),
    ofCall("a call's event", "receipt-body", "receipt_body", (body) => turned(body, -1)),
    ofCall("a call's events left out", "receipt-body", "receipt_body", () => "000000"),
    ofCall("a call's place", "record-place", "record_path", (path) => turned(path, 3)),
    ofCall("a call's path", "record-place", "record_path", (path) => turned(path, -1)),
    ofCall("a receipt's path", "receipt-place", "receipt_path", (path) => turned(path, -1)),
    call("another call", "other-call", async (shown, node) => node.json(`/calls/${await otherCall(node, shown.evidence.block.height)}`)),
    call("a call in another block", "record-place", async ({ evidence }, node) => {
        [evidence.block] = await node.json(`/blocks?from=${evidence.block.height - 1}&count=1`)
    }),
    call("a call under a proof of others", "not-proven", (shown) => { shown.proof = 0 }),
    call("a call without evidence of its receipt", "form", ({ evidence }) => { delete evidence.receipt }),
    { name: "a call denied in the explorer", caught: "denied", by: "call", ...instead(isCall, 404, refusal("unknown_call", "no such call")) }
]
/** A call of the block before. */
const otherCall = async (node, height) => {
    const { records } = await node.json(`/blocks/${height - 1}`)
    return records.find(({ id }) => id).id
}

const state = (name, caught, change) => ({ name, caught, by: "state", ...inJson(isState, change) })
const proofOf = async (node, key) => (await node.json("/state", { keys: [key] }))
const STATES = [
    state("a value changed", "other-value", (told) => { told.values[0] = turned(told.values[0], -1) }),
    state("a value shortened", "other-value", (told) => { told.values[0] = told.values[0].slice(0, -2) }),
    state("the value of another key", "other-value", async (told, node) => { told.values = (await proofOf(node, "params")).values }),
    state("a value hidden", "hidden-value", (told) => { told.values[0] = null }),
    state("an absence claimed with its proof", "state-proof", async (told, node) => {
        const absent = await proofOf(node, { module: "ff" })
        Object.assign(told, { values: absent.values, proof: absent.proof })
    }),
    state("a state proof's node changed", "state-proof", (told) => { told.proof = turned(told.proof, -1) }),
    state("a state proof's node dropped", "encoding", (told) => { told.proof = told.proof.slice(0, -64) }),
    state("no state proof", "encoding", (told) => { told.proof = "" }),
    state("too few values", "form", (told) => { told.values.pop() }),
    state("a state of yesterday", "rolled-back", async (told, node, { question }) => {
        const asked = JSON.parse(question)
        if (asked.height !== undefined) return false
        return node.json("/state", { ...asked, height: told.block.height - 1 })
    }),
    state("a state of another height than was asked for", "other-height", async (told, node, { question }) => {
        const asked = JSON.parse(question)
        if (asked.height === undefined) return false
        return node.json("/state", { ...asked, height: asked.height - 1 })
    })
]

/** An account's record and its first 16 keys are asked for together. */
const account = (name, caught, change) => ({
    name, caught, by: "wallet",
    ...inJson(isState, (told, node, asked) => (told.values.length === 17 && told.values[0] !== null ? change(told) : false))
})
const ACCOUNTS = [
    account("an account's record: its first byte", "other-value", (told) => { told.values[0] = turned(told.values[0], 0) }),
    account("an account's balance or nonce", "other-value", (told) => { told.values[0] = turned(told.values[0], -1) }),
    account("an account said to be new", "hidden-value", (told) => { told.values[0] = null }),
    account("a key that an account has not", "invented-value", (told) => { told.values[7] = "00" }),
    account("an account's key changed", "other-value", (told) => told.values[1] !== null && void (told.values[1] = turned(told.values[1], 0))),
    account("an account's key hidden", "hidden-value", (told) => told.values[1] !== null && void (told.values[1] = null)),
    { name: "an account withheld", said: /not verified/, by: "wallet", ...never(isState, "hang up") }
]

const proof = (name, caught, change) => ({ name, caught, by: "newcomer", proven: "nothing", ...inBytes(isProof, change) })
const PROOFS = [
    proof("a proof's last byte", "proof", bit(-1)),
    proof("a proof cut short", "encoding", (body) => body.subarray(0, -1)),
    proof("a proof's result: the state root behind it", /^proof/, bit(ENVELOPE.rootAfter)),
    proof("a proof under a key that the chain does not name", "key-not-in-set", bit(ENVELOPE.key + 31)),
    proof("a proof of another place", "proof-gap", async (body, node, { path }) => {
        const { proofs } = await node.json("/proofs?from=0&count=16")
        const other = proofs.find(({ first_frame: frame }) => path !== `/proofs/${frame}`)
        return node.bytes(`/proofs/${other.first_frame}`)
    }),
    { name: "a proof left out", caught: "proof-gap", by: "newcomer", proven: "nothing", ...inJson(isProofs, ({ proofs }) => proofs.length > 1 && void proofs.shift()) },
    { name: "proofs that are no list", caught: "form", by: "newcomer", proven: "nothing", ...inJson(isProofs, () => ({ proofs: {} })) },
    { name: "proofs withheld", said: /refuses/, by: "newcomer", proven: "nothing", ...instead(isProof, 404, refusal("unknown_proof", "later")) },
    { name: "a key's byte", caught: /^(other-key|encoding)$/, by: "newcomer", proven: "nothing", ...inBytes(isKey, bit(-1)) },
    { name: "a key for another module", caught: "other-key", by: "newcomer", proven: "nothing", ...inBytes(isKey, bit(KEY_MODULE)) },
    { name: "a key cut short", caught: "encoding", by: "newcomer", proven: "nothing", ...inBytes(isKey, (body) => body.subarray(0, -1)) },
    { name: "a set with another key", caught: "other-key-set", by: "newcomer", proven: "nothing", ...inBytes(isKeySet, bit(-1)) },
    { name: "no set of keys", caught: "encoding", by: "newcomer", proven: "nothing", ...inBytes(isKeySet, () => Buffer.alloc(0)) },
    { name: "another receipt", caught: "receipts", by: "newcomer", proven: "no move", ...inBytes(isReceipts, bit(-1)) },
    { name: "half a receipt", caught: "encoding", by: "newcomer", proven: "no move", ...inBytes(isReceipts, (body) => body.subarray(0, -1)) },
    {
        name: "receipts of another segment", caught: "receipts", by: "newcomer", proven: "no move",
        ...inBytes(isReceipts, async (body, node, { path }) => {
            const { proofs } = await node.json("/proofs?from=0&count=16")
            const other = proofs.find(({ first_frame: frame }) => !path.startsWith(`/proofs/${frame}/`))
            return node.bytes(`/proofs/${other.first_frame}/receipts`)
        })
    }
]
const NEWCOMERS = [
    { name: "a module's byte", said: /module/, by: "newcomer", ...inBytes(isModule, bit(-1)) },
    { name: "no module", said: /module/, by: "newcomer", ...instead(isModule, 404, refusal("unknown_module", "gone")) },
    { name: "a game's value hidden", caught: "hidden-value", by: "newcomer", ...inJson(isState, (told) => {
        const last = told.values.findLastIndex((value) => value !== null)
        if (told.values.length === 17 || last < 0) return false
        told.values[last] = null
    }) },
    { name: "a game's value changed", caught: "other-value", by: "newcomer", ...inJson(isState, (told) => {
        const last = told.values.findLastIndex((value) => value !== null)
        if (told.values.length === 17 || last < 0) return false
        told.values[last] = turned(told.values[last], -1)
    }) },
    { name: "calls kept silent about", said: /has not shown \d+ of the moves/, by: "newcomer", ...inJson(isPlaces, () => []) },
    { name: "more calls than were asked for", caught: "form", by: "newcomer", ...inJson(isPlaces, (places) => Array(100).fill(places[0])) },
    { name: "calls that are none", said: /has not shown \d+ of the moves/, by: "newcomer", ...inJson(isPlaces, (places) => {
        for (const place of places) place.id = turned(place.id, 5)
    }) }
]

const submission = (name, caught, change) => ({ name, caught, by: "move", ...inJson(isSubmission, change) })
const MOVES = [
    submission("a move's outcome", "receipt-place", ({ evidence }) => { evidence.receipt = turned(evidence.receipt, 5) }),
    submission("a move's event", "receipt-body", ({ evidence }) => { evidence.receipt_body = turned(evidence.receipt_body, -1) }),
    submission("another move", /other-call|record-place/, ({ evidence }) => { evidence.record = turned(evidence.record, -40) }),
    submission("a move in an unsigned block", "no-certificate", ({ evidence }) => { evidence.block.certificate = null }),
    { name: "a move refused", said: /refuses/, by: "move", ...instead(isSubmission, 503, refusal("busy", "later")) },
    { name: "a move that is not answered", said: /does not answer/, by: "move", ...never(isSubmission, "hang up") },
    { name: "a move denied when it was shown", caught: "denied", by: "move", ...instead(isCall, 404, refusal("unknown_call", "no such call")) }
]

/** The lies of each scenario. */
export const LIES = {
    blocks: [...HEADS, ...NONSENSE, ...LISTS, ...BLOCKS],
    values: [...CALLS, ...STATES, ...ACCOUNTS, ...MOVES],
    proofs: [...PROOFS, ...NEWCOMERS]
}
