// The page in real browsers before a real network: `node page-play.mjs SCENARIO ADDRESS [PICTURES]`, where ADDRESS is what `playfair dev` prints.
//
// What a stranger does, is done: nothing here reaches into the page but through what is on the screen. A page that writes an error into its console,
// asks anybody but its own server, or does not come to where it should, ends the process with its message.
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { createRequire } from "node:module"
import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { launch } from "./chromium.mjs"

const WATCHDOG_MS = 600_000
const STEP_MS = 60_000
/** For proofs, on a machine that does other things beside. */
const PROVEN_MS = 240_000
const DESKTOP = { viewport: { width: 1280, height: 800 } }
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

const [scenario, address, pictures] = process.argv.slice(2)
const home = new URL(address).origin
const problems = []
const tabs = []
const watchdog = setTimeout(() => {
    console.error(`${scenario} takes too long:`, problems)
    process.exit(1)
}, WATCHDOG_MS)
const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])

/** A tab whose console must stay empty; `asked` is what it asked the server. It comes back when the page is `ready`: open, or warned of a link. */
const newTab = async (context, at, ready = "open") => {
    // When the page is how far, in ms since it was asked for.
    await context.addInitScript(() => {
        const marks = (globalThis.marks = {})
        const mark = (name, is) => { if (is) marks[name] ??= performance.now() }
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (entry.name === "first-contentful-paint") marks.paint ??= entry.startTime
        }).observe({ type: "paint", buffered: true })
        new MutationObserver(() => {
            const status = document.querySelector(".status")
            mark("interactive", document.querySelector("#play-house:not(:disabled)"))
            mark("certified", status?.dataset.height)
            mark("proven", status?.querySelector(".proven-to"))
        }).observe(document, { subtree: true, childList: true, attributes: true })
    })
    const tab = await context.newPage()
    const asked = []
    tab.setDefaultTimeout(STEP_MS)
    tab.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()))
    tab.on("pageerror", (error) => problems.push(String(error)))
    tab.on("request", (request) => {
        const { protocol, origin, pathname } = new URL(request.url())
        if (/^(https?|wss?):$/.test(protocol) && origin.replace(/^ws/, "http") !== home) problems.push(`asks ${origin}`)
        asked.push(pathname)
    })
    await tab.goto(at)
    tabs.push(tab)
    await tab.waitForFunction((ready) => new RegExp(`^(${ready})$`).test(document.body.dataset.ready), ready)
    return Object.assign(tab, { asked })
}

/** Where a link has what a forger changes (FORMATS.md section 16): the module, the key set's root, the key of the committee. */
const [MODULE, KEY_SET, COMMITTEE_KEY] = [2 + 32, 2 + 32 + 31, 2 + 32 + 31 + 32 + 32 + 8]
const CHECK_BYTES = 4

/** A page's address with another link, whose check is right: one bit of a byte is turned. */
const forged = (at, place, bit) => {
    const [page, link] = at.split("#pf1.")
    const bytes = Buffer.from(link.split("/")[0], "base64url")
    bytes[place] ^= bit
    const payload = bytes.subarray(0, -CHECK_BYTES)
    const check = createHash("sha256").update("playfair/1/link").update(payload).digest().subarray(0, CHECK_BYTES)
    return `${page}#pf1.${Buffer.concat([payload, check]).toString("base64url")}`
}
/** The committee's key with its other sign: a point as good, and another key. */
const otherCommittee = (at) => forged(at, COMMITTEE_KEY, 0x20)
const otherKeySet = (at) => forged(at, KEY_SET + 16, 1)
const otherModule = (at) => forged(at, MODULE, 1)

/** Whether the page has a wallet that could sign. */
const hasWallet = (tab) => tab.workers().some((worker) => worker.url().endsWith("/wallet-worker.mjs"))

