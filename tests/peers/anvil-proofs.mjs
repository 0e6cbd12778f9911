// Writes proofs.json: what an execution client of another's making answers to eth_getProof, and its blocks' headers.
//
//     npm install --no-save @foundry-rs/anvil@1.7.1 && node anvil-proofs.mjs > ../fixtures/consensus/proofs.json
//
// A chain with some hundred accounts and a contract of 300 storage slots (slot i holds i * i, slot 0 a full word). Read
// by light-client/ethereum/tests/state.rs.
import { spawn } from "node:child_process"

const PORT = 18547
const node = spawn("npx", ["anvil", "--port", String(PORT), "--silent"], { stdio: "inherit", detached: true })

async function call(method, ...params) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })
    const headers = { "content-type": "application/json" }
    const answer = await (await fetch(`http://127.0.0.1:${PORT}`, { method: "POST", headers, body })).json()
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result
}

async function ready() {
    for (let tries = 0; ; tries++) {
        try {
            return await call("eth_chainId")
        } catch (error) {
            if (tries > 100) throw error
            await new Promise((resolve) => setTimeout(resolve, 100))
        }
    }
}

const word = (number) => `0x${number.toString(16).padStart(64, "0")}`
const address = (number) => `0x${number.toString(16).padStart(40, "0")}`

// A block's header in RLP, from what eth_getBlockByNumber says of it: numbers without zeros in front, the rest as it is.
function encode(block) {
    const bytes = ["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"]
    const numbers = ["difficulty", "number", "gasLimit", "gasUsed", "timestamp"]
    const more = [...bytes, ...numbers, "extraData", "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"]
    const isNumber = (name) => numbers.includes(name) || ["baseFeePerGas", "blobGasUsed", "excessBlobGas"].includes(name)
    const digits = (name) => (isNumber(name) ? block[name].replace(/^0x0*/, "") : block[name].slice(2))
    const even = (hex) => (hex.length % 2 ? `0${hex}` : hex)
    const size = (length) => Buffer.from(even(length.toString(16)), "hex")
    const prefix = (length, from) => length < 56 ? Buffer.from([from + length]) : Buffer.concat([Buffer.from([from + 55 + size(length).length]), size(length)])
    const string = (raw) => (raw.length === 1 && raw[0] < 128 ? raw : Buffer.concat([prefix(raw.length, 0x80), raw]))
    const fields = more.filter((name) => block[name] !== undefined && block[name] !== null)
    const payload = Buffer.concat(fields.map((name) => string(Buffer.from(even(digits(name)), "hex"))))
    return `0x${Buffer.concat([prefix(payload.length, 0xc0), payload]).toString("hex")}`
}

// PUSH2 300; loop: DUP1 DUP1 MUL DUP2 SSTORE; PUSH1 1 SWAP1 SUB; DUP1 PUSH1 loop JUMPI; then slot 0 = NOT 0; return one zero byte.
const CODE = "0x61012c" + "5b" + "80800281" + "55" + "60019003" + "80600357" + "50" + "600019" + "600055" + "60016000f3"

async function main() {
    await ready()
    const [sender] = await call("eth_accounts")
    for (let number = 1; number <= 120; number++) {
        const value = `0x${(number * 1_000_003).toString(16)}`
        await call("eth_sendTransaction", { from: sender, to: address(number * 7919), value })
    }
    const sent = await call("eth_sendTransaction", { from: sender, data: CODE, gas: "0x1c9c380" })
    const { contractAddress, status } = await call("eth_getTransactionReceipt", sent)
    if (status !== "0x1") throw new Error("the contract was not made")
    const block = await call("eth_getBlockByNumber", "latest", false)
    const header = encode(block)
    const slots = [0, 1, 2, 16, 17, 299, 300, 301, 1 << 20].map(word)
    const proofs = []
    for (const [who, keys] of [
        [contractAddress, slots],
        [sender, [word(0)]],
        [address(7919), []],
        [address(120 * 7919), []],
        [address(1), []],
        [address(123456789), [word(3)]],
    ]) {
        const { address, balance, nonce, codeHash, storageHash, accountProof, storageProof } = await call("eth_getProof", who, keys, block.number)
        proofs.push({ address, balance, nonce, codeHash, storageHash, accountProof, storageProof })
    }
    const { hash, number, stateRoot, parentHash, timestamp } = block
    console.log(JSON.stringify({ block: { hash, number, stateRoot, parentHash, timestamp }, header, proofs }, null, 1))
}

try {
    await main()
} finally {
    process.kill(-node.pid)
}
