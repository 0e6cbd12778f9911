// What the light client's tests need of a network: a server of pages under a strict content security policy, and a node that is a recorded
// chain (tests/fixtures/light-client/chess.json), which can be told to lie or to keep silent.
import { createServer } from "node:http"
import { readFile } from "node:fs/promises"
import { join, normalize } from "node:path"

const TYPES = { html: "text/html", css: "text/css", js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm" }
const BODY_BYTES_MAX = 1 << 20

const listen = async (handler) => {
    const server = createServer((request, response) => {
        handler(request, response).catch((error) => {
            response.writeHead(500).end(String(error))
        })
    })
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
    const close = () => {
        server.closeAllConnections()
        server.close()
    }
    return { port: server.address().port, close }
}

/** Serves a folder, and `texts` by their paths; pages may ask `node`, and nothing that they load may be anybody else's. */
export const servePages = async (folder, texts, node) => {
    const policy = [
        "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "worker-src 'self'",
        `connect-src 'self' ${node}`, "img-src 'self'", "base-uri 'none'", "form-action 'none'"
    ].join("; ")
    return listen(async (request, response) => {
        const { pathname } = new URL(request.url, "http://page.invalid")
        const extension = pathname.split(".").pop()
        const headers = {
            "content-type": TYPES[extension] ?? "text/plain",
            "content-security-policy": policy,
            "x-content-type-options": "nosniff"
        }
        if (pathname === "/favicon.ico") return response.writeHead(204).end()
        const body = texts[pathname] ?? (await readFile(join(folder, normalize(pathname))).catch(() => null))
        if (body === null) return response.writeHead(404, headers).end("no such file")
        response.writeHead(200, headers).end(body)
    })
}

const read = async (request) => {
    const parts = []
    let length = 0
    for await (const part of request) {
        length += part.length
        if (length > BODY_BYTES_MAX) throw new Error("a question of more than a mebibyte")
        parts.push(part)
    }
    return Buffer.concat(parts)
}

/** What was asked, as the recording names it: the path, and behind it what was posted. */
const name = async (request) => {
    if (request.method !== "POST") return request.url
    const body = await read(request)
    const text = request.headers["content-type"] === "application/json" ? body.toString("utf8") : body.toString("hex")
    return `${request.url} ${text}`
}

/** The recorded chain as a node, in its first part. `change(name, body)` may lie; `isSilent` ends connections without an answer. */
export const serveChain = async (recorded) => {
    const node = { part: 0, change: null, isSilent: false, asked: [] }
    const server = await listen(async (request, response) => {
        const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type" }
        if (request.method === "OPTIONS") return response.writeHead(204, headers).end()
        const asked = await name(request)
        node.asked.push(asked)
        if (node.isSilent) return request.socket.destroy()
        const answer = recorded.parts[node.part][asked]
        if (!answer) {
            const problem = JSON.stringify({ code: "not-recorded", message: "this was not asked when the chain was recorded" })
            return response.writeHead(404, { ...headers, "content-type": "application/problem+json" }).end(problem)
        }
        const isJson = answer.json !== undefined
        let body = isJson ? Buffer.from(JSON.stringify(answer.json)) : Buffer.from(answer.bytes, "hex")
        if (node.change) body = node.change(asked, body) ?? body
        const type = isJson ? "application/json" : "application/octet-stream"
        response.writeHead(answer.status, { ...headers, "content-type": type }).end(body)
    })
    return Object.assign(node, server, { url: `http://127.0.0.1:${server.port}` })
}
