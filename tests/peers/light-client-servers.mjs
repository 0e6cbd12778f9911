// What the light client's tests need of a network: a server of pages under a strict content security policy, and a node that is a recorded
// chain (tests/fixtures/light-client/chess.json), which can be told to lie or to keep silent.
import { createHash } from "node:crypto"
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
    return { server, port: server.address().port, close }
}

/** Takes a WebSocket's handshake (RFC 6455 section 4.2.2). */
const accept = (request, socket) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const answer = createHash("sha1").update(key).digest("base64")
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${answer}\r\n\r\n`)
}

/** A text of fewer than 126 bytes as one frame (section 5.2). */
const frame = (text) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)])

/** Serves a folder, and `texts` by their paths; pages may ask `node`, and nothing that they load may be anybody else's. */
export const servePages = async (folder, texts, node) => {
    const policy = [
        "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "worker-src 'self'",
        `connect-src 'self' ${node} ${node.replace(/^http/, "ws")}`, "img-src 'self'", "base-uri 'none'", "form-action 'none'"
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

/**
 * The recorded chain as a node, in its first part. `change(name, body)` may lie, `isDenied(name)` say that there is no such thing; `isSilent` ends connections without an answer; the next `busy`
 * answers are that it has too much to do. `wake(text)` sends a text to all sockets.
 */
export const serveChain = async (recorded) => {
    const sockets = new Set()
    const node = {
        part: 0, change: null, isDenied: null, isSilent: false, busy: 0, asked: [], sockets,
        wake: (text) => sockets.forEach((socket) => socket.write(frame(text)))
    }
    const { server, ...served } = await listen(async (request, response) => {
        const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type" }
        if (request.method === "OPTIONS") return response.writeHead(204, headers).end()
        const asked = await name(request)
        node.asked.push(asked)
        if (node.isSilent) return request.socket.destroy()
        if (node.busy > 0) {
            node.busy -= 1
            const problem = { error: { code: "rate_limited", message: "too much", retry_after_ms: 5 } }
            return response.writeHead(node.busy % 2 ? 429 : 503, headers).end(JSON.stringify(problem))
        }
        const answer = recorded.parts[node.part][asked]
        if (!answer || node.isDenied?.(asked)) {
            const problem = JSON.stringify({ code: "not-recorded", message: "this was not asked when the chain was recorded" })
            return response.writeHead(404, { ...headers, "content-type": "application/problem+json" }).end(problem)
        }
        const isJson = answer.json !== undefined
        let body = isJson ? Buffer.from(JSON.stringify(answer.json)) : Buffer.from(answer.bytes, "hex")
        if (node.change) body = node.change(asked, body) ?? body
        const type = isJson ? "application/json" : "application/octet-stream"
        response.writeHead(answer.status, { ...headers, "content-type": type }).end(body)
    })
    server.on("upgrade", (request, socket) => {
        socket.on("error", () => socket.destroy())
        socket.on("close", () => sockets.delete(socket))
        if (node.isSilent || !request.url.endsWith("/ws")) return socket.destroy()
        accept(request, socket)
        sockets.add(socket)
    })
    const close = () => {
        sockets.forEach((socket) => socket.destroy())
        served.close()
    }
    return Object.assign(node, served, { close, url: `http://127.0.0.1:${served.port}` })
}
