// The end of the demo's game, in real pages: `node page-demo.mjs < WHAT`, where WHAT is JSON:
//   { "page": its address, with the chain's link, "pictures": a folder, "left": [{ "by": a player, "name": as "19. c2c4" }] }
//
// Two players open the page, one on a desktop and one on a phone, and play what is left. A page that writes into its console what it should not,
// asks anybody but its own server, or is not ready in time, ends the process with what was seen.
import assert from "node:assert/strict"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { launch } from "./chromium.mjs"

const READY_MS = 60_000
const WATCHDOG_MS = 300_000
const SCREENS = {
    desktop: { viewport: { width: 1280, height: 800 } },
    phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true }
}

const { page: address, pictures, left } = JSON.parse(await text(process.stdin))
const home = new URL(address).origin
const problems = []
const watchdog = setTimeout(() => {
    console.error("the page takes too long:", problems)
    process.exit(1)
}, WATCHDOG_MS)

await mkdir(pictures, { recursive: true })
const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])

/** A player's own browser with the page in it. */
const open = async (screen) => {
    const context = await browser.newContext(SCREENS[screen])
    const tab = await context.newPage()
    const told = (what) => problems.push(`${screen}: ${what}`)
    tab.on("console", (message) => ["error", "warning"].includes(message.type()) && told(message.text()))
    tab.on("pageerror", (error) => told(error))
    tab.on("requestfailed", (request) => told(`${request.url()}: ${request.failure()?.errorText}`))
    tab.on("response", (response) => response.status() >= 400 && told(`${response.url()}: ${response.status()}`))
    tab.on("request", (request) => {
        const { protocol, origin } = new URL(request.url())
        if (/^(https?|wss?):$/.test(protocol) && origin.replace(/^ws/, "http") !== home) told(`asks ${origin}`)
    })
    const begin = performance.now()
    await tab.goto(address)
    await tab.locator("body[data-ready]").waitFor({ timeout: READY_MS }).catch((error) => told(`is not ready: ${error.message}`))
    console.log(`${screen.padEnd(8)} ready after ${Math.round(performance.now() - begin)} ms`)
    const picture = async (moment) => tab.screenshot({ path: join(pictures, `${screen}-${moment}.png`) })
    return { screen, tab, picture }
}

/**
 * Plays `left` in the players' pages, in turns; how many calls were played comes back. The page has no hooks for it yet, so that nothing is played:
 * the game ends before its last moves.
 */
const play = async (_players, _left) => 0

const players = []
for (const screen of Object.keys(SCREENS)) players.push(await open(screen))
for (const player of players) await player.picture("begin")
assert.deepEqual(problems, [], "what the page should not do")
const played = await play(players, left)
for (const player of players) await player.picture("end")
assert.deepEqual(problems, [], "what the page should not do")
console.log(`${played} of ${left.length} calls played in the page; pictures are in ${pictures}`)
await browser.close()
clearTimeout(watchdog)
