// The host functions, written from docs/HOST.md: every function of its table with its price, its limits and what it
// refuses. A host serves one run; what the run changes is in `overlay`, and the machine keeps it if the run ends ok.
import {
    R, be, big, bigLittle, le, poseidon2, poseidon5, record, systemKey, userKey, wordsOf
} from "./chain-hash.mjs"

export const OK = [0, 0]
export const REVERTED = [1, 0]
export const trapped = (detail) => [2, detail]
export const OUT_OF_GAS = [3, 0]
const HOST_ARGUMENT = trapped(9)
const HOST_LIMIT = trapped(10)

const MODULE = 1n
const WORD = 4
const PERMUTATION = 24
const TOUCH = 2984
const CHANGE = 2308
const FRAME = 800

/** Ends a run with an outcome of the host's. */
class Ended extends Error {
    constructor(outcome, message = new Uint8Array()) {
        super("ended by the host")
        this.outcome = outcome
        this.bytes = message
    }
}

const refuse = (isBad) => {
    if (isBad) throw new Ended(HOST_ARGUMENT)
}
const limit = (isBeyond) => {
    if (isBeyond) throw new Ended(HOST_LIMIT)
}
const words = (length) => WORD * Math.ceil(length / 8)
const permutations = (length, before = 0) => PERMUTATION * Math.max(1, Math.ceil((before + Math.ceil(length / 24)) / 4))

/** Name, fixed price, and whether a query may call it. */
const TABLE = {
    input: [48, true],
    output: [104, true],
    revert: [104, true],
    get: [240, true],
    set: [208, false],
    remove: [144, false],
    exists: [144, true],
    emit: [112, false],
    send: [960, false],
    caller: [72, true],
    value: [24, true],
    chain_id: [32, true],
    height: [16, true],
    time: [16, true],
    randomness: [40, true],
    balance: [120, true],
    transfer: [260, false],
    withdraw: [960, false],
    poseidon2: [112, true],
    poseidon5: [168, true],
    log: [24, true]
}

/** Balances of account records; an absent account has 0. */
export class Accounts {
    constructor(state) {
        this.state = state
    }

    words(id) {
        const bytes = this.state.get(systemKey(1, id))
        return bytes ? wordsOf(bytes) : [0n, 0n, ...Array(8).fill(0n), 1n, 0n]
    }

    balance(id) {
        const [lowWord, highWord] = this.words(id)
        return lowWord + (highWord << 64n)
    }

    setBalance(id, amount) {
        const words = this.words(id)
        words[0] = amount & 0xffffffffffffffffn
        words[1] = amount >> 64n
        this.state.set(systemKey(1, id), record(words))
    }

    /** Adds; what would reach 2^128 is lost. */
    credit(id, amount) {
        const most = (1n << 128n) - 1n
        const sum = this.balance(id) + amount
        if (amount > 0n) this.setBalance(id, sum > most ? most : sum)
    }

    /** `null`, or why not. */
    transfer(from, to, amount) {
        if (this.balance(from) < amount) return "insufficient"
        if (from === to || amount === 0n) return null
        if (this.balance(to) + amount >= 1n << 128n) return "overflow"
        this.setBalance(from, this.balance(from) - amount)
        this.credit(to, amount)
        return null
    }
}

export class Host {
    /** `state` has `get(key)`, `set(key, bytes)` and `remove(key)` with the run's own changes on top. */
    constructor(state, context) {
        this.state = state
        this.context = context
        this.accounts = new Accounts(state)
        this.touched = new Set()
        this.changed = new Set()
        this.opened = new Set()
        this.mayChange = new Set()
        this.output = new Uint8Array()
        this.events = []
        this.messages = []
    }

    /** The module `playfair` for an instance that comes later: imports are made before what they serve. */
    imports() {
        const link = ([name, [price, readOnly]]) => [
            name,
            (...args) => {
                this.charge(price)
                refuse(this.context.readOnly && !readOnly)
                // WebAssembly hands over signed integers.
                return this[`$${name}`](...args.map((argument) => argument >>> 0))
            }
        ]
        return { playfair: Object.fromEntries(Object.entries(TABLE).map(link)) }
    }

    attach(instance) {
        this.gas = instance.exports["playfair:gas"]
        this.memory = instance.exports.memory
    }

    charge(price) {
        if (this.gas.value < price) throw new Ended(OUT_OF_GAS)
        this.gas.value -= price
    }

    check(at, length, most = Infinity) {
        const size = this.memory ? this.memory.buffer.byteLength : 0
        refuse(at % 8 !== 0 || length > most || at + length > size)
    }

    read(at, length, most) {
        this.check(at, length, most)
        return this.memory ? new Uint8Array(this.memory.buffer).slice(at, at + length) : new Uint8Array()
    }

    /** Whole words: the rest of the last one becomes zero. */
    write(at, bytes) {
        if (bytes.length === 0) return
        const whole = new Uint8Array(8 * Math.ceil(bytes.length / 8))
        whole.set(bytes)
        new Uint8Array(this.memory.buffer).set(whole, at)
    }

    put(to, bytes) {
        this.check(to, bytes.length)
        this.write(to, bytes)
    }

    /** A key's place and the price of touching it. */
    place(key, length) {
        const place = userKey(this.read(key, length, 64))
        const price = words(length) + (this.touched.has(place) ? 0 : TOUCH)
        this.touched.add(place)
        return [place, price]
    }

    /** The price of changing a key. */
    change(place) {
        if (this.changed.has(place)) return 0
        this.changed.add(place)
        return CHANGE
    }

