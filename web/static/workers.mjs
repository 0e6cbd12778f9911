// Workers of this page's own code. Under Trusted Types nothing else becomes one.
const OURS = ['light-client/worker.mjs', 'light-client/predict-worker.mjs', 'light-client/wallet-worker.mjs'];

const check = (of) => {
    if (!OURS.includes(of)) throw new TypeError(`the page has no worker ${of}`);
    return new URL(`./${of}`, import.meta.url).href;
};
const policy = globalThis.trustedTypes?.createPolicy('playfair', { createScriptURL: check }) ?? { createScriptURL: check };

export const worker = (of) => new Worker(policy.createScriptURL(of), { type: 'module', name: of });
export const newWorkers = (of) => () => worker(of);
