// A page of the package for a test's scenarios: `lab(SCENARIOS, prepare)` runs the one that the command line names,
// `node SCRIPT SCENARIO PACKAGE RECORDING`, in pages under a strict policy whose consoles must stay empty.
import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { launch } from "./chromium.mjs"
import { serveChain, servePages } from "./light-client-servers.mjs"

const WATCHDOG_MS = 60_000

export const lab = async (scenarios, module) => {
    const [name, folder, recording] = process.argv.slice(2)
    if (!Object.hasOwn(scenarios, name)) throw new Error(`no scenario ${name}; there are: ${Object.keys(scenarios).join(", ")}`)
    const recorded = JSON.parse(await readFile(recording, "utf8"))
    const node = await serveChain(recorded)
    const html = '<!doctype html><meta charset="utf-8"><title>lab</title><script type="module" src="/lab.mjs"></script>'
    const texts = { "/lab.html": html, "/lab.mjs": `${module}\ndocument.body.append("ready")\n` }
    const pages = await servePages(folder, texts, node.url)
    const site = `http://127.0.0.1:${pages.port}`
    const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])
    const context = await browser.newContext()
    const problems = []
    const tab = async () => {
        const tab = await context.newPage()
        tab.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()))
        tab.on("pageerror", (error) => problems.push(String(error)))
        await tab.goto(`${site}/lab.html`)
        await tab.locator("body", { hasText: "ready" }).waitFor()
        return tab
    }
    // A page that hangs must not hang the test run: ending this process closes Chromium's pipe, and Chromium with it.
    const watchdog = setTimeout(() => {
        console.error(`${name}: not done after ${WATCHDOG_MS / 1000} s; problems ${JSON.stringify(problems)}; asked ${node.asked.slice(-5).join("\n")}`)
        process.exit(1)
    }, WATCHDOG_MS)
    try {
        await scenarios[name]({ tab, node, recorded, context, site, problems })
        assert.deepEqual(problems, [], "the console stays empty")
    } finally {
        await browser.close()
        pages.close()
        node.close()
        clearTimeout(watchdog)
    }
}
