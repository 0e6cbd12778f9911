// A chain in JavaScript: reads a tape's bytes (docs/FORMATS.md, section 5), runs an instrumented module in whatever
// WebAssembly engine this is, and has roots and accumulators after every block. It is what the browser tests compare
// wasmtime with, so it shares no code with it.
//
// Out of its reach, and not in the histories that it is given: signatures (it believes them), fees, upgrades, L1 calls,
// forced calls, and records that break the tape.
import {
    absorb, absorbFrames, be, big, bytesOf, concat, hash, hashBytes, hexOf, low, node, pack24, pack31, record,
    systemKey, unpack, words, wordsOf
} from "./chain-hash.mjs"
import { Accounts, Host, OK, OUT_OF_GAS, REVERTED, outcomeOf } from "./chain-host.mjs"

const CALL_GAS_MAX = 393216
const INIT_GAS = 196608
const SYSTEM_PRICE = 4096
const MODULE = 1n
const CREATED = 256n
const REASONS = [
    "encoding", "account", "accountExists", "key", "signature", "scope", "expired", "nonce", "gasLimit", "gasPrice"
]
const INVALID = Object.fromEntries(REASONS.map((reason, at) => [reason, [4, at + 1]]))

/** The live map with its root; a run's changes lie on top until it is known how the run ends. */
class State {
    constructor() {
        this.map = new Map()
        this.overlay = null
        this.nodes = new Map()
        this.leaves = new Map()
    }

    get(key) {
        if (this.overlay?.has(key)) return this.overlay.get(key)
        return this.map.get(key)
    }

    set(key, value) {
        if (this.overlay) this.overlay.set(key, value)
        else if (value) this.map.set(key, value)
        else this.map.delete(key)
    }

    remove(key) {
        this.set(key, undefined)
    }

    begin() {
        this.overlay = new Map()
    }

    end(keep) {
        const changes = this.overlay
        this.overlay = null
        if (keep) changes.forEach((value, key) => this.set(key, value))
    }

    /** Section 7, literally; what was hashed before is remembered. */
    root() {
        const memo = (cache, name, compute) => {
            if (!cache.has(name)) cache.set(name, compute())
            return cache.get(name)
        }
        const leaf = ([key, value]) =>
            memo(this.leaves, `${key} ${hexOf(value)}`, () => hash("leaf", [key, hashBytes("value", value)]))
        const join = (left, right) => memo(this.nodes, `${left} ${right}`, () => node(left, right))
        const root = (entries, level) => {
            if (entries.length === 0) return 0n
            if (entries.length === 1) return leaf(entries[0])
            const side = (bit) => entries.filter(([key]) => ((key >> BigInt(247 - level)) & 1n) === bit)
            return join(root(side(0n), level + 1), root(side(1n), level + 1))
        }
        return root([...this.map], 0)
    }
}

/** How many bytes the record that starts here has. */
const recordLength = (tape) => {
    const kind = tape[0] & 0x7f
    const length = kind === 6 ? big(tape.subarray(1, 3)) : big(tape.subarray(112, 114))
    const frames = (bytes) => Math.ceil(Math.max(0, bytes) / 124)
    if (kind === 1 || kind === 4) return 124
    if (kind === 2) return 124 * (1 + frames(Number(length) - 10))
    if (kind === 3) return 124 * (2 + frames(Number(length) - 10))
    if (kind === 6) return 124 * (1 + frames(Number(length)))
    throw new Error(`a record of kind ${tape[0]} is not in this peer`)
}

/** A call's fields. */
const readCall = (bytes) => {
    const int = (from, to) => big(bytes.subarray(from, to))
    const length = Number(int(112, 114))
    const isNew = (bytes[0] & 0x7f) === 3
    const rest = bytes.subarray(isNew ? 248 : 124)
    return {
        account: int(3, 23),
        keyIndex: bytes[23],
        lane: bytes[24],
        nonce: int(25, 31),
        validUntil: int(93, 99),
        gasLimit: Number(int(99, 103)),
        gasPrice: int(103, 111),
        entry: bytes[111],
        payload: concat(bytes.subarray(114, 124), rest).subarray(0, length),
        newKey: isNew ? concat(bytes.subarray(185, 186), bytes.subarray(124, 155)) : null,
        frames: bytes.length / 124
    }
}

/** An outbox message as frames (section 10); account 1 sends what a module sends. */
const messageFrames = ({ kind, to, amount, data }) =>
    concat(
        [kind, 0], be(MODULE, 20), be(data.length, 2), be(0, 7),
        be(0, 11), to,
        be(0, 15), be(amount, 16),
        be(0, 31),
        data, new Uint8Array((124 - (data.length % 124)) % 124)
    )

export class Chain {
    /** `instrumented` are the bytes that the chain's engines run. */
    static async of(instrumented) {
        const chain = new Chain()
        chain.module = await WebAssembly.compile(instrumented)
        chain.has = new Set(WebAssembly.Module.exports(chain.module).map(({ name }) => name))
        chain.state = new State()
        chain.accounts = new Accounts(chain.state)
        return chain
    }

