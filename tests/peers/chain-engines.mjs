// Runs histories of chains in a WebAssembly engine that has JavaScript: `chromium` in a page of headless Chromium, or
// `node` right here, for a quick look with the same code. Reads `{ histories: [...] }` as JSON on stdin (what a history
// is: chain-machine.mjs) and writes `{ agent, histories: [...] }` with what every block did.
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { runHistory } from "./chain-machine.mjs"
import { launch } from "./chromium.mjs"

/** What the page may load; it has no network. */
const SCRIPTS = ["chain-hash.mjs", "chain-host.mjs", "chain-machine.mjs"]
const ORIGIN = "http://playfair.invalid"
const WATCHDOG_MS = 300_000

/** A function of poseidon-lite as an ES module: its files are CommonJS, which a browser does not load. */
const poseidonModule = async (name) => {
    const size = name.slice("poseidon".length)
    const folder = dirname(createRequire(import.meta.url).resolve("poseidon-lite/poseidon2"))
    const files = { [`./${name}`]: `${name}.js`, "./poseidon": "poseidon/index.js" }
    for (const inner of ["poseidon/unstringify", `constants/${size}`]) files[`./${inner}`] = `${inner}.js`
    const texts = await Promise.all(
        Object.entries(files).map(async ([path, file]) => {
            const text = await readFile(join(folder, file), "utf8")
            return `${JSON.stringify(path)}: (module, exports, require) => {${text}\n}`
        })
    )
    return `const files = {${texts.join(",\n")}}
const require = (path) => {
    const module = { exports: {} }
    files[path](module, module.exports, require)
    return module.exports
}
export const { ${name} } = require("./${name}")`
}

/** What the page's address leads to. */
const page = async () => {
    const names = ["poseidon2", "poseidon5"]
    const imports = Object.fromEntries(names.map((name) => [`poseidon-lite/${name}`, `/${name}.mjs`]))
    const files = new Map([
        ["/", ["text/html", `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>`]]
    ])
    for (const name of names) {
        files.set(`/${name}.mjs`, ["text/javascript", await poseidonModule(name)])
    }
    for (const name of SCRIPTS) {
        files.set(`/${name}`, ["text/javascript", await readFile(new URL(name, import.meta.url), "utf8")])
    }
    return files
}

const inChromium = async (histories) => {
    const files = await page()
    const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND"])
    try {
        const tab = await browser.newPage()
        await tab.route("**/*", (route) => {
            const url = new URL(route.request().url())
            const file = url.origin === ORIGIN && files.get(url.pathname)
            return file ? route.fulfill({ contentType: file[0], body: file[1] }) : route.abort()
        })
        await tab.goto(`${ORIGIN}/`)
        const run = async (histories) => {
            const { runHistory } = await import("/chain-machine.mjs")
            const done = []
            for (const history of histories) done.push(await runHistory(history))
            return { agent: navigator.userAgent, histories: done }
        }
        const { agent, histories: done } = await tab.evaluate(run, histories)
        return { agent: `${agent}, program ${browser.version()}`, histories: done }
    } finally {
        await browser.close()
    }
}

const inNode = async (histories) => {
    const done = []
    for (const history of histories) done.push(await runHistory(history))
    return { agent: `node ${process.version}, V8 ${process.versions.v8}`, histories: done }
}

const engine = { chromium: inChromium, node: inNode }[process.argv[2]]
if (!engine) throw new Error("usage: node chain-engines.mjs chromium|node < histories.json")
// A page that hangs must not hang the test run: ending this process closes Chromium's pipe, and Chromium with it.
const watchdog = setTimeout(() => {
    console.error(`chain-engines.mjs: no answer after ${WATCHDOG_MS / 1000} s`)
    process.exit(1)
}, WATCHDOG_MS)
let text = ""
for await (const part of process.stdin.setEncoding("utf8")) text += part
const answer = await engine(JSON.parse(text).histories)
clearTimeout(watchdog)
process.stdout.write(JSON.stringify(answer))
