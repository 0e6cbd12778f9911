// The page before a node that lies: `node page-lies.mjs SCENARIO ADDRESS [PICTURES]`, where ADDRESS is what `playfair dev` prints. The other chain's
// node, which tells the truth about a chain that is not this one, is named by PLAYFAIR_OTHER_NODE.
//
// A visitor plays through a proxy that passes everything on; then it tells one lie after the other (page-lies-told.mjs). The page must say in words
// what it caught; nothing that was on the screen at any moment may be other than what the chain, asked without the proxy, has in the end; and
// when the lie is over, the page must go on. Prints what each lie was caught as, and what came of all as JSON.
import assert from "node:assert/strict"
import { launch } from "./chromium.mjs"
import { startProxy } from "./lying-proxy.mjs"
import { LIES, ofAnotherChain } from "./page-lies-told.mjs"

const WATCHDOG_MS = 280_000
const STEP_MS = 90_000
/** Moves that are tried, in this order. */
const MOVES = "e2e4 d2d3 a2a3 h2h3 a3a4 h3h4 c2c3 b2b3 g2g3 a4a5 h4h5 c3c4 b3b4 g3g4 f2f3 b1c3 g1f3".split(" ")

const [scenario, address] = process.argv.slice(2)
const home = new URL(address).origin
const problems = []
let doing = "the beginning"
const watchdog = setTimeout(() => {
    console.error(`${scenario} takes too long, at ${doing}:`, problems)
    process.exit(1)
}, WATCHDOG_MS)
const proxy = await startProxy(home)
const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])

/** Runs in the page: whatever is on the screen at any moment is told, once each, as a line. */
const watch = () => {
    const seen = new Set()
    const text = (node) => node?.textContent.trim() ?? ""
    const all = (selector, within = document) => [...within.querySelectorAll(selector)]
    const see = (...line) => {
        const told = line.join("|")
        if (seen.has(told)) return
        seen.add(told)
        globalThis.onScreen(told)
    }
    const game = () => {
        const line = document.querySelector(".rung-line")
        if (!line) return
        const number = document.querySelector("[data-game]")?.dataset.game
        const pieces = all(".square[data-square]").map((square) => square.getAttribute("aria-label").replace(", possible", ""))
        const board = pieces.filter((piece) => piece.includes(",")).sort().join(";")
        const { ply, rung } = line.dataset
        // A move on its way is drawn over the verified position, and a position that is looked back at over the present one.
        if (text(line).includes("An earlier position")) see("earlier", number, all(".moves .move.chosen").map(text).join(), board)
        else if (!text(line).includes("on top")) see("board", number, ply, board)
        const height = /after block (\d+)/.exec(text(line))?.[1]
        if (height) see("stands", number, ply, height, rung)
        for (const [place, move] of all(".moves .move:not(.none):not(.predicted):not(.asked)").entries()) {
            const [san, rung] = text(move).split(", ")
            see("move", number, place, san, rung)
        }
    }
    const places = () => {
        const heading = text(document.querySelector("main h2")).replace(/(sequenced|proven)$/, "")
        const rows = all("main .explorer tbody tr").map((row) => all("th, td", row).map((cell) => cell.querySelector("[title]")?.title ?? text(cell)))
        if (heading === "The last blocks") for (const [height, rung, records, , digest] of rows) see("listed", height, records, digest, rung)
        const facts = all("main .explorer dl:not(.words) dd").map((fact) => all("[title]", fact).map(({ title }) => title).join() || text(fact))
        if (/^(Block|Call) /.test(heading) && facts.length > 0) {
            see(document.querySelector("main h2 [title]")?.title ?? heading, facts.join("; "), rows.map((row) => row.join()).join("; "))
        }
        const key = text(document.querySelector("main p > code"))
        for (const value of all("main .value")) {
            const [, rung, height] = /(sequenced|proven) after block (\d+)/.exec(text(value.querySelector("p"))) ?? []
            see("value", key, height, text(value.querySelector("code")), rung)
        }
        for (const row of all(".acting tbody tr")) see("held", row.dataset.place, ...all("td", row).slice(0, 4).map(text))
        for (const row of all("[aria-labelledby=keys] tbody tr")) see("account", row.querySelector("[title]").title, text(row.querySelectorAll("td")[1]))
    }
    const look = () => {
        game()
        places()
        const { height } = document.querySelector(".status")?.dataset ?? {}
        if (height) see("head", height)
        const proven = /\d+/.exec(text(document.querySelector(".status .proven-to")))
        if (proven) see("proven to", proven[0])
    }
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
}