    /** Applies a block's records; `told` are traps that an older V8 cannot tell apart, by record. */
    async block(bytes, told = []) {
        const done = []
        for (let rest = bytes; rest.length > 0; ) {
            const record = rest.subarray(0, recordLength(rest))
            rest = rest.subarray(record.length)
            done.push(await this.record(record, told[done.length]))
        }
        const element = (value) => hexOf(be(value, 32))
        return {
            records: done,
            root: element(this.state.root()),
            tape: element(this.tape),
            receipts: element(this.receipts),
            outbox: element(this.outbox)
        }
    }

    async record(bytes, told) {
        const kinds = { 1: this.blockRecord, 2: this.call, 3: this.call, 4: this.deposit, 6: this.genesis }
        const ran = await kinds[bytes[0] & 0x7f].call(this, bytes, told)
        this.tape = absorbFrames(this.tape, bytes)
        ran.messages.forEach((message) => (this.outbox = absorbFrames(this.outbox, messageFrames(message))))
        const events = ran.events.reduce((chain, [topic, data]) => {
            const event = hash("event", [BigInt(topic), ...pack24(data)], data.length)
            return hash("events", [chain, event])
        }, 0n)
        const head = concat(
            ran.outcome, be(ran.gas, 4), be(0, 12), [ran.messages.length, bytes.length / 124], be(0, 11)
        )
        this.receipts = absorb(this.receipts, [big(head), this.tape, hashBytes("output", ran.output), events])
        return {
            outcome: ran.outcome,
            gas: ran.gas,
            output: hexOf(ran.output),
            events: ran.events.map(([topic, data]) => [topic, hexOf(data)]),
            messages: ran.messages.length
        }
    }

    async genesis(bytes) {
        const int = (from, to) => big(bytes.subarray(from, to))
        const [l1, settlement, salt] = [int(3, 11), int(11, 31), int(31, 62)]
        const parameters = bytes.subarray(124, 124 + Number(int(1, 3)))
        const genesisHash = hash("genesis", pack31(parameters), parameters.length)
        this.chainId = hash("chain", [l1, settlement, genesisHash, salt])
        this.hasL1 = l1 !== 0n
        this.tape = hash("tape", [this.chainId])
        this.receipts = hash("receipts", [this.chainId])
        this.outbox = hash("outbox", [this.chainId])

        let at = 1 + 31
        const take = (length) => parameters.subarray(at, (at += length))
        const next = (length) => big(take(length))
        const schedule = next(2)
        this.time = next(6)
        const [mode, sponsor, price, recipient, tickGas] = [next(1), next(20), next(8), next(20), next(4)]
        next(8)
        const [authority, delay] = [next(20), next(8)]
        this.tickGas = Number(tickGas)
        this.height = 0n
        this.setRandomness(0n)
        const flags = 1n + (mode << 8n) + (this.hasL1 ? 1n << 15n : 0n) + (schedule << 16n) + (tickGas << 32n)
        const ids = [sponsor, recipient, authority].flatMap((id) => words(id, 3))
        this.state.set(systemKey(3), record([flags, price, ...ids, delay]))
        for (let count = next(2); count > 0n; count--) this.accounts.credit(next(20), next(16))
        const init = take(Number(next(2)))
        return this.system("init", [init.length], init, INIT_GAS)
    }

    setRandomness(seed) {
        this.randomness = low(hash("random", [this.chainId, this.height, seed]), 248)
    }

    async blockRecord(bytes) {
        this.height = big(bytes.subarray(1, 9))
        this.time = big(bytes.subarray(9, 15))
        this.setRandomness(big(bytes.subarray(31, 62)))
        return this.system("tick", [], new Uint8Array(), this.tickGas)
    }

    async deposit(bytes) {
        this.accounts.credit(big(bytes.subarray(3, 23)), big(bytes.subarray(46, 62)))
        return ended(OK, 0)
    }

    /** Init or tick, if the module has it and there is gas for it. */
    async system(name, args, payload, gas) {
        if (!this.has.has(name) || gas === 0) return ended(OK, 0)
        this.state.begin()
        const ran = await this.run(name, args, { payload, gas })
        this.state.end(ran.outcome === OK)
        return ran
    }

    async call(bytes, told) {
        const call = readCall(bytes)
        const base = 3600 + 480 * call.frames
        const key = call.newKey && unpack(call.newKey)
        const accountKey = systemKey(1, call.account)
        const account = this.accounts.words(call.account)
        const invalid = this.check(call, base, account, key)
        if (invalid) return ended(invalid, 0)

        account[2 + call.lane] += 1n
        if (key) {
            account[10] |= CREATED
            const owner = [...words(key[0], 4), ...words(key[1], 4), 0n, low(-1n, 48), 1n + 256n, 0n]
            this.state.set(systemKey(2, call.account, 0), record(owner))
        }
        this.state.set(accountKey, record(account))
        this.state.begin()
        const ran = await this.execute(call, call.gasLimit - base, told)
        this.state.end(ran.outcome === OK)
        return { ...ran, gas: ran.gas + base }
    }