/** Writes down which rungs each move is shown on, in their order. */
const watchLadder = (tab) => tab.evaluate(() => {
    globalThis.climbed = []
    const look = () => {
        const title = document.querySelector(".ladder h3")?.firstChild?.textContent
        const rung = document.querySelector(".ladder h3 .rung")?.textContent
        const seen = title && `${title} ${rung}`
        if (seen && !globalThis.climbed.includes(seen)) globalThis.climbed.push(seen)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
    look()
})

const tap = async (tab, from, to) => {
    await tab.locator(`[data-square=${from}]`).click()
    await tab.locator(`[data-square=${to}].hint, [data-square=${to}].prey`).click()
}

/** A piece is taken by the pointer and let go elsewhere. */
const drag = async (tab, from, to) => {
    const middle = async (square) => {
        const { x, y, width, height } = await tab.locator(`[data-square=${square}]`).boundingBox()
        return [x + width / 2, y + height / 2]
    }
    await tab.mouse.move(...(await middle(from)))
    await tab.mouse.down()
    await tab.mouse.move(...(await middle(to)), { steps: 5 })
    await tab.mouse.up()
}

/** Until the verified position has so many half-moves. */
const untilPly = (tab, ply) => tab.locator(`.rung-line[data-ply="${ply}"]`).waitFor()
/** Until it is proven, and every move of the list. */
const untilProven = async (tab, ply) => {
    const timeout = PROVEN_MS
    await tab.locator(`.rung-line[data-ply="${ply}"][data-rung=proven]`).waitFor({ timeout })
    await tab.waitForFunction((ply) => document.querySelectorAll(".moves .move.proven").length === ply, ply, { timeout })
}

/** To another place of the same chain. */
const go = (tab, place) => tab.evaluate((place) => {
    location.hash = `${location.hash.split("/")[0]}${place}`
}, place)
const placeOf = (tab) => tab.url().split("#")[1].replace(/^[^/]*/, "")

/** Fills in what lets another device play, and sends it. */
const allow = async (tab, key) => {
    await tab.locator("[name=public-key]").fill(key)
    await tab.getByRole("button", { name: "Let it play for me" }).click()
}
/** The key of a device, which its wallet shows, and makes when it is asked to. */
const deviceKey = async (tab) => {
    const make = tab.locator("#make-device-key")
    await make.or(tab.locator("#device-key")).waitFor()
    if (await make.count()) await make.click()
    return tab.locator("#device-key").inputValue()
}
/** The row of a key in the account that a tab shows. */
const heldKey = (tab, place) => tab.locator(`.acting tr[data-place="${place}"]`)

const play = (tab) => tab.locator("#play-house").click()
const picture = async (tab, name) => {
    if (!pictures) return
    await mkdir(pictures, { recursive: true })
    await tab.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

const fits = async (tab, what) => {
    // Phones zoom out of what is too wide: the window is as wide as that then, and not as the screen.
    const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - Math.min(window.innerWidth, document.documentElement.clientWidth))
    assert.ok(overflow <= 0, `${what}: ${overflow} pixels too wide`)
}

/** What axe-core finds that hinders somebody. */
const accessible = async (tab, what) => {
    const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
    await tab.evaluate(source)
    const found = await tab.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] })
        const isBad = ({ impact }) => impact === "serious" || impact === "critical"
        return violations.filter(isBad).map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ").slice(0, 600)}`)
    })
    assert.deepEqual(found, [], `${what}: what axe-core finds`)
}

/** What a place shows when it is there. */
const SHOWN = { "": ".lobby", "/verify": ".verify .checks td", "/explorer": ".explorer tbody td", "/explorer/state": "#state", "/wallet": ".acting tbody td" }
const PLACES = Object.keys(SHOWN)

