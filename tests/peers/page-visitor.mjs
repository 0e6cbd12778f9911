// A visitor of the page in a real browser, for scripts `node SCRIPT SCENARIO ADDRESS [PICTURES]`, where ADDRESS is what `playfair dev` prints.
//
// What a stranger does, is done: nothing here reaches into the page but through what is on the screen. A page that writes an error into its console,
// asks anybody but its own server, or does not come to where it should, ends the process with its message.
import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { launch } from "./chromium.mjs"

const WATCHDOG_MS = 600_000
const STEP_MS = 60_000
/** For proofs, on a machine that does other things beside. */
const PROVEN_MS = 240_000
export const DESKTOP = { viewport: { width: 1280, height: 800 } }
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

const [scenario, given, pictures] = process.argv.slice(2)
export const address = given
const home = new URL(given).origin
export const problems = []
const tabs = []
const watchdog = setTimeout(() => {
    console.error(`${scenario} takes too long:`, problems)
    process.exit(1)
}, WATCHDOG_MS)
export const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])

/** A tab whose console must stay empty; `asked` is what it asked the server. It comes back when the page is `ready`: open, or warned of a link. */
export const newTab = async (context, at, ready = "open") => {
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

export const tap = async (tab, from, to) => {
    await tab.locator(`[data-square=${from}]`).click()
    await tab.locator(`[data-square=${to}].hint, [data-square=${to}].prey`).click()
}

/** A piece is taken by the pointer and let go elsewhere. */
export const drag = async (tab, from, to) => {
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
export const untilPly = (tab, ply) => tab.locator(`.rung-line[data-ply="${ply}"]`).waitFor()
/** Until it is proven, and every move of the list. */
export const untilProven = async (tab, ply) => {
    const timeout = PROVEN_MS
    await tab.locator(`.rung-line[data-ply="${ply}"][data-rung=proven]`).waitFor({ timeout })
    await tab.waitForFunction((ply) => document.querySelectorAll(".moves .move.proven").length === ply, ply, { timeout })
}

/** To another place of the same chain. */
export const go = (tab, place) => tab.evaluate((place) => {
    location.hash = `${location.hash.split("/")[0]}${place}`
}, place)
export const placeOf = (tab) => tab.url().split("#")[1].replace(/^[^/]*/, "")

/** Fills in what lets another device play, and sends it. */
export const allow = async (tab, key) => {
    await tab.locator("[name=public-key]").fill(key)
    await tab.getByRole("button", { name: "Let it play for me" }).click()
}
/** The key of a device, which its wallet shows, and makes when it is asked to. */
export const deviceKey = async (tab) => {
    const make = tab.locator("#make-device-key")
    await make.or(tab.locator("#device-key")).waitFor()
    if (await make.count()) await make.click()
    return tab.locator("#device-key").inputValue()
}
/** The row of a key in the account that a tab shows. */
export const heldKey = (tab, place) => tab.locator(`.acting tr[data-place="${place}"]`)

export const play = (tab) => tab.locator("#play-house").click()
/** A game against the house, with the first move of each; gives its place. */
export const begin = async (tab) => {
    await play(tab)
    await untilPly(tab, 0)
    await tap(tab, "e2", "e4")
    await untilPly(tab, 2)
    return placeOf(tab)
}
export const picture = async (tab, name) => {
    if (!pictures) return
    await mkdir(pictures, { recursive: true })
    await tab.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

export const fits = async (tab, what) => {
    // Phones zoom out of what is too wide: the window is as wide as that then, and not as the screen.
    const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - Math.min(window.innerWidth, document.documentElement.clientWidth))
    assert.ok(overflow <= 0, `${what}: ${overflow} pixels too wide`)
}

/** What axe-core finds that hinders somebody. */
export const accessible = async (tab, what) => {
    const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
    await tab.evaluate(source)
    const found = await tab.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] })
        const isBad = ({ impact }) => impact === "serious" || impact === "critical"
        return violations.filter(isBad).map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ").slice(0, 600)}`)
    })
    assert.deepEqual(found, [], `${what}: what axe-core finds`)
}

/** Does what the command line asks for. */
export const run = async (scenarios) => {
    try {
        await scenarios[scenario]()
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
}
