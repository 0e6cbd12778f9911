// The light client's package in real pages: `node light-client-pages.mjs SCENARIO PACKAGE RECORDING [PICTURES]`.
//
// PACKAGE is what `cargo xtask web` has built, RECORDING the recorded chain that is the node. A scenario that does not go as it should
// ends the process with its message; one that waits for ever is ended by the watchdog, with what it has seen.
import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { launch } from "./chromium.mjs"
import { serveChain, servePages } from "./light-client-servers.mjs"

const WATCHDOG_MS = 120_000
/** A name that is not this machine, for pages that browsers do not take for safe. */
const UNSAFE_HOST = "plain.test"

/** A page with the client and a way to wait for news. */
const LAB_HTML = '<!doctype html><meta charset="utf-8"><title>lab</title><script type="module" src="/lab.mjs"></script>'
const LAB = `import { LightClient, LightClientError } from "/client.mjs"
const news = []
let heard = () => {}
globalThis.lab = {
    LightClient, LightClientError, news,
    async follow(node, link) {
        const begin = performance.now()
        this.client = await LightClient.open(node, link, { insecure: true })
        this.stop = this.client.follow((one) => { news.push({ ...one, ms: performance.now() - begin }); heard() })
    },
    async until(is) {
        for (;;) {
            const found = news.find(is)
            if (found) return JSON.parse(JSON.stringify({ ...found, trouble: found.trouble && { ...found.trouble } }))
            await new Promise((resolve) => (heard = resolve))
        }
    },
}
document.body.append("ready")
`

const [scenario, folder, recording, pictures] = process.argv.slice(2)
const recorded = JSON.parse(await readFile(recording, "utf8"))
const [early, late] = recorded.calls
const link = recorded.link
const problems = []

const node = await serveChain(recorded)
const readme = await readFile(join(folder, "README.md"), "utf8")
const [, example] = readme.match(/```js\n([^]*?)```/)
const texts = {
    "/lab.html": LAB_HTML,
    "/lab.mjs": LAB,
    "/readme.html": '<!doctype html><title>readme</title><script type="module" src="/readme.mjs"></script>',
    "/readme.mjs": example
        .replace("@playfair/light-client", "/client.mjs")
        .replace("http://127.0.0.1:9100", node.url)
        .concat('console.log("the end")\n')
}
const pages = await servePages(folder, texts, node.url)
const site = `http://127.0.0.1:${pages.port}`
const browser = await launch([`--host-resolver-rules=MAP ${UNSAFE_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`])
const context = await browser.newContext()

/** A tab whose console must stay empty; `asked` is what it asked the node. */
const newTab = async (path, origin = site) => {
    const tab = await context.newPage()
    const asked = []
    tab.on("request", (request) => request.url().startsWith(node.url) && asked.push(request.url()))
    tab.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()))
    tab.on("pageerror", (error) => problems.push(String(error)))
    await tab.goto(`${origin}${path}`)
    return Object.assign(tab, { asked })
}

const newLab = async (origin) => {
    const tab = await newTab("/lab.html", origin)
    await ready(tab)
    return tab
}

const ready = async (tab) => {
    await tab.locator("body", { hasText: "ready" }).waitFor()
}

const follow = (tab) => tab.evaluate(([node, link]) => globalThis.lab.follow(node, link), [node.url, link])
const untilProven = (tab, block) => tab.evaluate(
    (block) => globalThis.lab.until((news) => news.view?.provenBlock === block && news.view.head.height === block), block
)
const untilRole = (tab, role) => tab.evaluate((role) => globalThis.lab.until((news) => news.role === role), role)
const rungs = (tab, ids) => tab.evaluate(async (ids) => {
    const rungs = []
    for (const id of ids) rungs.push((await globalThis.lab.client.call(id)).rung)
    return rungs
}, ids)

/** Until something is so here; the watchdog ends what never is. */
const until = async (is) => {
    while (!is()) await new Promise((resolve) => setImmediate(resolve))
}

const clear = async (tab) => {
    const session = await context.newCDPSession(tab)
    await session.send("Storage.clearDataForOrigin", { origin: site, storageTypes: "all" })
}

/** Questions whose answers are verified once and kept. */
const isProof = (question) => /\/proofs\/\d+|\/keys\/|\/key-sets\//.test(question)