/** Every place on one screen, light and dark, with a game whose moves are proven. */
const looks = async (screen, options) => {
    const context = await browser.newContext(options)
    const tab = await newTab(context, address)
    await play(tab)
    await untilPly(tab, 0)
    await tap(tab, "e2", "e4")
    await untilPly(tab, 2)
    await untilProven(tab, 2)
    const game = placeOf(tab)
    // Another device that is to play for this one.
    const device = await newTab(await browser.newContext(options), `${address}/wallet`)
    await go(tab, "/wallet")
    await allow(tab, await deviceKey(device))
    const link = await tab.locator("#given-link").inputValue()
    await go(device, link.split("#")[1].replace(/^[^/]*/, ""))
    await device.getByRole("button", { name: "Play for this account" }).waitFor()
    await heldKey(tab, 1).getByRole("button", { name: "Revoke" }).click()
    for (const colorScheme of ["light", "dark"]) {
        await tab.emulateMedia({ colorScheme })
        await device.emulateMedia({ colorScheme })
        for (const [one, name] of colorScheme === "light" ? [[tab, "wallet-given"], [device, "wallet-as"]] : [[device, "wallet-as"]]) {
            await fits(one, `${screen} ${name}`)
            await accessible(one, `${screen} ${colorScheme} ${name}`)
            await picture(one, `${screen}-${colorScheme}-${name}`)
        }
        for (const place of [game, ...PLACES]) {
            const name = place === game ? "game" : place.slice(1).replace("/", "-") || "lobby"
            await go(tab, place)
            await tab.locator(SHOWN[place] ?? ".rung-line[data-rung=proven]").first().waitFor()
            await tab.waitForFunction(() => !document.querySelector("main [role=status]")?.textContent.includes("Asking"))
            await fits(tab, `${screen} ${name}`)
            await accessible(tab, `${screen} ${colorScheme} ${name}`)
            await picture(tab, `${screen}-${colorScheme}-${name}`)
        }
    }
}

