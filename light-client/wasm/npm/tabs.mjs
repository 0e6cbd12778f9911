// Tabs that follow the same chain through the same node: one leads, the others listen to it.
//
// Who holds the Web Lock leads; the browser hands it to the next one when a tab closes, crashes or leaves. Where there are no locks (a page that
// was not loaded safely) everybody leads, and nobody has to listen.

/** Joins the tabs of this name. `lead` is called once when this one leads; `hear` with what the others post. */
export function join(name, { lead, hear }) {
    const { BroadcastChannel } = globalThis;
    const locks = globalThis.navigator?.locks;
    if (!locks || !BroadcastChannel) {
        lead('alone');
        return { post() {}, leave() {} };
    }
    const channel = new BroadcastChannel(name);
    channel.addEventListener('message', ({ data }) => hear(data));
    const leaving = new AbortController();
    let release;
    const left = new Promise((resolve) => (release = resolve));
    const held = locks.request(name, { signal: leaving.signal }, () => {
        lead('leader');
        return left;
    });
    // Refused for any other reason than our leaving: then each for itself.
    held.catch(() => leaving.signal.aborted || lead('alone'));
    return {
        post: (message) => leaving.signal.aborted || channel.postMessage(message),
        leave() {
            leaving.abort();
            release();
            channel.close();
        },
    };
}
