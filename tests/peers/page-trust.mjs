// Whom a visitor believes, and who acts for whom: `node page-trust.mjs SCENARIO ADDRESS [PICTURES]` (page-visitor.mjs).
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import {
    DESKTOP, PHONE, accessible, address, allow, begin, browser, deviceKey, fits, go, heldKey, newTab, picture, play, problems, run, tap, untilPly
} from "./page-visitor.mjs"

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

await run({
    /** Another device plays for a visitor: it is let in, does what it may and no more, and is shut out again. */
    async session() {
        const first = await newTab(await browser.newContext(DESKTOP), address)
        const game = await begin(first)
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

    /** A backup in another browser, where somebody has played already: its keys come back beside the others, and play when they are chosen. */
    async restore() {
        const first = await newTab(await browser.newContext(DESKTOP), address)
        const game = await begin(first)
        await go(first, "/wallet")
        await first.locator("form:has(button:text('Make a backup')) [name=passphrase]").fill("a long passphrase")
        await first.getByRole("button", { name: "Make a backup" }).click()
        const backup = await first.getByLabel("The backup").inputValue()

        const second = await newTab(await browser.newContext(PHONE), address)
        await play(second)
        await untilPly(second, 0)
        const restore = async (passphrase) => {
            await second.locator("[name=backup]").fill(backup)
            await second.locator("form:has([name=backup]) [name=passphrase]").fill(passphrase)
            await second.getByRole("button", { name: "Restore" }).click()
        }
        await go(second, "/wallet")
        await restore("another passphrase")
        await second.locator(".warning", { hasText: "the passphrase is not" }).waitFor()
        await restore("a long passphrase")
        await second.getByText("Back: house 2, player 2.").waitFor()
        await restore("a long passphrase")
        await second.getByText("All of its keys are here already.").waitFor()
        await go(second, game)
        await second.locator(".state", { hasText: "You are watching" }).waitFor()
        await go(second, "/wallet")
        await second.getByRole("button", { name: "Play with it: \u201cplayer 2\u201d" }).click()
        await second.getByRole("button", { name: "Play with it: You", exact: true }).waitFor()
        await fits(second, "a wallet with two keys")
        await accessible(second, "a wallet with two keys")
        await picture(second, "phone-wallet-restored")
        // The game goes on here; its house is at home in the first browser.
        await go(first, game)
        await go(second, game)
        await untilPly(second, 2)
        await tap(second, "d2", "d4")
        for (const tab of [first, second]) await untilPly(tab, 4)
        await second.reload()
        await second.locator(".square.mine").first().waitFor()

        // A key that is forgotten plays no more, in any tab; the other one does, and the backup has it still.
        const other = await newTab(second.context(), `${address}${game}`)
        await other.locator(".square.mine").first().waitFor()
        await go(second, "/wallet")
        const ask = (name) => second.getByRole("button", { name: `Forget the key: ${name}`, exact: true })
        const answer = (name, said) => second.getByRole("group", { name: `Forget the key: ${name}`, exact: true }).getByRole("button", { name: said })
        const rows = second.locator("[aria-labelledby=keys] tbody tr")
        await ask("You").focus()
        await second.keyboard.press("Enter")
        await second.locator("[role=alert]", { hasText: "No backup has it: with it go the games and the money of its account, whose balance is 0." }).waitFor()
        await second.waitForFunction(() => document.activeElement?.textContent === "No")
        await fits(second, "a key that is to be forgotten")
        await accessible(second, "a key that is to be forgotten")
        await picture(second, "phone-wallet-forget")
        await answer("You", "No").press("Enter")
        await second.waitForFunction(() => document.activeElement?.textContent === "Forget")
        assert.equal(await rows.count(), 4)
        await ask("\u201cplayer 2\u201d").click()
        await second.locator("[role=alert]", { hasText: "A backup was made that has it" }).waitFor()
        await answer("\u201cplayer 2\u201d", "Yes, forget it").click()
        await second.waitForFunction(() => document.querySelectorAll("[aria-labelledby=keys] tbody tr").length === 3)
        // The usual key plays again, and there is no other to choose.
        await second.getByText("plays here").waitFor({ state: "detached" })
        await other.waitForFunction(() => document.querySelector(".state")?.textContent.includes("You are watching"))
        await other.waitForFunction(() => document.querySelectorAll(".square.mine").length === 0)
        await other.close()
        await restore("a long passphrase")
        await second.getByText("Back: player 2.").waitFor()
        await second.getByRole("button", { name: "Play with it: \u201cplayer 2\u201d" }).click()
        await second.getByText("plays here").waitFor()
        await go(second, game)
        await second.locator(".square.mine").first().waitFor()
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
    }
})