/** What was on the screen, and what was being told when it was first. */
const screen = new Map()
let lately = new Set()

const newTab = async (context, at, told) => {
    const tab = await context.newPage()
    tab.setDefaultTimeout(STEP_MS)
    tab.on("pageerror", (error) => problems.push(`${doing}: ${error}`))
    tab.on("dialog", (dialog) => problems.push(`${doing}: ${dialog.message()}`))
    await tab.exposeFunction("onScreen", told)
    await tab.addInitScript(watch)
    await tab.goto(at)
    await tab.locator("body[data-ready=open]").waitFor()
    return tab
}
const seen = (line) => {
    lately.add(line)
    if (!screen.has(line)) screen.set(line, doing)
}

const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
const tab = await newTab(context, address.replace(home, proxy.origin), seen)
const link = new URL(address).hash
const go = (tab, place) => tab.evaluate((hash) => { location.hash = hash }, `${link}${place}`)
const untilPly = (tab, ply) => tab.locator(`.rung-line[data-ply="${ply}"]`).waitFor()
const untilProven = async (tab, ply) => {
    await tab.locator(`.rung-line[data-ply="${ply}"][data-rung=proven]`).waitFor()
    await tab.waitForFunction((ply) => document.querySelectorAll(".moves .move.proven").length === ply, ply)
}
const plyOf = async (tab) => Number(await tab.locator(".rung-line").getAttribute("data-ply"))

/** Plays the first of the moves that is possible. */
const move = async (tab) => {
    await tab.locator(".square.mine").first().waitFor()
    for (const [from, to] of MOVES.map((move) => move.match(/../g))) {
        if ((await tab.locator(`[data-square=${from}].mine`).count()) === 0) continue
        await tab.locator(`[data-square=${from}]`).click()
        const target = tab.locator(`[data-square=${to}].hint`)
        if ((await target.count()) > 0) return target.click()
        await tab.keyboard.press("Escape")
    }
    throw new Error("none of the moves is possible")
}
const moveAndBack = async (tab) => {
    const ply = await plyOf(tab)
    await move(tab)
    await untilPly(tab, ply + 2)
}

// --- the visitor's game, all of it proven ---

let game, gameKey, last, before
const begin = async () => {
    await tab.locator("#play-house").click()
    await untilPly(tab, 0)
    await moveAndBack(tab)
    await moveAndBack(tab)
    await untilProven(tab, 4)
    game = await tab.locator("[data-game]").getAttribute("data-game")
    gameKey = `00${Buffer.from(Uint32Array.of(Number(game)).buffer).toString("hex")}`
    ;[last, before] = await calls()
}
const [{ id }] = await (await fetch(`${home}/v1/chains`)).json()
const chain = `${home}/v1/chains/${id}`
const node = async (path, question) => {
    const posted = question && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question) }
    return (await fetch(chain + path, posted)).json()
}
/** Calls of players, from the last one back. */
const calls = async () => {
    const { head } = await node("")
    const blocks = await Promise.all(Array.from({ length: head.height }, (_, place) => node(`/blocks/${head.height - place}`)))
    return blocks.flatMap(({ height, records }) => records.filter(({ id }) => id).map(({ id }) => ({ height, id })))
}

// --- how the page is made to ask ---