const SCENARIOS = {
    /** Two strangers play to mate; each move climbs the ladder in both browsers; who reloads is where he was. */
    async mate() {
        const [white, black] = [await browser.newContext(DESKTOP), await browser.newContext(PHONE)]
        const first = await newTab(white, address)
        await first.locator("#invite").click()
        const invitation = await first.locator(".waiting input").inputValue()
        const second = await newTab(black, invitation)
        await second.locator("#join").click()
        for (const tab of [first, second]) {
            await untilPly(tab, 0)
            await watchLadder(tab)
        }
        await drag(first, "f2", "f3")
        await untilPly(second, 1)
        await tap(second, "e7", "e5")
        await untilPly(first, 2)
        await tap(first, "g2", "g4")
        await untilPly(second, 3)
        await picture(second, "phone-game")
        await tap(second, "d8", "h4")
        for (const tab of [first, second]) await untilProven(tab, 4)
        await first.locator("h2", { hasText: "Black wins by checkmate" }).waitFor()
        await second.locator("h2", { hasText: "You win by checkmate" }).waitFor()
        const climbed = (tab) => tab.evaluate(() => globalThis.climbed)
        const rungs = (all, move) => all.filter((seen) => seen.split(" ").includes(move)).map((seen) => seen.split(" ").at(-1))
        const [ofFirst, ofSecond] = [await climbed(first), await climbed(second)]
        for (const [all, move] of [[ofFirst, "f3"], [ofFirst, "g4"], [ofSecond, "e5"], [ofSecond, "Qh4#"]]) {
            assert.deepEqual(rungs(all, move).slice(0, 2), ["predicted", "sequenced"], `${move}: ${all}`)
        }
        for (const all of [ofFirst, ofSecond]) assert.deepEqual(rungs(all, "Qh4#").at(-1), "proven", `${all}`)
        await picture(first, "desktop-game")

        // Nothing is verified again that was.
        first.asked.length = 0
        await first.reload()
        await untilProven(first, 4)
        await first.locator("h2", { hasText: "Black wins by checkmate" }).waitFor()
        assert.deepEqual(first.asked.filter((asked) => /\/proofs\/\d+|\/key-sets\/|\/keys\//.test(asked)), [], "proofs are not fetched again")
        // A third visitor only watches, and sees the same.
        const third = await newTab(await browser.newContext(DESKTOP), invitation)
        await untilProven(third, 4)
        await third.locator(".state", { hasText: "You are watching" }).waitFor()
    },

    /** A game against the house, by the keyboard alone. */
    async keys() {
        const tab = await newTab(await browser.newContext(DESKTOP), address)
        await tab.locator("#play-house").focus()
        await tab.keyboard.press("Enter")
        await untilPly(tab, 0)
        await tab.locator("[data-square=e2]").focus()
        await tab.keyboard.press("Enter")
        await tab.keyboard.press("ArrowUp")
        await tab.keyboard.press("ArrowUp")
        await tab.keyboard.press("Enter")
        await untilPly(tab, 2)
        assert.match(await tab.locator("[data-square=e4]").getAttribute("aria-label"), /white pawn/)
        // Illegal squares do nothing, Escape lets go.
        await tab.locator("[data-square=d2]").focus()
        await tab.keyboard.press("Enter")
        await tab.keyboard.press("Escape")
        assert.equal(await tab.locator(".square.selected").count(), 0)
        // Resigning asks twice.
        await tab.getByRole("button", { name: "Resign" }).press("Enter")
        await tab.getByRole("button", { name: "Yes, I resign" }).press("Enter")
        await tab.locator("h2", { hasText: "Black wins by resignation" }).waitFor()
    },

    /** Two tabs of one visitor: one asks, both show; when it closes, the other goes on. */
    async tabs() {
        const context = await browser.newContext(DESKTOP)
        const first = await newTab(context, address)
        await play(first)
        await untilPly(first, 0)
        const second = await newTab(context, first.url())
        await untilPly(second, 0)
        await tap(second, "d2", "d4")
        await untilPly(first, 2)
        await untilPly(second, 2)
        await first.close()
        await tap(second, "c2", "c4")
        await untilPly(second, 4)
        await untilProven(second, 4)
    },

    /** Another device plays for a visitor: it is let in, does what it may and no more, and is shut out again. */
    async session() {
        const first = await newTab(await browser.newContext(DESKTOP), address)
        await play(first)
        await untilPly(first, 0)
        await tap(first, "e2", "e4")
        await untilPly(first, 2)
        const game = placeOf(first)
        const second = await newTab(await browser.newContext(PHONE), `${address}/wallet`)
        const key = await deviceKey(second)
        assert.match(key, /^[0-9a-f]{64}$/)

        await go(first, "/wallet")
        await heldKey(first, 0).filter({ hasText: "this browser" }).filter({ hasText: "everything" }).waitFor()
        assert.equal(await first.locator(".acting tbody tr").count(), 1)
        const warning = (text) => first.locator(".acting .warning", { hasText: text }).waitFor()
        await allow(first, "ab")
        await warning("64 digits")
        await allow(first, await deviceKey(first))
        await warning("the key of this browser")
        // The chain knows what a key is.
        await allow(first, "ff".repeat(32))
        await warning("refused that key")
        await allow(first, ` ${key.toUpperCase()} `)
        const link = await first.locator("#given-link").inputValue()
        await heldKey(first, 1).filter({ hasText: "play games that are going on" }).waitFor()
        await allow(first, key)
        await warning("key 1 already")

        // The link is of use to that device alone.
        const third = await newTab(await browser.newContext(DESKTOP), link)
        await third.locator(".given .warning", { hasText: "another device" }).waitFor()
        assert.equal(await third.getByRole("button", { name: "Play for this account" }).count(), 0)
        await go(second, link.split("#")[1].replace(/^[^/]*/, ""))
        await second.getByRole("button", { name: "Play for this account" }).click()
        await second.locator(".given[data-kept=true]").waitFor()

        // It plays on in the visitor's game; the house is at home there.
        await go(first, game)
        await go(second, game)
        await untilPly(second, 2)
        await second.locator(".acts-for").waitFor()
        await picture(second, "phone-acts-for")
        await tap(second, "d2", "d4")
        for (const tab of [first, second]) await untilPly(tab, 4)
        await first.locator(".ladder h3", { hasText: "move" }).waitFor()
        assert.match(await first.locator(".moves").innerText(), /d4/)
        // Both may move, each on a lane of its own.
        await tap(first, "g1", "f3")
        for (const tab of [first, second]) await untilPly(tab, 6)
        await second.getByRole("button", { name: "Resign" }).click()
        await second.getByRole("button", { name: "Yes, I resign" }).click()
        await second.locator(".state .warning", { hasText: "does not let this browser resign" }).waitFor()
        await go(second, "")
        await play(second)
        await second.locator(".lobby .warning", { hasText: "does not let this browser begin games" }).waitFor()

        await go(second, game)
        await untilPly(second, 6)
        await go(first, "/wallet")
        await heldKey(first, 1).getByRole("button", { name: "Revoke" }).click()
        await heldKey(first, 1).getByRole("button", { name: "Yes, revoke it" }).click()
        await heldKey(first, 1).waitFor({ state: "detached" })
        const height = Number(await first.locator(".status").getAttribute("data-height"))
        await second.waitForFunction((height) => Number(document.querySelector(".status").dataset.height) >= height, height)
        await tap(second, "c2", "c4")
        await second.locator(".state .warning", { hasText: "its owner took it away" }).waitFor()
        await untilPly(second, 6)
        await second.reload()
        await untilPly(second, 6)
        await go(second, "/wallet")
        await second.locator(".given .warning", { hasText: "its owner took it away" }).waitFor()
        await second.getByRole("button", { name: "Play as yourself again" }).click()
        await second.locator(".given").waitFor({ state: "detached" })
        await go(second, game)
        await second.locator(".state", { hasText: "You are watching" }).waitFor()

        // Who has never called lets a device in with the first call.
        await go(third, "/wallet")
        // Who looks at the wallet has no key by that: it may be there to restore one.
        await third.locator(".acting", { hasText: "has no key for this chain yet" }).waitFor()
        await deviceKey(third)
        await third.locator(".acting", { hasText: "not on the chain yet" }).waitFor()
        await allow(third, key)
        await third.locator("#given-link").waitFor()
        await heldKey(third, 0).filter({ hasText: "this browser" }).waitFor()
        await heldKey(third, 1).waitFor()
    },

    /** Links to a known chain that would have somebody else believed: told before anything else, with the wallet shut, until the visitor has chosen. */
    async links() {
        // Somebody has played: there is a block to lie about.
        const stranger = await newTab(await browser.newContext(DESKTOP), address)
        await play(stranger)
        await untilPly(stranger, 0)
        await stranger.close()
        const context = await browser.newContext(PHONE)
        // A false link that comes first finds no block under its committee, and is nobody's to remember.
        const newcomer = await newTab(context, otherCommittee(address))
        await newcomer.locator(".status.bad", { hasText: "the node lies" }).waitFor()
        // What the page keeps of games fills the storage: it makes room for the link that comes now.
        await newcomer.evaluate(() => {
            for (let [length, place] = [1 << 20, 0]; length > 0; place += 1) {
                try {
                    localStorage.setItem(`playfair/insecure/pf1.x/game/${place}`, "x".repeat(length))
                } catch {
                    length >>= 1
                }
            }
        })
        await newcomer.close()
        const first = await newTab(context, address)
        await play(first)
        await untilPly(first, 0)

        for (const [false_, said] of [
            [otherCommittee(address), "the committee’s key"], [otherKeySet(address), "the set of verifying keys"],
            [otherModule(address), "one of the two links is certainly false"], [address.replace("?insecure", ""), "the development setup"]
        ]) {
            const tab = await newTab(context, false_, "warned")
            await tab.locator("[role=alert]", { hasText: said }).waitFor()
            assert.equal(hasWallet(tab), false, "the wallet stays shut")
            assert.equal(await tab.locator("nav, .play, .lobby, .verify").count(), 0, "nothing of the chain is shown")
            assert.deepEqual(tab.asked.filter((path) => path.startsWith("/v1/")), [], "nothing is asked for")
            await tab.getByRole("link", { name: "Open the link that I know" }).click()
            await tab.locator("body[data-ready=open]").waitFor()
            await tab.locator("#play-house:not(:disabled)").waitFor()
            assert.equal(tab.url(), address, "where the known link leads")
            assert.equal(hasWallet(tab), true)
            await tab.close()
        }

        // Believing asks twice; then the tab with the other link is asked.
        const second = await newTab(context, otherKeySet(address), "warned")
        for (const [name, options] of [["phone", PHONE], ["desktop", DESKTOP]]) {
            await second.setViewportSize(options.viewport)
            for (const colorScheme of ["light", "dark"]) {
                await second.emulateMedia({ colorScheme })
                await fits(second, `the warning on a ${name}`)
                await accessible(second, `the warning on a ${name}, ${colorScheme}`)
                await picture(second, `${name}-${colorScheme}-link`)
            }
        }
        const believe = () => second.getByRole("button", { name: "Believe this link from now on" }).click()
        await believe()
        await second.getByRole("button", { name: "No" }).click()
        await believe()
        await second.getByRole("button", { name: "Yes, I asked" }).click()
        await second.locator("body[data-ready=open]").waitFor()
        await second.locator("#play-house:not(:disabled)").waitFor()
        assert.equal(hasWallet(second), true)
        await first.locator("body[data-ready=warned]").waitFor()
        assert.equal(hasWallet(first), false)
        await first.locator("[role=alert]", { hasText: "the set of verifying keys" }).waitFor()

        // Two links at once, to who knows neither: who has a block first is believed, the other tab is asked.
        const undecided = await browser.newContext(DESKTOP)
        const both = await Promise.all([address, otherKeySet(address)].map((at) => newTab(undecided, at, "open|warned")))
        await Promise.any(both.map((tab) => tab.locator("body[data-ready=warned]").waitFor()))
        assert.deepEqual(both.map(hasWallet).sort(), [false, true])
        // The node has no such set of keys, and says so: the browser writes that down.
        const others = problems.splice(0).filter((text) => !text.includes("404"))
        assert.deepEqual(others, [])
    },

    /** Not a test: what a visitor waits for, newcomers and those who come back, median ms. The chain has a game, with proofs. */
    async cost() {
        const begin = await browser.newContext(DESKTOP)
        const player = await newTab(begin, address)
        await play(player)
        await untilPly(player, 0)
        await tap(player, "e2", "e4")
        await untilProven(player, 2)
        await begin.close()
        const times = { first_paint_ms: [], interactive_ms: [], cold_start_ms: [], warm_start_ms: [] }
        for (let round = 0; round < 7; round += 1) {
            const context = await browser.newContext(DESKTOP)
            const tab = await newTab(context, address)
            const marks = async () => {
                await tab.waitForFunction(() => ["paint", "interactive", "proven"].every((name) => name in globalThis.marks))
                return tab.evaluate(() => globalThis.marks)
            }
            const cold = await marks()
            times.first_paint_ms.push(cold.paint)
            times.interactive_ms.push(cold.interactive)
            times.cold_start_ms.push(Math.max(cold.certified, cold.proven))
            await tab.reload()
            times.warm_start_ms.push((await marks()).proven)
            await context.close()
        }
        const median = (all) => Math.round(all.sort((left, right) => left - right)[Math.floor(all.length / 2)] * 10) / 10
        const cost = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
        process.stdout.write(`${JSON.stringify(cost)}\n`)
    },

    /** Every place on a desktop: nothing too wide, nothing that hinders. */
    desktop: () => looks("desktop", DESKTOP),

    /** The same on a phone. */
    phone: () => looks("phone", PHONE)
}

try {
    await SCENARIOS[scenario]()
    assert.deepEqual(problems, [], "what a page should not do")
} catch (error) {
    // What the visitors saw.
    for (const tab of tabs.filter((tab) => !tab.isClosed())) {
        console.error(tab.url(), await tab.locator("body").innerText().catch(String))
    }
    console.error(problems)
    throw error
} finally {
    await browser.close()
    clearTimeout(watchdog)
}