    /** C2 to C8 of docs/STATEMENT.md for a free chain, without the signature. */
    check(call, base, account, key) {
        const isCreated = (account[10] & CREATED) !== 0n
        if (key) {
            if (low(hash("account", key), 160) !== call.account) return INVALID.account
            if (isCreated) return INVALID.accountExists
        } else {
            if (!isCreated) return INVALID.account
            const stored = this.state.get(systemKey(2, call.account, call.keyIndex))
            if (!stored) return INVALID.key
            const [scope, expiry, kind] = wordsOf(stored).slice(8)
            const isSession = kind === 1n + 512n
            const allowed = call.entry < 64 && (scope >> BigInt(call.entry)) & (expiry >> BigInt(48 + call.lane)) & 1n
            if (this.time > low(expiry, 48) || (isSession && !allowed)) return INVALID.scope
        }
        if (this.time > call.validUntil) return INVALID.expired
        if (account[2 + call.lane] !== call.nonce) return INVALID.nonce
        if (call.gasLimit < base || call.gasLimit > CALL_GAS_MAX) return INVALID.gasLimit
        if (call.gasPrice !== 0n) return INVALID.gasPrice
        return null
    }

    async execute({ account, entry, payload, keyIndex }, gas, told) {
        const run = (entry, payload, gas, value) =>
            this.run("call", [entry, payload.length], { payload, gas, caller: account, value, told })
        if (entry < 240) return run(entry, payload, gas, 0n)
        if (gas < SYSTEM_PRICE) return ended(OUT_OF_GAS, gas)
        const int = (from, to) => big(payload.subarray(from, to))
        if (entry === 240) {
            const [index, role, expires] = [payload[0], payload[1], int(19, 25)]
            if (index === keyIndex && role === 2) return ended(REVERTED, SYSTEM_PRICE)
            const [x, y] = unpack(payload.subarray(25, 57))
            const expiry = expires + (BigInt(payload[18]) << 48n)
            const words12 = [...words(x, 4), ...words(y, 4), int(2, 10), expiry, 1n + 256n * BigInt(role), int(10, 18)]
            this.state.set(systemKey(2, account, index), record(words12))
            return ended(OK, SYSTEM_PRICE)
        }
        if (entry === 242) {
            const problem = this.accounts.transfer(account, int(0, 20), int(20, 36))
            return ended(problem ? REVERTED : OK, SYSTEM_PRICE)
        }
        if (entry === 245) {
            const [inner, amount] = [payload[0], int(1, 17)]
            if (this.accounts.transfer(account, MODULE, amount)) return ended(REVERTED, SYSTEM_PRICE)
            const ran = await run(inner, payload.subarray(17), gas - SYSTEM_PRICE, amount)
            return { ...ran, gas: ran.gas + SYSTEM_PRICE }
        }
        throw new Error(`the system entry ${entry} is not in this peer`)
    }

    /** Asks the module's query, after the last block. */
    async query(entry, payload, told) {
        this.state.begin()
        const context = { payload, gas: CALL_GAS_MAX, readOnly: true, told }
        const answers = this.has.has("query")
        const ran = answers ? await this.run("query", [entry, payload.length], context) : ended(REVERTED, 0)
        this.state.end(false)
        return { outcome: ran.outcome, gas: ran.gas, output: hexOf(ran.output) }
    }

    /** Runs an entry point in a fresh instance. */
    async run(name, args, { payload, gas, caller = 0n, value = 0n, readOnly = false, told }) {
        const { chainId, hasL1, height, time, randomness } = this
        const context = { chainId, hasL1, height, time, randomness, payload, caller, value, readOnly }
        const host = new Host(this.state, context)
        const instance = await WebAssembly.instantiate(this.module, host.imports())
        host.attach(instance)
        instance.exports["playfair:gas"].value = gas
        try {
            instance.exports[name](...args)
        } catch (error) {
            const outcome = outcomeOf(error, instance, told)
            const used = outcome === OUT_OF_GAS ? gas : gas - instance.exports["playfair:gas"].value
            return ended(outcome, used, error.bytes)
        }
        const used = gas - instance.exports["playfair:gas"].value
        return { outcome: OK, gas: used, output: host.output, events: host.events, messages: host.messages }
    }
}

/** An execution that put nothing out but, perhaps, a revert's message. */
const ended = (outcome, gas, output = new Uint8Array()) => ({ outcome, gas, output, events: [], messages: [] })

/**
 * Runs one history: `{ module, blocks: [{ bytes, told, queries: [{ entry, payload, told }] }] }`, bytes as hexadecimal
 * text. Returns what every block did.
 */
export const runHistory = async ({ module, blocks }) => {
    const chain = await Chain.of(bytesOf(module))
    const done = []
    for (const { bytes, told, queries } of blocks) {
        const block = await chain.block(bytesOf(bytes), told)
        block.answers = []
        for (const { entry, payload, told } of queries) {
            block.answers.push(await chain.query(entry, bytesOf(payload), told))
        }
        done.push(block)
    }
    return done
}