let newcomer = null
/** Somebody who knows nothing opens the game: a profile of its own each time, since what a page keeps may be written after it was left. */
const comes = async () => {
    const at = `${proxy.origin}${new URL(address).pathname}${new URL(address).search}${link}/game/${game}`
    newcomer = await newTab(await browser.newContext({ viewport: { width: 1280, height: 800 } }), at, seen)
    return newcomer
}
const untilSockets = async () => {
    while (proxy.sockets() === 0) await new Promise((resolve) => setImmediate(resolve))
}
const prove = async (key) => {
    await tab.getByLabel("Key", { exact: true }).fill(key)
    await tab.getByRole("button", { name: "Prove it" }).click()
}
const proves = async (key) => {
    await prove(key)
    await tab.locator("main p > code", { hasText: key }).waitFor()
    await tab.waitForFunction(() => document.querySelectorAll("main .value").length === 2)
}
const shows = (heading) => tab.locator(`main h2:has-text("${heading}") ~ dl, main h2:has(code[title="${heading}"]) ~ dl`).first().waitFor()
/** A place that is shown honestly, the question, and how it is seen that the page has gone on. */
const ASKS = {
    head: { ready: async () => untilSockets(), ask: async () => proxy.wake(), again: async () => {} },
    blocks: {
        ready: () => go(tab, "/verify"),
        ask: () => go(tab, "/explorer"),
        again: async () => {
            await go(tab, "/verify")
            await tab.locator("#rungs").waitFor()
            await go(tab, "/explorer")
            await tab.locator("tbody tr").first().waitFor()
        }
    },
    block: {
        async ready() {
            await go(tab, `/explorer/block/${last.height - 1}`)
            await shows(`Block ${last.height - 1}`)
        },
        ask: () => go(tab, `/explorer/block/${last.height}`),
        async again() {
            await ASKS.block.ready()
            await ASKS.block.ask()
            await shows(`Block ${last.height}`)
        }
    },
    call: {
        async ready() {
            await go(tab, `/explorer/call/${before.id}`)
            await shows(before.id)
        },
        ask: () => go(tab, `/explorer/call/${last.id}`),
        async again() {
            await ASKS.call.ready()
            await ASKS.call.ask()
            await shows(last.id)
        }
    },
    state: {
        async ready() {
            await go(tab, "/verify")
            await go(tab, "/explorer/state")
            await proves("0xff")
        },
        ask: () => prove(`0x${gameKey}`),
        async again() {
            await ASKS.state.ready()
            await proves(`0x${gameKey}`)
        }
    },
    wallet: {
        ready: () => go(tab, "/verify"),
        // Accounts are asked for beside each other: until all answers are there, the lie has not been told to the end.
        async ask() {
            await go(tab, "/wallet")
            await tab.locator(".acting .warning, .acting tbody tr").first().waitFor()
            await tab.locator("[aria-labelledby=keys] tbody tr").nth(1).waitFor()
        },
        async again() {
            await go(tab, "/verify")
            await tab.locator("#rungs").waitFor()
            await go(tab, "/wallet")
            await tab.locator("tbody tr", { hasText: "calls, balance 0" }).nth(1).waitFor()
            await tab.locator(".acting tbody tr").waitFor()
        }
    },
    move: {
        ply: 0,
        async ready() {
            await go(tab, `/game/${game}`)
            await tab.locator(".square.mine").first().waitFor()
            this.ply = await plyOf(tab)
        },
        ask: () => move(tab),
        again: () => untilPly(tab, ASKS.move.ply + 2)
    },
    newcomer: {
        // Who came before is gone, and hears nothing of this lie.
        ready: async () => newcomer?.context().close(),
        ask: comes,
        again: async () => untilProven(newcomer, await plyNow())
    }
}
/** How many half-moves the visitor has verified. */
const plyNow = async () => {
    await go(tab, `/game/${game}`)
    return plyOf(tab)
}

// --- one lie after the other ---

/** What the page calls a lie; its words are for people. */
const caughtBy = async (tab) => {
    const box = tab.locator(".caught").first()
    await box.waitFor()
    const [name, title, what] = await box.evaluate((box) => [box.dataset.lie, box.querySelector("h2").textContent, box.querySelector(".what").textContent])
    assert.equal(title, "The node was caught lying")
    assert.match(what, /\w+ .*\w+/)
    return name
}
/** Nothing more is shown of a lie that is over. */
const goesOn = async (tab) => {
    await untilSockets()
    proxy.wake()
    const isQuiet = () => {
        const box = document.querySelector(".caught button")
        box?.click()
        return !box && document.querySelector(".status:not(.bad)") !== null
    }
    await tab.waitForFunction(isQuiet)
}

const results = []
const tell = async (lie) => {
    const asks = ASKS[lie.by]
    await asks.ready()
    lately = new Set()
    doing = lie.name
    const begin = performance.now()
    proxy.tell(lie)
    const asked = (await asks.ask()) ?? tab
    let as
    if (lie.caught) {
        as = await caughtBy(asked)
        assert.match(as, lie.caught instanceof RegExp ? lie.caught : new RegExp(`^${lie.caught}$`), lie.name)
    } else {
        await asked.locator("body", { hasText: lie.said }).waitFor()
        as = "silence"
    }
    const ms = Math.round(performance.now() - begin)
    assert.ok(proxy.told > 0, `${lie.name} was never told`)
    const claims = [...lately].filter((line) => (lie.proven === "nothing" ? /\|proven$|^proven to/ : /^move.*\|proven$/).test(line))
    if (lie.proven) assert.deepEqual(claims, [], `${lie.name}: what is shown as proven`)
    proxy.tell(null)
    await goesOn(asked)
    await asks.again()
    doing = "the truth"
    results.push({ name: lie.name, as, ms })
    console.error(`${lie.name.padEnd(58)} ${as.padEnd(18)} ${String(ms).padStart(6)} ms`)
}

