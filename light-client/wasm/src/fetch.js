// One question to a node: bounded in bytes and in time, without cookies, caches or redirects.
export async function question(url, kind, body, bytesMax, timeMaxMs) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error('it takes too long')), timeMaxMs);
    const posted = kind === undefined ? {} : { method: 'POST', headers: { 'content-type': kind }, body };
    try {
        const response = await fetch(url, {
            ...posted,
            signal: abort.signal,
            cache: 'no-store',
            credentials: 'omit',
            redirect: 'error',
            referrerPolicy: 'no-referrer',
        });
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
        return { status: response.status, body: whole };
    } finally {
        clearTimeout(timer);
    }
}
