// Headless Chromium for tests: the program that PLAYFAIR_CHROMIUM names, else the system's.
import { constants } from "node:fs"
import { access } from "node:fs/promises"
import { chromium } from "playwright-core"

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome-stable"]

const program = async () => {
    const named = process.env.PLAYFAIR_CHROMIUM
    for (const place of named ? [named] : PLACES) {
        const found = await access(place, constants.X_OK).then(() => true, () => false)
        if (found) return place
    }
    const hint = "apt-get install chromium, or set PLAYFAIR_CHROMIUM to the program of another Chromium"
    throw new Error(`no Chromium at ${named ?? PLACES.join(", ")}: ${hint}`)
}

/** Starts it. It asks nobody for anything by itself; `args` say which hosts its pages reach. */
export const launch = async (args) =>
    chromium.launch({
        executablePath: await program(),
        headless: true,
        args: [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", ...args
        ]
    })
