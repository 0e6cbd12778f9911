// The node's socket, as an alarm clock: that something came wakes the client, what came is not looked at.
//
// A socket that fails is tried again, ever less often; without one, the client asks at its own pace.

const SUBSCRIBE = [{ subscribe: 'blocks', as: 1 }, { subscribe: 'proofs', as: 2 }];
/** Before a socket that failed is tried again: five seconds, doubled up to five minutes. */
const AGAIN_MS = 5_000;
const AGAIN_MAX_MS = 300_000;
/** A message that is longer is none of this protocol. */
const MESSAGE_CHARS_MAX = 1 << 20;

/** A socket of the chain at this address. `wake` is called for whatever comes. */
export function waker(chain, wake) {
    let socket = null;
    let isLive = false;
    let failures = 0;
    let notBefore = 0;

    const failed = (which) => {
        if (socket !== which) return;
        socket = null;
        isLive = false;
        notBefore = Date.now() + Math.min(AGAIN_MAX_MS, AGAIN_MS * 2 ** Math.min(failures, 10));
        failures += 1;
        // What was missed is asked for.
        wake();
    };
    const open = () => {
        const { WebSocket } = globalThis;
        if (!WebSocket || Date.now() < notBefore) return;
        const opening = connect(WebSocket, `${chain.replace(/^http/, 'ws')}/ws`);
        if (!opening) return failed((socket = {}));
        socket = opening;
        opening.addEventListener('open', () => {
            if (socket !== opening) return;
            isLive = true;
            for (const ask of SUBSCRIBE) opening.send(JSON.stringify(ask));
        });
        opening.addEventListener('message', ({ data }) => {
            if (socket !== opening) return;
            if (typeof data !== 'string' || data.length > MESSAGE_CHARS_MAX) return opening.close();
            // One that lives may be lost and is tried again soon.
            failures = 0;
            wake();
        });
        opening.addEventListener('close', () => failed(opening));
        opening.addEventListener('error', () => failed(opening));
    };
    const close = () => {
        const closing = socket;
        socket = null;
        isLive = false;
        closing?.close?.();
    };

    return {
        /** Whether a socket is wanted now: it is opened or closed accordingly. */
        want(is) {
            if (!is) close();
            else if (!socket) open();
        },
        isLive: () => isLive,
        close,
    };
}

/** A page's policy may forbid it. */
const connect = (WebSocket, url) => {
    try {
        return new WebSocket(url);
    } catch {
        return null;
    }
};
