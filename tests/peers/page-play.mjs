// Games in the page, and how every place of it looks: `node page-play.mjs SCENARIO ADDRESS [PICTURES]` (page-visitor.mjs).
import assert from "node:assert/strict"
import {
    DESKTOP, PHONE, accessible, address, allow, begin, browser, deviceKey, drag, fits, go, heldKey, newTab, picture, play, run, tap, untilPly, untilProven
} from "./page-visitor.mjs"

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

/** What a place shows when it is there. */
const SHOWN = { "": ".lobby", "/verify": ".verify .checks td", "/explorer": ".explorer tbody td", "/explorer/state": "#state", "/wallet": ".acting tbody td" }
const PLACES = Object.keys(SHOWN)

/** Every place on one screen, light and dark, with a game whose moves are proven. */
const looks = async (screen, options) => {
    const context = await browser.newContext(options)
    const tab = await newTab(context, address)
    const game = await begin(tab)
    await untilProven(tab, 2)
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

await run({
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
        // Resigning asks twice, and no double click answers.
        await tab.getByRole("button", { name: "Resign", exact: true }).dblclick()
        await tab.getByRole("button", { name: "No", exact: true }).press("Enter")
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

    /** Not a test: what a visitor waits for, newcomers and those who come back, median ms. The chain has a game, with proofs. */
    async cost() {
        const before = await browser.newContext(DESKTOP)
        const player = await newTab(before, address)
        await begin(player)
        await untilProven(player, 2)
        await before.close()
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
})
