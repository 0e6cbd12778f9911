// One question to a node: bounded in bytes and in time, without cookies, caches or redirects. A node that is busy is asked again.

/** How often, and how long that is waited for in all. */
const TRIES = 3;
const WAIT_MAX_MS = 5_000;

export async function question(url, kind, body, bytesMax, timeMaxMs) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error('it takes too long')), timeMaxMs);
    const posted = kind === undefined ? {} : { method: 'POST', headers: { 'content-type': kind }, body };
    const ask = async () => {
        const response = await fetch(url, {
            ...posted,
            signal: abort.signal,
            cache: 'no-store',
            credentials: 'omit',
            redirect: 'error',
            referrerPolicy: 'no-referrer',
        });
        return { status: response.status, body: await read(response, bytesMax, abort), after: response.headers.get('retry-after') };
    };
    try {
        let answer = await ask();
        let left = WAIT_MAX_MS;
        for (let tried = 0; tried < TRIES; tried += 1) {
            const wait = waitMs(answer);
            if (wait === null || wait > left) break;
            left -= wait;
            await new Promise((resolve) => setTimeout(resolve, wait));
            answer = await ask();
        }
        return answer;
    } finally {
        clearTimeout(timer);
    }
}

async function read(response, bytesMax, abort) {
    const pieces = [];
    let length = 0;
    const reader = response.body?.getReader();
    while (reader) {
        const { done, value } = await reader.read();
        if (done) break;
        length += value.length;
        if (length > bytesMax) {
            const error = new Error(`more than ${bytesMax} bytes came`);
            abort.abort(error);
            throw error;
        }
        pieces.push(value);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.length;
    }
    return whole;
}

/** How long a node that has too much to do wants to be left alone, ms; null for any other answer. */
function waitMs({ status, body, after }) {
    if (status !== 429 && status !== 503) return null;
    const told = [problem(body)?.error?.retry_after_ms, after === null ? undefined : 1_000 * Number(after)];
    return told.find((ms) => Number.isFinite(ms) && ms >= 0) ?? null;
}

function problem(body) {
    try {
        return JSON.parse(new TextDecoder().decode(body));
    } catch {
        return null;
    }
}
