// A proxy before a real node that lies: pages, questions and sockets pass through as they are, but for the one answer that a lie is about.
//
// It knows no secret: whatever it says, any node could.
import { createServer, request as ask } from "node:http"
import { connect } from "node:net"

const QUESTION_BYTES_MAX = 1 << 20
/** The shortest text that a node's socket could send (RFC 6455 section 5.2): it only wakes the page. */
const WAKE = Buffer.from([0x81, 2, 0x7b, 0x7d])

const whole = async (stream) => {
    const parts = []
    let length = 0
    for await (const part of stream) {
        length += part.length
        if (length > QUESTION_BYTES_MAX && stream.method) throw new Error("a question of more than a mebibyte")
        parts.push(part)
    }
    return Buffer.concat(parts)
}

/** How many bytes the first frame of these has, as servers send them; none while its head is not there. */
const frameLength = (bytes) => {
    if (bytes.length < 2) return null
    const short = bytes[1] & 0x7f
    if (short < 126) return 2 + short
    if (short === 126) return bytes.length < 4 ? null : 4 + bytes.readUInt16BE(2)
    return bytes.length < 10 ? null : 10 + Number(bytes.readBigUInt64BE(2))
}

/**
 * Opens it before the node at `target`, an origin. `tell(lie)` lies from now on, `tell(null)` no more; `told` counts the answers that were changed
 * since. `wake()` has all pages ask now. A lie is `{ about(path, method), change(answer, node) }`, where an answer is `{ status, headers, body }` and
 * `path` what stands behind the chain's; from `change` comes another answer, null for the true one, or "silence" or "hang up".
 */
export const startProxy = async (target) => {
    const { hostname, port, host } = new URL(target)
    const pages = new Set()
    const held = new Set()
    const proxy = { lie: null, told: 0 }

    /** The node's true answer. */
    const forward = (method, path, headers = {}, body = Buffer.alloc(0)) => new Promise((resolve, reject) => {
        // Nothing is packed: what is changed must be readable.
        const all = { ...headers, host, "accept-encoding": "identity" }
        const asking = ask({ hostname, port, method, path, headers: all }, async (response) => {
            try {
                resolve({ status: response.statusCode, headers: response.headers, body: await whole(response) })
            } catch (error) {
                reject(error)
            }
        })
        asking.on("error", reject)
        asking.end(body)
    })

    /** What liars ask for behind the page's back: JSON or bytes of the chain that is lied about. */
    const node = (chain) => ({
        chain,
        async json(path, question) {
            const headers = question ? { "content-type": "application/json" } : {}
            const { body } = await forward(question ? "POST" : "GET", chain + path, headers, question && Buffer.from(JSON.stringify(question)))
            return JSON.parse(body)
        },
        bytes: async (path) => (await forward("GET", chain + path)).body
    })

    const changed = async (method, url, question, answer) => {
        const [, chain, path] = /^(\/v1\/chains\/[0-9a-f]{64})(.*)$/.exec(url) ?? []
        const { lie } = proxy
        if (!chain || !lie?.about(path, method)) return answer
        const other = await lie.change(answer, node(chain), { path, question })
        if (other === null) return answer
        proxy.told += 1
        return other
    }

    const server = createServer(async (request, response) => {
        try {
            const { method, url, headers } = request
            const question = await whole(request)
            const truth = await forward(method, url, headers, question)
            const answer = await changed(method, url, question, truth)
            if (answer === "hang up") return request.socket.destroy()
            if (answer === "silence") return held.add(request.socket)
            const told = { ...answer.headers, "content-length": answer.body.length }
            for (const name of ["transfer-encoding", "connection", "keep-alive"]) delete told[name]
            response.writeHead(answer.status, told).end(answer.body)
        } catch (error) {
            response.destroy(error)
        }
    })

    server.on("upgrade", (request, page) => {
        const upstream = connect({ host: hostname, port }, () => {
            const headers = Object.entries({ ...request.headers, host, origin: target }).map(([name, value]) => `${name}: ${value}`)
            upstream.write(`GET ${request.url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`)
            page.pipe(upstream)
        })
        let isOpen = false
        let waiting = Buffer.alloc(0)
        upstream.on("data", (data) => {
            waiting = Buffer.concat([waiting, data])
            if (!isOpen) {
                const end = waiting.indexOf("\r\n\r\n")
                if (end < 0) return
                page.write(waiting.subarray(0, end + 4))
                waiting = waiting.subarray(end + 4)
                isOpen = true
                pages.add(page)
            }
            // Whole frames only, so that there is always a place between two.
            for (let length = frameLength(waiting); length !== null && waiting.length >= length; length = frameLength(waiting)) {
                page.write(waiting.subarray(0, length))
                waiting = waiting.subarray(length)
            }
        })
        const end = () => {
            pages.delete(page)
            page.destroy()
            upstream.destroy()
        }
        for (const socket of [page, upstream]) socket.on("error", end).on("close", end)
    })

    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
    return Object.assign(proxy, {
        origin: `http://127.0.0.1:${server.address().port}`,
        tell(lie) {
            [proxy.lie, proxy.told] = [lie, 0]
            if (!lie) for (const socket of held) socket.destroy()
            held.clear()
        },
        wake: () => pages.forEach((page) => page.write(WAKE)),
        sockets: () => pages.size,
        close() {
            pages.forEach((page) => page.destroy())
            server.closeAllConnections()
            server.close()
        }
    })
}
