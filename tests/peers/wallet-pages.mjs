// The wallet in real pages: `node wallet-pages.mjs SCENARIO PACKAGE RECORDING`. `signs` writes what was signed, which the test verifies natively.
import assert from "node:assert/strict"
import { lab } from "./lab.mjs"

const PAGE = `import { Wallet, WalletError } from "/wallet.mjs"
globalThis.lab = {
    Wallet, WalletError,
    async open() { return (this.wallet = await Wallet.open()) && null },
    ask(name, ...args) {
        const told = (error) => ({ error: error.kind, isOurs: error instanceof WalletError })
        return this.wallet[name](...args).catch(told)
    },
    /** The wallet's own module. */
    async module() {
        const module = await import("/wallet.js")
        await module.default()
        return module
    },
    /** The text of a backup of new keys of these names, as whoever makes it likes. */
    async text(chain, names, passphrase) {
        const { Keyring } = await this.module()
        const { encrypt } = await import("/backup.mjs")
        const keyring = new Keyring()
        for (const name of names) keyring.add(chain, name, 7, crypto.getRandomValues(new Uint8Array(32)))
        return encrypt(keyring.bytes(), passphrase)
    },
    /** Does something with the database's stores in one transaction. */
    within(does) {
        return new Promise((resolve, reject) => {
            const request = indexedDB.open("playfair-wallet")
            request.onerror = reject
            request.onsuccess = () => {
                const transaction = request.result.transaction(["wrapping", "keys"], "readwrite")
                does(transaction.objectStore("wrapping"), transaction.objectStore("keys"))
                transaction.onabort = reject
                transaction.oncomplete = () => {
                    request.result.close()
                    resolve()
                }
            }
        })
    },
    /** A key as it was kept when names could be more; there is a wrapping key. */
    async plant(chain, name) {
        const { Secret } = await this.module()
        const seed = crypto.getRandomValues(new Uint8Array(32))
        const account = new Secret(seed).account()
        let wrapping
        await this.within((store) => { store.get(1).onsuccess = ({ target }) => { wrapping = target.result } })
        const iv = crypto.getRandomValues(new Uint8Array(12))
        const additionalData = new TextEncoder().encode(JSON.stringify(["playfair/1/wallet", chain, name, account]))
        const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, wrapping.key, seed))
        const row = { chain, name, account, createdMs: 7, isBackedUp: false }
        await this.within((_, keys) => keys.add({ ...row, wrapping: wrapping.id, iv, sealed }))
        return row
    },
}
`
const CHAIN = "00".repeat(31) + "07"
const OTHER = "00".repeat(31) + "08"

const open = async ({ tab }) => {
    const page = await tab()
    await page.evaluate(() => globalThis.lab.open())
    return page
}
const ask = (page, ...asked) => page.evaluate((asked) => globalThis.lab.ask(...asked), asked)
const failed = (kind) => ({ error: kind, isOurs: true })
const sign = (page, call) => page.evaluate(async ([chain, call]) => {
    const signed = await globalThis.lab.ask("sign", chain, "anna", { ...call, payload: Uint8Array.from(call.payload ?? []) })
    return signed.record ? { ...signed, record: Array.from(signed.record, (byte) => byte.toString(16).padStart(2, "0")).join("") } : signed
}, [CHAIN, call])
const forget = async (page, chain, name) => {
    const key = (await ask(page, "keys")).find((key) => key.chain === chain && key.name === name)
    assert.equal(await ask(page, "forget", chain, name, key.account), undefined)
}
/** Rows of the database as they lie there. */
const rows = (page, store) => page.evaluate((store) => new Promise((resolve, reject) => {
    const request = indexedDB.open("playfair-wallet")
    request.onerror = reject
    request.onsuccess = () => {
        const all = request.result.transaction(store).objectStore(store).getAll()
        all.onsuccess = () => {
            globalThis.lab.rows = all.result
            request.result.close()
            resolve(all.result.map(({ key, iv, sealed, ...row }) => ({ ...row, iv: iv?.length, sealed: sealed && Array.from(sealed) })))
        }
    }
}), store)
const text = (page, names) => page.evaluate(([chain, names]) => globalThis.lab.text(chain, names, "a stranger's"), [CHAIN, names])
/** The page's wallet worker, in which what it is made of can be watched and broken. */
const workerOf = (page) => {
    const [worker, ...more] = page.workers()
    assert.deepEqual(more, [])
    return worker
}
const clear = async ({ context, site }, page) => {
    const session = await context.newCDPSession(page)
    await session.send("Storage.clearDataForOrigin", { origin: site, storageTypes: "all" })
}