const SCENARIOS = {
    /** From nothing to every call proven, twice. */
    async follows() {
        const tab = await newLab()
        await follow(tab)
        const first = await untilProven(tab, 6)
        assert.equal(first.role, "leader")
        assert.equal(first.trouble, null)
        assert.deepEqual(new Set(await rungs(tab, early)), new Set(["proven"]))
        node.part = 1
        const second = await untilProven(tab, 14)
        assert.ok(second.view.proven.proofs > first.view.proven.proofs)
        assert.deepEqual(new Set(await rungs(tab, [...early, ...late])), new Set(["proven"]))
        const kinds = await tab.evaluate(() => globalThis.lab.news.flatMap((news) => news.checks.map((check) => check.kind)))
        for (const kind of ["certificate", "validity proof", "verifying key", "agreement"]) assert.ok(kinds.includes(kind), kind)
        const ladder = await tab.evaluate(() => globalThis.lab.client.ladder())
        assert.deepEqual(ladder.map((rung) => rung.name), ["predicted", "sequenced", "proven"])
    },

    /** A lie reaches the page as what it is, moves nothing, and is over when the truth is told. */
    async lies() {
        node.change = (asked, body) => {
            if (!/\/proofs\/\d+$/.test(asked)) return body
            const damaged = Buffer.from(body)
            damaged[damaged.length - 1] ^= 1
            return damaged
        }
        const tab = await newLab()
        await follow(tab)
        const news = await tab.evaluate(() => globalThis.lab.until((news) => news.trouble))
        assert.equal(news.trouble.kind, "lie")
        assert.equal(news.trouble.lie.name, "proof")
        assert.equal(news.trouble.lie.exhibits[0].what, "answer")
        assert.equal(news.view.proven, null)
        assert.equal(news.view.head.height, 6)
        const thrown = await tab.evaluate(async () => {
            const { client, LightClientError } = globalThis.lab
            const error = await client.prove().catch((error) => error)
            return { isOurs: error instanceof LightClientError && error instanceof Error, kind: error.kind, lie: error.lie.name }
        })
        assert.deepEqual(thrown, { isOurs: true, kind: "lie", lie: "proof" })
        node.change = null
        assert.equal((await untilProven(tab, 6)).trouble, null)
    },

    /** Blocks with all they have, lists, accounts, values by their places: as the chain was recorded. */
    async reads() {
        node.part = 1
        const tab = await newLab()
        await follow(tab)
        await untilProven(tab, 14)
        const seen = await tab.evaluate(async ([account, id]) => {
            const { client } = globalThis.lab
            const { chainId, committee, insecure } = await client.anchors()
            return {
                block: await client.block(14), genesis: await client.block(0), blocks: await client.blocks(0, 15), account: await client.account(account),
                places: await client.callsOf(account), call: await client.call(id), anchors: { chainId, members: committee.members, insecure },
                read: await client.read([new Uint8Array(31)]).then(() => "read", (error) => error.kind),
                short: await client.read([new Uint8Array(30)]).then(() => "read", (error) => error.kind)
            }
        }, [recorded.account, late.at(-1)])
        const { block, genesis, blocks, account, places, call, anchors } = seen
        assert.deepEqual([block.height, block.rung, block.records.map(({ kind }) => kind)], [14, "proven", ["block", "call"]])
        const [, told] = block.records
        assert.deepEqual([told.id, told.outcome, told.gasUsed, told.events], [call.id, call.outcome, call.gasUsed, call.events])
        assert.deepEqual(told.signed, call.signed)
        assert.equal(call.timeMs, block.timeMs)
        assert.equal(call.signed.nonce, 6)
        assert.deepEqual([genesis.records[0].kind, genesis.records[0].signed], ["genesis", null])
        assert.deepEqual(blocks.map(({ height, rung }) => [height, rung]), Array.from({ length: 15 }, (_, height) => [height, "proven"]))
        assert.equal(blocks[14].digest, block.digest)
        assert.equal(block.parent, blocks[13].digest)
        assert.deepEqual([account.exists, account.nonces[0]], [true, 7])
        const [{ place, role, publicKey, address, session }, ...others] = account.keys
        assert.deepEqual([place, role, address, session, others], [0, "owner", null, null, []])
        assert.match(publicKey, /^[0-9a-f]{64}$/)
        assert.equal(places.length, 7)
        assert.ok(places.every(({ id }) => [...early, ...late].includes(id)))
        assert.deepEqual(anchors, { chainId: node.asked[0].split("/")[3], members: 1, insecure: true })
        // That place was not asked when the chain was recorded.
        assert.deepEqual([seen.read, seen.short], ["refused", "bad"])
        assert.ok(problems.splice(0).every((text) => text.includes("404")))
    },

    /** A node that has too much to do is asked again, three times. */
    async busy() {
        const tab = await newLab()
        node.busy = 3
        await tab.evaluate(async ([node, link]) => {
            const { lab } = globalThis
            lab.client = await lab.LightClient.open(node, link, { insecure: true })
            lab.height = await lab.client.head()
        }, [node.url, link])
        assert.equal(await tab.evaluate(() => globalThis.lab.height), 6)
        node.busy = 4
        const refused = await tab.evaluate(() => globalThis.lab.client.head().catch(({ kind, status, code }) => ({ kind, status, code })))
        assert.deepEqual([refused.kind, refused.code], ["refused", "rate_limited"])
        assert.equal(node.busy, 0)
        assert.ok(problems.splice(0).every((text) => /429|503/.test(text)))
    },

    /** The node's socket says when there is something to ask for, and nothing else: what it says is not looked at. */
    async woken() {
        const tab = await newLab()
        await follow(tab)
        await untilProven(tab, 6)
        await until(() => node.sockets.size === 1)
        node.part = 1
        node.wake("{\"head\":99}")
        assert.equal((await untilProven(tab, 14)).view.head.height, 14)
        // A socket that is lost is noticed, and nothing else happens.
        node.sockets.forEach((socket) => socket.destroy())
        const asked = node.asked.length
        await until(() => node.asked.length > asked)
        assert.equal(await tab.evaluate(() => globalThis.lab.news.some((news) => news.trouble)), false)
    },

    /** Every lie that a page can ask for is caught as a lie, marked as made, told no more, and the view stays. */
    async made() {
        node.part = 1
        const tab = await newLab()
        await follow(tab)
        await untilProven(tab, 14)
        const offered = await tab.evaluate(() => globalThis.lab.client.lies())
        const lies = offered.map(({ name }) => name)
        assert.ok(lies.length >= 10 && offered.every(({ title, what }) => title && what))
        const caught = await tab.evaluate(async ([lies, id, account, node, link]) => {
            const { lab } = globalThis
            const { client } = lab
            lab.stop()
            const before = JSON.stringify(await client.view())
            const asks = {
                "value-changed": () => client.account(account), "value-hidden": () => client.account(account),
                "outcome-changed": () => client.call(id), "output-changed": () => client.call(id), "call-denied": () => client.again(id, 1),
                "record-hidden": () => client.block(14)
            }
            // Who comes new asks for proofs.
            const newcomer = async (name) => {
                const fresh = await lab.LightClient.open(node, link, { insecure: true })
                await fresh.forget()
                await fresh.head()
                await fresh.lie(name)
                const error = await fresh.prove().catch((error) => error)
                const proofs = (await fresh.view()).proven
                while (await fresh.prove() > 0) {}
                fresh.close()
                return { error, isSame: proofs === null }
            }
            const caught = {}
            for (const name of lies) {
                let error, isSame
                if (name.startsWith("proof")) ({ error, isSame } = await newcomer(name))
                else {
                    await client.lie(name)
                    const ask = asks[name] ?? (() => client.head())
                    error = await ask().catch((error) => error)
                    isSame = JSON.stringify(await client.view()) === before
                    await (asks[name] ?? (() => client.head()))()
                }
                caught[name] = [error.kind, error.lie?.name, error.lie?.made, isSame]
            }
            caught.none = await client.lie("no such lie").catch(({ kind }) => kind)
            return caught
        }, [lies, early[0], recorded.account, node.url, link])
        const { none, ...all } = caught
        assert.equal(none, "bad")
        const expected = {
            "value-changed": "other-value", "value-hidden": "hidden-value", "certificate-forged": "certificate", "block-other": "certificate",
            "header-changed": "other-certificate", "head-stale": "rolled-back", "outcome-changed": "receipt-place", "output-changed": "receipt-body",
            "call-denied": "denied", "record-hidden": "record-place", "proof-damaged": "proof", "proof-input-changed": /^proof/
        }
        for (const [name, [kind, lie, made, isSame]] of Object.entries(all)) {
            assert.match(lie ?? "", new RegExp(expected[name]), name)
            assert.deepEqual([kind, made, isSame], ["lie", true, true], name)
        }
        // While it follows, the same: the news say so, and it goes on at once.
        await tab.evaluate(() => {
            globalThis.lab.client.close()
            globalThis.lab.news.length = 0
        })
        await follow(tab)
        await untilProven(tab, 14)
        await tab.evaluate(async () => {
            await globalThis.lab.client.lie("header-changed")
            globalThis.lab.client.look()
        })
        const news = await tab.evaluate(() => globalThis.lab.until((news) => news.trouble))
        assert.deepEqual([news.trouble.lie.name, news.trouble.lie.made, news.view.head.height], ["other-certificate", true, 14])
        await tab.evaluate(() => globalThis.lab.until((news) => news.trouble === null && globalThis.lab.news.indexOf(news) > globalThis.lab.news.findIndex(({ trouble }) => trouble)))
        assert.deepEqual(problems.splice(0), [])
    },

    /** While a lie is armed, one that the node tells by itself is the node's: also on the same path, also of the same kind. */
    async own() {
        node.part = 1
        const [id] = early
        const tab = await newLab()
        await follow(tab)
        await untilProven(tab, 14)
        const ask = (method) => tab.evaluate(async ([method, id]) => {
            const error = await globalThis.lab.client[method](id, 1).catch((error) => error)
            return [error.kind, error.lie?.name, error.lie?.made]
        }, [method, id])
        await tab.evaluate(() => {
            globalThis.lab.stop()
            return globalThis.lab.client.lie("call-denied")
        })
        // Told, and no lie to who never saw the call.
        assert.deepEqual(await ask("call"), ["refused", undefined, undefined])
        node.isDenied = (asked) => asked.endsWith(`/calls/${id}`)
        assert.deepEqual(await ask("again"), ["lie", "denied", undefined])
        node.isDenied = null
        assert.deepEqual(await ask("again"), ["lie", "denied", true])
        assert.ok(problems.splice(0).every((text) => text.includes("404")))

        // The same on bytes: what was changed is known by them, and by nothing else.
        const marks = await tab.evaluate(async () => {
            const { Lies } = await import("/lies.mjs")
            const chain = `/v1/chains/${"0a".repeat(32)}`
            let answer = { values: ["00"] }
            const lies = new Lies(async () => new Response(JSON.stringify(answer)))
            const digits = (text) => Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("")
            const caught = (text) => lies.caught({ kind: "lie", lie: { name: "", asked: `${chain}/state`, exhibits: [{ what: "answer", bytes: digits(text) }] } }, ["values"]).lie.made ?? false
            const state = async () => (await lies.fetch(`http://node${chain}/state`)).text()
            lies.tell("value-changed")
            const first = await state()
            const others = [caught(JSON.stringify(answer)), lies.isArmed]
            // There is nothing to change in the next answer: it is the node's.
            answer = { values: [null] }
            await state()
            const later = [caught(first), lies.isArmed]
            answer = { values: ["00"] }
            return { others, later, last: [caught(await state()), lies.isArmed] }
        })
        assert.deepEqual(marks, { others: [false, true], later: [false, true], last: [true, false] })
    },

    /** A page that asks wrongly, a worker that is not there, a client that was closed. */
    async mistakes() {
        const tab = await newLab()
        const kinds = await tab.evaluate(async ([node, link]) => {
            const { LightClient } = globalThis.lab
            const kind = (promise) => promise.then(() => "none", (error) => error.kind)
            const client = await LightClient.open(node, link, { insecure: true })
            const bad = await kind(client.call("no id"))
            const pending = kind(client.head())
            client.close()
            return [
                await kind(LightClient.open(node, "pf1.nothing")), bad, await pending, await kind(client.view()),
                await kind(LightClient.open(node, link, { worker: new Worker("/lab.html", { type: "module" }) }))
            ]
        }, [node.url, link])
        assert.deepEqual(kinds, ["bad", "bad", "closed", "closed", "crashed"])
        // A page of HTML is no script: the browser says so, too.
        assert.ok(problems.splice(0).every((text) => text.includes("/lab.html")))
    },

    /** A node that is gone for a while. */
    async silence() {
        node.isSilent = true
        const tab = await newLab()
        await follow(tab)
        const news = await tab.evaluate(() => globalThis.lab.until((news) => news.trouble))
        assert.equal(news.trouble.kind, "unreachable")
        node.isSilent = false
        assert.equal((await untilProven(tab, 6)).trouble, null)
        assert.ok(problems.splice(0).every((text) => text.includes("ERR_EMPTY_RESPONSE") || text.includes("WebSocket")))
    },

    /** Who comes back is where he was, and asks for no proof again. */
    async reload() {
        const tab = await newLab()
        await follow(tab)
        const before = await untilProven(tab, 6)
        assert.ok(node.asked.some(isProof))
        node.asked.length = 0
        await tab.reload()
        await ready(tab)
        await follow(tab)
        const after = await untilProven(tab, 6)
        assert.deepEqual(after.view, before.view)
        node.part = 1
        await untilProven(tab, 14)
        const again = node.asked.filter((asked) => isProof(asked) && /\/proofs\/\d+$/.test(asked) && asked in recorded.parts[0])
        assert.deepEqual(again, [], "no proof of the first part is fetched again")
        node.asked.length = 0
        await tab.reload()
        await ready(tab)
        await follow(tab)
        await untilProven(tab, 14)
        assert.deepEqual(node.asked.filter(isProof), [])
    },

    /** One tab asks, the other listens, and goes on when the first one closes. */
    async tabs() {
        const first = await newLab()
        await follow(first)
        assert.equal((await untilProven(first, 6)).role, "leader")
        const second = await newLab()
        await follow(second)
        const heard = await untilProven(second, 6)
        assert.equal(heard.role, "follower")
        // What it heard, its own client has verified: a call needs no more than its block.
        assert.equal((await second.evaluate(() => globalThis.lab.client.view())).provenBlock, 6)
        assert.deepEqual(second.asked, [])
        assert.equal(heard.isHeard, true)
        // What a message says of the chain is shown nowhere, and what else it says is marked.
        const forger = await newLab()
        const name = `playfair-light-client/insecure/${node.url}/${link}`
        const forge = (news) => forger.evaluate(([name, news]) => new BroadcastChannel(name).postMessage({ kind: "news", news }), [name, news])
        const view = { head: { height: 99 }, proven: { height: 99, frames: 99, proofs: 99 }, provenBlock: 99, frozen: null }
        await forge({ view, checks: [{ kind: "forged" }], trouble: null, height: 0 })
        const said = await second.evaluate(() => globalThis.lab.until((news) => news.checks.some(({ kind }) => kind === "forged")))
        assert.deepEqual([said.view.head.height, said.view.provenBlock, said.isHeard, said.role], [6, 6, true, "follower"])
        assert.deepEqual(second.asked, [])
        // Who is said to be behind asks for himself.
        await forge({ view, checks: [{ kind: "further" }], trouble: null, height: 99 })
        await second.evaluate(() => globalThis.lab.until((news) => news.checks.some(({ kind }) => kind === "further")))
        await until(() => second.asked.length > 0)
        assert.ok(await second.evaluate(() => globalThis.lab.news.every(({ view }) => (view.head?.height ?? 0) <= 6)))
        await forger.close()
        await first.close()
        await untilRole(second, "leader")
        node.part = 1
        assert.equal((await untilProven(second, 14)).role, "leader")
        assert.ok(second.asked.length > 0)
        assert.ok(!second.asked.some((asked) => asked.endsWith("/proofs/0")), "it went on where the first one was")
        const third = await newLab()
        await follow(third)
        assert.equal((await untilProven(third, 14)).role, "follower")
        await second.evaluate(() => globalThis.lab.stop())
        await untilRole(third, "leader")
    },

    /** Without locks, which pages have that were loaded safely, each tab is for itself. */
    async alone() {
        const origin = `http://${UNSAFE_HOST}:${pages.port}`
        for (const tab of [await newLab(origin), await newLab(origin)]) {
            await follow(tab)
            assert.equal((await untilProven(tab, 6)).role, "alone")
            assert.ok(tab.asked.length > 0)
        }
    },

    /** Storage that is cleared under a running client is filled again. */
    async cleared() {
        const tab = await newLab()
        await follow(tab)
        await untilProven(tab, 6)
        await clear(tab)
        node.part = 1
        await untilProven(tab, 14)
        node.asked.length = 0
        await tab.reload()
        await ready(tab)
        await follow(tab)
        await untilProven(tab, 14)
        assert.deepEqual(node.asked.filter(isProof), [], "what was verified was kept again")
    },

    /** Every second while somebody looks, seldom while nobody does, ever less often while nothing comes. */
    async paces() {
        const tab = await newLab()
        const paces = await tab.evaluate(async () => {
            const { restMs } = await import("/follow.mjs")
            const failures = [0, 1, 2, 5, 100]
            return [true, false].map((isWatched) => failures.map((failures) => restMs(failures, isWatched)))
        })
        assert.deepEqual(paces, [[1_000, 1_000, 2_000, 16_000, 60_000], [15_000, 15_000, 15_000, 16_000, 60_000]])
        await follow(tab)
        await untilProven(tab, 6)
        // A tab in the background: as the browser tells it.
        await tab.evaluate(() => {
            Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true })
            document.dispatchEvent(new Event("visibilitychange"))
        })
        node.part = 1
        await tab.evaluate(() => {
            delete document.visibilityState
            document.dispatchEvent(new Event("visibilitychange"))
        })
        await untilProven(tab, 14)
    },

    /** Not a test: from opening to proven, for a newcomer and for one who comes back, median ms; and what is loaded for that. */
    async cost() {
        node.part = 1
        const times = { cold: [], warm: [] }
        for (let round = 0; round < 5; round += 1) {
            for (const visit of ["cold", "warm"]) {
                const tab = await newLab()
                await follow(tab)
                times[visit].push((await untilProven(tab, 14)).ms)
                if (visit === "warm") await clear(tab)
                await tab.close()
            }
        }
        const median = (all) => all.sort((left, right) => left - right)[Math.floor(all.length / 2)]
        const wasm = await readFile(join(folder, "light_client_bg.wasm"))
        const gzipped = gzipSync(wasm, { level: 9 }).length
        const cost = { verifier_wasm_gz_bytes: gzipped, open_cold_ms: median(times.cold), open_warm_ms: median(times.warm) }
        process.stdout.write(`${JSON.stringify(cost)}\n`)
    },

    /** The code in the README runs to its end. */
    async readme() {
        const said = []
        const tab = await context.newPage()
        const end = new Promise((resolve, reject) => {
            tab.on("console", (message) => {
                said.push(message.text())
                if (message.text() === "the end") resolve()
            })
            tab.on("pageerror", reject)
        })
        await tab.goto(`${site}/readme.html#${link}`)
        await end
        assert.ok(said.some((text) => text.startsWith("refused") || text.startsWith("sequenced")), said.join("\n"))
    },

    /** The example page, as a visitor sees it. */
    async example() {
        node.part = 1
        const [id] = late
        const tab = await newTab(`/example.html?insecure&node=${encodeURIComponent(node.url)}&call=${id}#${link}`)
        await tab.locator("#head", { hasText: "block 14" }).waitFor()
        await tab.locator("#proven", { hasText: "all of block 14" }).waitFor()
        await tab.locator("#calls .rung.proven").waitFor()
        await tab.locator("#watch input").fill(early[0])
        await tab.locator("#watch button").click()
        await tab.locator("#calls li:nth-child(2) .rung.proven").waitFor()
        await tab.locator("#checks li", { hasText: "validity proof" }).first().waitFor()
        assert.equal(await tab.locator("#trouble").isVisible(), false)
        for (const [name, width, height] of [["desktop", 1100, 900], ["phone", 360, 780]]) {
            await tab.setViewportSize({ width, height })
            const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
            assert.ok(overflow <= 0, `${name}: ${overflow} pixels too wide`)
            if (pictures) await tab.screenshot({ path: join(pictures, `light-client-${name}.png`) })
        }
        node.change = (asked, body) => asked.endsWith("/calls/" + early[1]) ? Buffer.from("[]") : body
        await tab.locator("#watch input").fill(early[1])
        await tab.locator("#watch button").click()
        await tab.locator("#trouble", { hasText: "A lie was caught" }).waitFor()
    }
}

if (!Object.hasOwn(SCENARIOS, scenario)) throw new Error(`no scenario ${scenario}; there are: ${Object.keys(SCENARIOS).join(", ")}`)
// A page that hangs must not hang the test run: ending this process closes Chromium's pipe, and Chromium with it.
const watchdog = setTimeout(() => {
    console.error(`${scenario}: not done after ${WATCHDOG_MS / 1000} s; problems ${JSON.stringify(problems)}; asked ${node.asked.slice(-5).join("\n")}`)
    process.exit(1)
}, WATCHDOG_MS)
try {
    await SCENARIOS[scenario]()
    assert.deepEqual(problems, [], "the console stays empty")
} finally {
    await browser.close()
    pages.close()
    node.close()
    clearTimeout(watchdog)
}
