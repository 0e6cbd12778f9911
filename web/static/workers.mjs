// Workers of this page's own code. Under Trusted Types nothing else becomes one.
const OURS = ['light-client/worker.mjs', 'light-client/predict-worker.mjs', 'light-client/wallet-worker.mjs'];

const check = (of) => {
    if (!OURS.includes(of)) throw new TypeError(`the page has no worker ${of}`);
    return new URL(`./${of}`, import.meta.url).href;
};
const policy = globalThis.trustedTypes?.createPolicy('playfair', { createScriptURL: check }) ?? { createScriptURL: check };

const start = (of) => new Worker(policy.createScriptURL(of), { type: 'module', name: of });

/** Those that have nobody yet who asks them. */
const early = new Map();

/** Starts a worker while the page itself is still being loaded. One that cannot be loaded is forgotten: it is started again where its failure is heard. */
export const begin = (of) => {
    const worker = start(of);
    worker.addEventListener('error', () => early.delete(of), { once: true });
    early.set(of, worker);
};
export const worker = (of) => {
    const begun = early.get(of);
    early.delete(of);
    return begun ?? start(of);
};
export const newWorkers = (of) => () => worker(of);