// --- what the chain has in the end, asked without the proxy ---

/** All lines that may have been on the screen. */
const truth = async () => {
    const lines = new Set()
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const honest = await newTab(context, `${address}/game/${game}`, (line) => lines.add(line))
    const ply = await plyNow()
    await untilProven(honest, ply)
    const boards = [await beginning(honest)]
    for (let place = 0; place < ply; place += 1) {
        const one = honest.locator(".moves .move.proven").nth(place)
        await one.click()
        boards.push([...lines].filter((line) => line.startsWith("earlier")).pop().split("|").pop())
        await one.click()
    }
    return { honest, lines, boards }
}

const judge = async () => {
    doing = "the judgement"
    const { honest, lines, boards } = await truth()
    const { head } = await node("")
    const values = []
    for (let height = 0; height <= head.height; height += 1) values.push((await node("/state", { keys: [{ module: gameKey }], height })).values[0])
    /** The half-moves that were made when a value was the game's. */
    const games = [...new Set(values.filter((value, height) => value !== null && values.indexOf(value) === height))]
    for (const place of ["/explorer", ...values.map((_, height) => `/explorer/block/${height}`), ...(await calls()).map(({ id }) => `/explorer/call/${id}`)]) {
        await go(honest, place)
        await honest.locator("main tbody tr, main dl").first().waitFor()
    }
    const rows = new Set([...lines].map((line) => line.replace(/\|(sequenced|proven)$/, "")))
    const begun = values.findIndex((value) => games.includes(value) && games.indexOf(value) > 0)
    assert.ok(begun > 0 && boards.length > 4, "there is a game")
    const plies = (height) => games.indexOf(values[height]) - (games.length - boards.length)
    const isTrue = (line) => {
        const [kind, ...said] = line.split("|")
        switch (kind) {
            case "head": case "proven to": return Number(said[0]) <= head.height
            case "board": return said[2] === boards[said[1]]
            case "earlier": return boards.includes(said[2])
            case "stands": return Number(said[1]) === plies(Number(said[2]))
            case "value": return said[0] === `0x${gameKey}` ? said[2] === values[said[1]] : said[0] === "0xff" && said[2] === ""
            case "held": return said.join() === "0,this browser,everything: calls, money, keys,always,all"
            case "account": return /^(no call yet|not verified|\d+ calls, balance 0)$/.test(said[1])
            default: return rows.has(line.replace(/\|(sequenced|proven)$/, ""))
        }
    }
    return [...screen].filter(([line]) => !isTrue(line)).map(([line, when]) => `${when}: ${line}`)
}
/** The board before the first move, as rules have it. */
const beginning = async () => [...screen.keys()].find((line) => line.startsWith(`board|${game}|0|`)).split("|").pop()

try {
    await begin()
    const other = process.env.PLAYFAIR_OTHER_NODE
    const ofOther = async () => {
        const [{ id }] = await (await fetch(`${other}/v1/chains`)).json()
        return (await fetch(`${other}/v1/chains/${id}`)).json()
    }
    const lies = [...LIES[scenario], ...(scenario === "blocks" && other ? ofAnotherChain(await ofOther()) : [])]
    const only = process.env.PLAYFAIR_LIE
    for (const lie of lies.filter(({ name }) => !only || new RegExp(only).test(name))) await tell(lie)
    const believed = await judge()
    console.log(JSON.stringify({ lies_tried: results.length, lies_believed: believed.length }))
    assert.deepEqual(believed, [], "what was on the screen, and is not so")
    assert.deepEqual(problems, [], "what a page should not do")
} catch (error) {
    console.error(`in ${doing}, which was told ${proxy.told} times:`, problems)
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
        console.error(page.url().split("#")[0], await page.locator("body").innerText().then((text) => text.replace(/\s+/g, " ").slice(0, 2_000), String))
    }
    throw error
} finally {
    await browser.close()
    proxy.close()
    clearTimeout(watchdog)
}
