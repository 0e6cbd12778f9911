// The bodies of the light client's native tests, and single checks, as WebAssembly in workers of headless Chromium:
// `node light-client-bodies.mjs truths|lies|cost PACKAGE [FIRST STEP]`, where PACKAGE is `target/web/light-client-page`.
//
// `truths` writes how many bodies ran, `lies` what went wrong with each STEPth from FIRST on; `cost` the median time of each check in ms, each made
// FIRST times if that is said.
import { launch } from "./chromium.mjs"
import { servePages } from "./light-client-servers.mjs"

const WATCHDOG_MS = 240_000

const [what, folder, first, step] = process.argv.slice(2)

const WORKER = `import init, { truths, truth_at, Lies, Checks, Committee } from "/page.js"
await init()
const median = (ready, usual, often) => {
    const count = often || usual
    const times = []
    for (let round = 0; round < count; round += 1) {
        const begin = performance.now()
        ready()
        times.push(performance.now() - begin)
    }
    return times.sort((left, right) => left - right)[Math.floor(count / 2)]
}
const does = {
    truths() {
        const names = truths()
        names.forEach((_, place) => truth_at(place))
        return names
    },
    lies([first, step]) {
        const lies = new Lies()
        const [wrong, told] = [[], []]
        for (let place = first; place < lies.count(); place += step) {
            told.push(place)
            const found = lies.tell(place)
            if (found !== undefined) wrong.push(found)
        }
        return { wrong, told, of: lies.count() }
    },
    cost([often]) {
        const checks = new Checks()
        const all = checks.proofs()
        const times = {
            key_chromium_ms: median(() => checks.key(), 21, often),
            verify_chromium_ms: median(() => checks.proof(1), 21, often),
            verify_batch_chromium_ms: median(() => checks.proof(all), 9, often) / all,
            certificate_chromium_ms: median(() => checks.certificate(), 41, often),
            state_chromium_ms: median(() => checks.state(), 41, often),
        }
        const begin = performance.now()
        const committee = new Committee()
        times.committee_made_chromium_ms = performance.now() - begin
        times.sync_update_chromium_ms = median(() => committee.all(), 21, often)
        times.sync_update_67_chromium_ms = median(() => committee.two_thirds(), 21, often)
        return times
    },
}
self.onmessage = ({ data: [what, share] }) => self.postMessage(does[what](share))
self.postMessage("ready")
`

const pages = await servePages(folder, { "/worker.mjs": WORKER, "/blank.html": "<!doctype html><title>bodies</title>" }, "")
const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])
const watchdog = setTimeout(() => {
    console.error(`light-client-bodies.mjs: no answer after ${WATCHDOG_MS / 1000} s`)
    process.exit(1)
}, WATCHDOG_MS)
try {
    const tab = await browser.newPage()
    // A body that panics says so there, and then its worker fails.
    tab.on("console", (message) => message.type() === "error" && console.error(message.text()))
    await tab.goto(`http://127.0.0.1:${pages.port}/blank.html`)
    const run = (asked) => new Promise((resolve, reject) => {
        const worker = new Worker("/worker.mjs", { type: "module" })
        worker.onerror = (event) => reject(new Error(event.message || "the worker could not be loaded"))
        worker.onmessage = ({ data }) => data === "ready" ? worker.postMessage(asked) : resolve(data)
    })
    const answer = await tab.evaluate(run, [what, [Number(first), Number(step)]])
    process.stdout.write(`${JSON.stringify(answer)}\n`)
} finally {
    await browser.close()
    pages.close()
    clearTimeout(watchdog)
}