    /** Pays for opening accounts, and for changing them if `changes`. */
    open(accounts, changes) {
        let price = 0
        for (const id of accounts) {
            if (!this.opened.has(id)) price += TOUCH
            this.opened.add(id)
            if (changes && !this.mayChange.has(id)) price += CHANGE
            if (changes) this.mayChange.add(id)
        }
        this.charge(price)
    }

    $input(to) {
        const { payload } = this.context
        this.check(to, payload.length)
        this.charge(words(payload.length))
        this.write(to, payload)
    }

    $output(from, length) {
        const bytes = this.read(from, length, 1024)
        this.charge(words(length) + permutations(length))
        this.output = bytes
    }

    $revert(from, length) {
        const bytes = this.read(from, length, 256)
        this.charge(words(length) + permutations(length))
        throw new Ended(REVERTED, bytes)
    }

    $get(key, keyLength, to, capacity) {
        this.check(key, keyLength, 64)
        this.check(to, capacity)
        refuse(capacity % 8 !== 0)
        const [place, price] = this.place(key, keyLength)
        const value = this.state.get(place)
        this.charge(price + (value ? words(value.length) + permutations(value.length) : 0))
        if (!value) return -1
        if (value.length <= capacity) this.write(to, value)
        return value.length
    }

    $set(key, keyLength, from, length) {
        this.check(key, keyLength, 64)
        const value = this.read(from, length, 4096)
        const [place, price] = this.place(key, keyLength)
        this.charge(price + this.change(place) + words(length) + permutations(length))
        this.state.set(place, value)
    }

    $remove(key, keyLength) {
        const [place, price] = this.place(key, keyLength)
        const wasThere = this.state.get(place) !== undefined
        this.charge(price + (wasThere ? this.change(place) : 0))
        if (wasThere) this.state.remove(place)
        return Number(wasThere)
    }

    $exists(key, keyLength) {
        const [place, price] = this.place(key, keyLength)
        this.charge(price)
        return Number(this.state.get(place) !== undefined)
    }

    $emit(topic, from, length) {
        const data = this.read(from, length, 1024)
        refuse(topic > 0xffff)
        limit(this.events.length >= 64)
        this.charge(words(length) + permutations(length, 1))
        this.events.push([topic, data])
    }

    $send(address, from, length) {
        const to = this.read(address, 20)
        const data = this.read(from, length, 1024)
        limit(this.messages.length >= 16)
        this.charge(words(length) + FRAME * Math.ceil(length / 124))
        if (!this.context.hasL1) return 2
        this.messages.push({ kind: 2, to, amount: 0n, data })
        return 0
    }

    $caller(to) {
        this.put(to, be(this.context.caller, 20))
    }

    $value(to) {
        this.put(to, le(this.context.value, 16))
    }

    $chain_id(to) {
        this.put(to, le(this.context.chainId, 32))
    }

    $height() {
        return this.context.height
    }

    $time() {
        return this.context.time
    }

    $randomness(to) {
        this.put(to, le(this.context.randomness, 32))
    }

    $balance(account, to) {
        const id = big(this.read(account, 20))
        this.check(to, 16)
        this.open([id], false)
        this.put(to, le(this.accounts.balance(id), 16))
    }

    $transfer(account, amount) {
        const to = big(this.read(account, 20))
        const moved = bigLittle(this.read(amount, 16))
        this.open([MODULE, to], true)
        const problem = this.accounts.transfer(MODULE, to, moved)
        limit(problem === "overflow")
        return problem ? 1 : 0
    }

    $withdraw(address, from) {
        const to = this.read(address, 20)
        const amount = bigLittle(this.read(from, 16))
        refuse(amount === 0n)
        limit(this.messages.length >= 16)
        this.open([MODULE], true)
        if (!this.context.hasL1) return 2
        if (this.accounts.balance(MODULE) < amount) return 1
        this.accounts.setBalance(MODULE, this.accounts.balance(MODULE) - amount)
        this.messages.push({ kind: 1, to, amount, data: new Uint8Array() })
        return 0
    }

    elements(from, count) {
        const bytes = this.read(from, 32 * count)
        const elements = Array.from({ length: count }, (_, at) => bigLittle(bytes.subarray(32 * at, 32 * at + 32)))
        refuse(elements.some((element) => element >= R))
        return elements
    }

    $poseidon2(from, to) {
        this.put(to, le(poseidon2(this.elements(from, 2)), 32))
    }

    $poseidon5(from, to) {
        this.put(to, le(poseidon5(this.elements(from, 5)), 32))
    }

    $log(from, length) {
        this.read(from, length, 1024)
        this.charge(words(length))
    }
}

/** What V8 says when code traps, and which trap it is. */
const TRAPS = [
    [/^unreachable$/, 1],
    [/^memory access out of bounds$/, 2],
    [/^(divide|remainder) by zero$/, 3],
    [/^divide result unrepresentable$/, 4],
    [/^function signature mismatch$/, 5],
    [/^table index is out of bounds$/, 6],
    [/^null function$/, 7]
]
/** An older V8 does not tell an empty table slot from a function of another type; `told` is what the receipt says. */
const INDIRECT = /^null function or function signature mismatch$/

/** How a run ended that threw `error`, as runtime/abi/src/instrumented.rs says: its own globals speak first. */
export const outcomeOf = (error, instance, told) => {
    if (error instanceof Ended) return error.outcome
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
    const trap = TRAPS.find(([message]) => message.test(error.message))
    if (trap?.[1] === 1) {
        if (instance.exports["playfair:gas"].value < 0) return OUT_OF_GAS
        if (instance.exports["playfair:stack"].value < 0) return trapped(8)
    }
    if (trap) return trapped(trap[1])
    if (INDIRECT.test(error.message)) return trapped(told === 7 ? 7 : 5)
    throw error
}