await lab({
    /** Keys are made once, stay over reloads, and sign. */
    async signs(scene) {
        const page = await open(scene)
        assert.deepEqual(await ask(page, "keys"), [])
        const key = await ask(page, "create", CHAIN, "anna")
        assert.deepEqual([key.chain, key.name, key.isBackedUp], [CHAIN, "anna", false])
        assert.match(key.account, /^[0-9a-f]{40}$/)
        assert.deepEqual(await ask(page, "create", CHAIN, "anna"), key)
        const other = await ask(page, "create", OTHER, "anna")
        assert.notEqual(other.account, key.account)
        const first = await sign(page, { nonce: 0, entry: 1, isNew: true, validUntilMs: 9, payload: [1, 2, 3] })
        await page.reload()
        await page.locator("body", { hasText: "ready" }).waitFor()
        await page.evaluate(() => globalThis.lab.open())
        assert.deepEqual(await ask(page, "keys"), [key, other])
        const second = await sign(page, { nonce: 5, entry: 2, isNew: false, validUntilMs: 9, lane: 3, gasPrice: "17", account: "00".repeat(20), keyIndex: 4 })
        const publicKey = await ask(page, "publicKey", CHAIN, "anna")
        process.stdout.write(`${JSON.stringify({ chain: CHAIN, account: key.account, publicKey, first, second })}\n`)
        // What is asked for wrongly ends nothing.
        assert.deepEqual(await sign(page, { nonce: -1, entry: 1, isNew: true, validUntilMs: 9 }), failed("bad"))
        assert.deepEqual(await ask(page, "sign", CHAIN, "anna"), failed("bad"))
        assert.deepEqual(await ask(page, "sign", CHAIN, "bert", {}), failed("bad"))
        assert.deepEqual(await ask(page, "publicKey", CHAIN, "bert"), failed("no-such-key"))
        for (const name of ["", "x".repeat(33), "a\nb"]) assert.deepEqual(await ask(page, "create", CHAIN, name), failed("bad"))
        assert.deepEqual(await ask(page, "create", "ff".repeat(32), "anna"), failed("bad"))
        // What was said of one key is never done to another: not under its name, and not on its chain.
        for (const [chain, name, account] of [[OTHER, "anna", key.account], [OTHER, "bert", other.account], [CHAIN, "anna", other.account]]) {
            assert.deepEqual(await ask(page, "forget", chain, name, account), failed("no-such-key"), `${chain} ${name}`)
        }
        for (const name of ["anna", "bert"]) assert.deepEqual(await ask(page, "forget", OTHER, name), failed("bad"))
        assert.deepEqual(await ask(page, "keys"), [key, other])
        await forget(page, OTHER, "anna")
        assert.deepEqual(await ask(page, "keys"), [key])
        assert.deepEqual(await ask(page, "forget", OTHER, "anna", other.account), failed("no-such-key"))
        assert.equal(typeof await ask(page, "persist"), "boolean")
        await page.evaluate(() => globalThis.lab.wallet.close())
        assert.deepEqual(await ask(page, "keys"), failed("closed"))
        // A wallet asks nobody.
        assert.deepEqual(scene.node.asked, [])
    },

    /** What lets another key act, and takes it away: the bytes of FORMATS.md, and nothing but what is described well. */
    async sessions(scene) {
        const page = await open(scene)
        const bytes = async (...asked) => page.evaluate(async (asked) => {
            const call = await globalThis.lab.ask(...asked)
            return call.payload ? { entry: call.entry, payload: Array.from(call.payload, (byte) => byte.toString(16).padStart(2, "0")).join("") } : call
        }, asked)
        const key = { place: 3, publicKey: "5a".repeat(32), entries: [1, 63], lanes: [2], expiresMs: 0x0102_0304_0506, gasPriceMax: "17" }
        const payload = `0302${"8000000000000002"}${"0000000000000011"}04${"010203040506"}${key.publicKey}`
        assert.deepEqual(await bytes("allow", key), { entry: 240, payload })
        assert.deepEqual(await bytes("revoke", 3), { entry: 241, payload: "03" })
        for (const wrong of [{ place: 256 }, { publicKey: "5a" }, { entries: [] }, { lanes: [8] }, { expiresMs: -1 }, { expiresMs: null }, { gasPriceMax: 17 }]) {
            assert.deepEqual(await bytes("allow", { ...key, ...wrong }), failed("bad"), JSON.stringify(wrong))
        }
        assert.deepEqual(await bytes("allow"), failed("bad"))
        assert.deepEqual(await bytes("revoke", "3"), failed("bad"))
        assert.deepEqual(await bytes("revoke"), failed("bad"))
        assert.deepEqual(await ask(page, "keys"), [], "nothing was made for it")
    },

    /** Two tabs that make the same key at once have one. */
    async tabs(scene) {
        const pages = [await open(scene), await open(scene)]
        for (const name of ["anna", "bert", "cleo"]) {
            const made = await Promise.all([...pages, ...pages].map((page) => ask(page, "create", CHAIN, name)))
            assert.deepEqual(new Set(made.map(({ account }) => account)).size, 1, name)
        }
        const keys = await Promise.all(pages.map((page) => ask(page, "publicKey", CHAIN, "anna")))
        assert.equal(keys[0], keys[1])
        assert.equal((await rows(pages[0], "wrapping")).length, 1)
        assert.equal((await rows(pages[0], "keys")).length, 3)
    },

    /** What lies in the database: no secret, and a wrapping key that nobody can take out; a row's secret opens in no other row. */
    async sealed(scene) {
        const page = await open(scene)
        await ask(page, "create", CHAIN, "anna")
        await ask(page, "create", CHAIN, "bert")
        await rows(page, "wrapping")
        const wrapping = await page.evaluate(async () => {
            const [{ key }] = globalThis.lab.rows
            const taken = await crypto.subtle.exportKey("raw", key).catch((error) => error.name)
            return { isExtractable: key.extractable, name: key.algorithm.name, length: key.algorithm.length, taken }
        })
        assert.deepEqual(wrapping, { isExtractable: false, name: "AES-GCM", length: 256, taken: "InvalidAccessError" })
        const [anna, bert] = await rows(page, "keys")
        assert.deepEqual(Object.keys(anna).sort(), ["account", "chain", "createdMs", "isBackedUp", "iv", "name", "sealed", "wrapping"])
        assert.deepEqual([anna.iv, anna.sealed.length], [12, 48])
        assert.notDeepEqual(anna.sealed, bert.sealed)
        await page.evaluate(() => new Promise((resolve) => {
            const request = indexedDB.open("playfair-wallet")
            request.onsuccess = () => {
                const [anna, bert] = globalThis.lab.rows
                const put = request.result.transaction("keys", "readwrite").objectStore("keys").put({ ...bert, iv: anna.iv, sealed: anna.sealed })
                put.onsuccess = () => {
                    request.result.close()
                    resolve()
                }
            }
        }))
        assert.deepEqual(await ask(page, "publicKey", CHAIN, "bert"), failed("storage"))
        assert.match(await ask(page, "publicKey", CHAIN, "anna"), /^[0-9a-f]{64}$/)
    },

    /** A backup brings keys back after everything was cleared, under its passphrase only, and replaces nothing. */
    async backup(scene) {
        const page = await open(scene)
        const anna = await ask(page, "create", CHAIN, "anna")
        const bert = await ask(page, "create", OTHER, "b\u00e9rt \u{1f984}")
        const before = await ask(page, "publicKey", CHAIN, "anna")
        const text = await ask(page, "backup", "a pass\u00e9 phrase")
        assert.match(text, /^pfw1\.[A-Za-z0-9_-]+$/)
        assert.deepEqual((await ask(page, "keys")).map(({ isBackedUp }) => isBackedUp), [true, true])
        assert.deepEqual(await ask(page, "restore", text, "a pass\u00e9 phrase"), [])
        assert.notEqual(await ask(page, "backup", "a pass\u00e9 phrase"), text)

        await clear(scene, page)
        assert.deepEqual(await ask(page, "keys"), [])
        // Somebody else by now has a name; it stays his.
        const new1 = await ask(page, "create", CHAIN, "anna")
        assert.notEqual(new1.account, anna.account)
        assert.deepEqual(await ask(page, "restore", text, "another phrase"), failed("passphrase"))
        assert.deepEqual(await ask(page, "restore", text, ""), failed("passphrase"))
        for (const damaged of [
            "", "pfw1.", text.slice(0, -1), `${text}A`, text.replace("pfw1", "pfw2"), `${text.slice(0, 40)}${text[40] === "A" ? "B" : "A"}${text.slice(41)}`, null
        ]) {
            assert.deepEqual(await ask(page, "restore", damaged, "a pass\u00e9 phrase"), failed("backup"), String(damaged))
        }
        // As another keyboard writes the same letters, and with what copying adds.
        const back = await ask(page, "restore", `\n ${text} `, "a passe\u0301 phrase")
        const beside = { ...anna, name: "anna 2", isBackedUp: true }
        const byChain = (left, right) => left.chain < right.chain ? -1 : 1
        assert.deepEqual(back.sort(byChain), [beside, { ...bert, isBackedUp: true }].sort(byChain))
        const keys = await ask(page, "keys")
        assert.deepEqual(keys.find(({ name }) => name === "anna"), new1)
        assert.deepEqual(keys.find(({ name }) => name === "anna 2"), beside)
        assert.deepEqual(keys.find(({ chain }) => chain === OTHER), { ...bert, isBackedUp: true })
        assert.equal(await ask(page, "publicKey", CHAIN, "anna 2"), before)
        // It is there, under whatever name.
        assert.deepEqual(await ask(page, "restore", text, "a pass\u00e9 phrase"), [])
        for (const name of ["anna", "anna 2"]) await forget(page, CHAIN, name)
        assert.deepEqual((await ask(page, "restore", text, "a pass\u00e9 phrase")).map(({ name }) => name), ["anna"])
        assert.equal(await ask(page, "publicKey", CHAIN, "anna"), before)
        // A name that has no room for a number gives way for it.
        const long = "\u{1f984}".repeat(32)
        await ask(page, "create", OTHER, long)
        const all = await ask(page, "backup", "a passphrase")
        await forget(page, OTHER, long)
        await ask(page, "create", OTHER, long)
        assert.deepEqual((await ask(page, "restore", all, "a passphrase")).map(({ name }) => name), [`${"\u{1f984}".repeat(30)} 2`])
        assert.deepEqual(await ask(page, "backup", ""), failed("passphrase"))
    },

    /** A stranger's backup with as many keys as there can be takes neither the visitor's backups away nor hours. */
    async crowds(scene) {
        const page = await open(scene)
        const anna = await ask(page, "create", CHAIN, "anna")
        const many = await text(page, Array.from({ length: 1024 }, (_, place) => `key ${place}`))
        assert.deepEqual(await ask(page, "restore", many, "a stranger's"), failed("backup"))
        assert.deepEqual(await ask(page, "keys"), [anna], "none of them was taken")
        // One fewer has room. All of them have one name, as far as that can be seen.
        const unseen = (place) => Array.from({ length: 10 }, (_, bit) => (place >> bit) & 1 ? "\u200b" : "\u2060").join("")
        const fewer = await text(page, Array.from({ length: 1023 }, (_, place) => `anna${unseen(place)}`))
        const worker = workerOf(page)
        await worker.evaluate(() => {
            const { transaction } = IDBDatabase.prototype
            globalThis.transactions = 0
            IDBDatabase.prototype.transaction = function (...args) {
                globalThis.transactions += 1
                return transaction.apply(this, args)
            }
        })
        const back = await ask(page, "restore", fewer, "a stranger's")
        const names = Array.from({ length: 1023 }, (_, place) => `anna ${place + 2}`)
        assert.deepEqual(new Set(back.map(({ name }) => name)), new Set(names))
        assert.equal(back.length, 1023)
        const transactions = await worker.evaluate(() => globalThis.transactions)
        assert.ok(transactions <= 2 * 1023 + 8, `${transactions} transactions`)
        // It is full: no key is made that no backup could hold, and there is one for all that there are.
        assert.deepEqual(await ask(page, "create", CHAIN, "bert"), failed("backup"))
        assert.deepEqual(await ask(page, "restore", await text(page, ["bert"]), "a stranger's"), failed("backup"))
        assert.deepEqual(await ask(page, "create", CHAIN, "anna"), anna)
        const all = await ask(page, "backup", "a passphrase")
        assert.match(all, /^pfw1\./)
        for (const [whose, passphrase] of [[all, "a passphrase"], [fewer, "a stranger's"]]) {
            assert.deepEqual(await ask(page, "restore", whose, passphrase), [])
        }
        await forget(page, CHAIN, "anna")
        assert.deepEqual((await ask(page, "restore", all, "a passphrase")).map(({ name, account }) => [name, account]), [["anna", anna.account]])
    },

    /** A new key's name has nothing that cannot be seen; what was called so before stays usable, and comes back under what can be seen of it. */
    async names(scene) {
        const page = await open(scene)
        const anna = await ask(page, "create", CHAIN, "anna")
        for (const unseen of ["\u00ad", "\u200b", "\u200d", "\u200f", "\u2028", "\u2029", "\u202e", "\u2060", "\u2066", "\ufeff", "\u{e0041}"]) {
            assert.deepEqual(await ask(page, "create", CHAIN, `an${unseen}na`), failed("bad"), JSON.stringify(unseen))
        }
        const [like, none] = ["an\u200bna", "\u202e"]
        const old = []
        for (const name of [like, none]) old.push(await page.evaluate(([chain, name]) => globalThis.lab.plant(chain, name), [CHAIN, name]))
        const accounts = (keys) => new Set(keys.map(({ account }) => account))
        assert.deepEqual(accounts(await ask(page, "keys")), accounts([anna, ...old]))
        assert.deepEqual(await ask(page, "create", CHAIN, like), old[0], "it is there")
        const publicKeys = []
        for (const name of [like, none]) publicKeys.push(await ask(page, "publicKey", CHAIN, name))
        for (const publicKey of publicKeys) assert.match(publicKey, /^[0-9a-f]{64}$/)
        const all = await ask(page, "backup", "a passphrase")
        assert.match(all, /^pfw1\./)
        assert.deepEqual(await ask(page, "restore", all, "a passphrase"), [])
        for (const name of [like, none]) await forget(page, CHAIN, name)
        assert.deepEqual(await ask(page, "keys"), [{ ...anna, isBackedUp: true }])
        const back = await ask(page, "restore", all, "a passphrase")
        assert.deepEqual(new Map(back.map(({ name, account }) => [account, name])), new Map([[old[0].account, "anna 2"], [old[1].account, "key"]]))
        assert.deepEqual([await ask(page, "publicKey", CHAIN, "anna 2"), await ask(page, "publicKey", CHAIN, "key")], publicKeys)
        assert.deepEqual(await ask(page, "restore", all, "a passphrase"), [])
    },

    /** A key that cannot be opened any more opens again when it is restored, where it was. */
    async mends(scene) {
        const page = await open(scene)
        const made = [await ask(page, "create", CHAIN, "anna"), await ask(page, "create", CHAIN, "bert")]
        const publicKey = await ask(page, "publicKey", CHAIN, "anna")
        const all = await ask(page, "backup", "a passphrase")
        const mended = made.map((key) => ({ ...key, isBackedUp: true }))
        const byName = (left, right) => left.name < right.name ? -1 : 1
        // Its row is damaged: the other's is left as it is.
        await page.evaluate((id) => globalThis.lab.within((_, keys) => {
            keys.get(id).onsuccess = ({ target }) => keys.put({ ...target.result, iv: new Uint8Array(12), isBackedUp: false })
        }), [CHAIN, "anna"])
        assert.deepEqual(await ask(page, "publicKey", CHAIN, "anna"), failed("storage"))
        const untouched = (await rows(page, "keys")).find(({ name }) => name === "bert")
        assert.deepEqual(await ask(page, "restore", all, "a passphrase"), [mended[0]])
        assert.equal(await ask(page, "publicKey", CHAIN, "anna"), publicKey)
        assert.deepEqual((await rows(page, "keys")).find(({ name }) => name === "bert"), untouched)
        // The wrapping key is gone: with it all rows, also one that no backup has.
        await ask(page, "create", CHAIN, "cleo")
        await page.evaluate(() => globalThis.lab.within((wrapping) => wrapping.delete(1)))
        for (const name of ["anna", "bert", "cleo"]) assert.deepEqual(await ask(page, "publicKey", CHAIN, name), failed("storage"), name)
        assert.deepEqual((await ask(page, "restore", all, "a passphrase")).sort(byName), mended)
        assert.equal(await ask(page, "publicKey", CHAIN, "anna"), publicKey)
        assert.match(await ask(page, "publicKey", CHAIN, "bert"), /^[0-9a-f]{64}$/)
        assert.deepEqual(await ask(page, "publicKey", CHAIN, "cleo"), failed("storage"))
        assert.deepEqual((await ask(page, "keys")).map(({ name }) => name), ["anna", "bert", "cleo"])
        assert.deepEqual(await ask(page, "restore", all, "a passphrase"), [])
        await forget(page, CHAIN, "cleo")
        assert.match(await ask(page, "backup", "a passphrase"), /^pfw1\./)
    },

    /** Secrets are overwritten, and let go, also where what they were for fails. */
    async overwrites(scene) {
        const page = await open(scene)
        await ask(page, "create", CHAIN, "anna")
        const theirs = await text(page, ["bert"])
        const worker = workerOf(page)
        await worker.evaluate(async () => {
            const { Keyring, Secret } = await import(`${location.origin}/wallet.js`)
            const watched = globalThis.watched = { seeds: [], freed: 0, isBroken: true }
            const { seed, free, add } = Keyring.prototype
            Object.assign(Keyring.prototype, {
                seed(place) {
                    const given = seed.call(this, place)
                    watched.seeds.push(given)
                    return given
                },
                free() {
                    watched.freed += 1
                    free.call(this)
                },
                add(...args) {
                    watched.seeds.push(args[3])
                    if (watched.isBroken) throw new Error("broken by the test")
                    return add.apply(this, args)
                },
            })
            const { publicKey } = Secret.prototype
            Secret.prototype.publicKey = function () {
                if (watched.isBroken) throw new Error("broken by the test")
                return publicKey.call(this)
            }
            const put = IDBObjectStore.prototype.add
            IDBObjectStore.prototype.add = function (row) {
                if (watched.isBroken) throw new DOMException("broken by the test")
                return put.call(this, row)
            }
        })
        const watched = () => worker.evaluate(() => {
            const { seeds, freed } = globalThis.watched
            Object.assign(globalThis.watched, { seeds: [], freed: 0 })
            return { isSeen: seeds.length > 0, left: seeds.filter((seed) => seed.some((byte) => byte !== 0)).length, freed }
        })
        const gone = { isSeen: true, left: 0, freed: 1 }
        assert.deepEqual(await ask(page, "restore", theirs, "a stranger's"), failed("storage"))
        assert.deepEqual(await watched(), gone, "restore")
        assert.deepEqual(await ask(page, "backup", "a passphrase"), failed("bad"))
        assert.deepEqual(await watched(), gone, "backup")
        assert.deepEqual(await ask(page, "publicKey", CHAIN, "anna"), failed("bad"))
        // And where nothing does.
        await worker.evaluate(() => { globalThis.watched.isBroken = false })
        assert.deepEqual((await ask(page, "restore", theirs, "a stranger's")).map(({ name }) => name), ["bert"])
        assert.deepEqual(await watched(), gone)
        assert.match(await ask(page, "backup", "a passphrase"), /^pfw1\./)
        assert.deepEqual(await watched(), gone)
    }
}, PAGE)
