// The end of the demo's game, in real pages: `node page-demo.mjs < WHAT`, where WHAT is JSON:
//   { "page": its address, with the chain's link, "chain": its id, "seeds": of the players' keys by name, "pictures": a folder,
//     "left": [{ "by": a player, "name": as "19. c2c4" }] }
//
// Two players open the page, one on a desktop and one on a phone, and play what is left. A page that writes into its console what it should not,
// asks anybody but its own server, or is not ready in time, ends the process with what was seen.
import assert from "node:assert/strict"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { launch } from "./chromium.mjs"

const READY_MS = 60_000
const PROVEN_MS = 180_000
/** For keys that are no secrets. */
const PASSPHRASE = "everybody knows it"
const WATCHDOG_MS = 300_000
const SCREENS = {
    desktop: { viewport: { width: 1280, height: 800 } },
    phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true }
}

const { page: address, pictures, left, chain, seeds } = JSON.parse(await text(process.stdin))
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

/** A wallet's backup with one key, as FORMATS of the wallet has it (docs/LIGHT-CLIENT.md): what the restore form takes. */
const backup = async (tab, seed) => {
    const plain = ["50465742", "01", "0001", chain, "06", Buffer.from("player").toString("hex"), "000000000001", seed].join("")
    return tab.evaluate(async ([plain, passphrase]) => {
        const scripts = document.querySelector("script[type=module]").src
        const { encrypt } = await import(new URL("light-client/backup.mjs", scripts).href)
        return encrypt(Uint8Array.from(plain.match(/../g), (pair) => parseInt(pair, 16)), passphrase)
    }, [plain, PASSPHRASE])
}

/** Sits down as a player whose key everybody can make: restores it as anybody restores a backup, and opens the game. */
const sit = async ({ tab }, seed) => {
    const [start] = tab.url().split("/wallet")
    await tab.goto(`${start}/wallet`)
    await tab.locator("[name=backup]").fill(await backup(tab, seed))
    await tab.locator("form:has([name=backup]) [name=passphrase]").fill(PASSPHRASE)
    await tab.getByRole("button", { name: "Restore" }).click()
    await tab.getByText("Back: player.").waitFor({ timeout: READY_MS })
    await tab.goto(`${start}/game/1`)
    await tab.locator(".rung-line[data-ply]").waitFor({ timeout: READY_MS })
}

const ply = async ({ tab }) => Number(await tab.locator(".rung-line").getAttribute("data-ply"))

/** Plays `left` in the players' pages, in turns; how many calls were played comes back. */
const play = async (players, left) => {
    const names = [...new Set(left.map((step) => step.by))]
    const seats = new Map(names.map((name, place) => [name, players[place]]))
    for (const name of names) await sit(seats.get(name), seeds[name])
    for (const { by, name } of left) {
        const { tab, screen } = seats.get(by)
        const made = await ply({ tab })
        const move = name.match(/([a-h][1-8])([a-h][1-8])([nbrq]?)$/)
        if (move) {
            const [, from, to] = move
            await tab.locator(`[data-square=${from}]`).click()
            await tab.locator(`[data-square=${to}].hint, [data-square=${to}].prey`).click()
            for (const { tab } of players) await tab.locator(`.rung-line[data-ply="${made + 1}"]`).waitFor({ timeout: READY_MS })
        } else {
            await tab.getByRole("button", { name: "Resign" }).click()
            await tab.getByRole("button", { name: "Yes, I resign" }).click()
            for (const { tab } of players) await tab.locator(".state h2", { hasText: "resignation" }).waitFor({ timeout: READY_MS })
        }
        console.log(`${by.padEnd(15)} ${name.padEnd(12)} in the page, on the ${screen}`)
    }
    // The last position, proven in both browsers.
    for (const { tab } of players) await tab.locator(".rung-line[data-rung=proven]").waitFor({ timeout: PROVEN_MS })
    return left.length
}

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
