// Predictions for a page: what a call will do, before anybody has ordered it. The module runs in a worker of its own, on values that the
// light client has verified; while something is not known yet, the client is asked for it, and the module runs again.
import { Asking } from './asking.mjs';
import { LightClientError } from './trouble.mjs';

/** Longest instrumented module that is taken: four times the longest that is admitted. */
const MODULE_BYTES_MAX = 4 << 20;
/** A run that takes longer is ended with its worker. */
const RUN_MS_MAX = 2_000;
/** Fetching the module, and compiling it when the first verified block names it. */
const OPEN_MS_MAX = 20_000;
/** Keys of one question, and so of what is read again: the least lately needed are let go. */
const PLACES_MAX = 256;
/** Rounds of one prediction, and heads that pass meanwhile. */
const ROUNDS_MAX = 128;

const newWorker = () => new Worker(new URL('./predict-worker.mjs', import.meta.url), { type: 'module', name: 'predictor' });

/** What predictions fail with, beside the client's errors. */
export class PredictError extends Error {
    constructor({ kind, message }) {
        super(message);
        this.name = 'PredictError';
        this.kind = kind === 'crashed' ? 'unpredictable' : kind;
    }
}

export class Predictor {
    #client;
    #module;
    #worker;
    #asking = null;
    #isClosed = false;
    #turn = Promise.resolve();
    /** The read after whose block the worker stands; its places and values by digits, the latest needed last. */
    #after = null;
    #known = new Map();

    /** Fetches the chain's module from the node, instrumented, and holds its hash against the verified one. */
    static async open(client, node, { worker = newWorker } = {}) {
        const { chainId } = await client.anchors();
        const module = await fetched(`${node.replace(/\/+$/, '')}/v1/chains/${chainId}/module/instrumented`);
        const predictor = new Predictor(client, module, worker);
        try {
            await predictor.#exclusively(() => predictor.#ready());
            return predictor;
        } catch (error) {
            predictor.close();
            throw error;
        }
    }

    constructor(client, module, worker) {
        [this.#client, this.#module, this.#worker] = [client, module, worker];
    }

    /** What these calls, records' bytes in their order, will do as the next block. */
    calls(records, { timeMs = Date.now() } = {}) {
        return this.#exclusively(() => this.#predict('calls', records, timeMs));
    }

    /** What the module answers about the state. */
    async query(entry, payload) {
        const told = await this.#exclusively(() => this.#predict('query', entry, payload));
        return { rung: 'sequenced', ...told };
    }

    /** Reads all that was needed lately again, at the head: the next prediction asks nobody. */
    refresh() {
        return this.#exclusively(async () => {
            await this.#ready();
            await this.#read([...this.#known.keys()]);
        });
    }

    /** Ends the worker. */
    close() {
        this.#isClosed = true;
        this.#asking?.end({ kind: 'closed', message: 'the predictor was closed' });
    }

    /** One after the other: each changes what the worker knows. */
    #exclusively(does) {
        const done = this.#turn.then(does);
        this.#turn = done.catch(() => {});
        return done;
    }

    /** A worker with the module that stands after a verified block. One that was ended is started again. */
    async #ready() {
        if (this.#isClosed) throw new PredictError({ kind: 'closed', message: 'the predictor was closed' });
        if (this.#asking) return;
        const ended = () => (this.#asking = null);
        this.#asking = new Asking(this.#worker(), PredictError, { ended });
        const { params } = await this.#within(OPEN_MS_MAX, 'open', this.#module);
        if (this.#known.size === 0) this.#known.set(digitsOf(params), null);
        this.#after = null;
        await this.#read([...this.#known.keys()]);
    }

    async #predict(...asked) {
        await this.#ready();
        for (let round = 0; round < ROUNDS_MAX; round += 1) {
            const { needs, will, ms } = await this.#within(RUN_MS_MAX, ...asked);
            if (will) return { height: this.#after.height, ms, ...will };
            await this.#read(needs);
        }
        throw new PredictError({ kind: 'unpredictable', message: 'the chain went on while it was read, again and again' });
    }

    /** Verified values of these places. When the head has moved, all others are read again too. */
    async #read(places) {
        let asked = places.slice(0, PLACES_MAX);
        for (let round = 0; round < ROUNDS_MAX; round += 1) {
            const read = await this.#client.read(asked.map(bytesOf));
            const isSame = read.boundary === this.#after?.boundary;
            const all = this.#lately(asked);
            if (!isSame && all.some((place) => !asked.includes(place))) {
                asked = all;
                continue;
            }
            const known = { places: asked.map(bytesOf), values: read.values.map((value) => (value === null ? undefined : bytesOf(value))) };
            const begin = isSame ? {} : { chainId: read.chainId, boundary: read.boundary };
            // The first block has the worker compare the module's hash with the one that it names, and then compile.
            await this.#within(this.#after ? RUN_MS_MAX : OPEN_MS_MAX, 'know', { ...begin, ...known });
            this.#after = read;
            if (!isSame) this.#known.clear();
            for (const place of asked) {
                this.#known.delete(place);
                this.#known.set(place, null);
            }
            while (this.#known.size > PLACES_MAX) this.#known.delete(this.#known.keys().next().value);
            return;
        }
        throw new PredictError({ kind: 'unpredictable', message: 'the chain went on while it was read, again and again' });
    }

    /** These places and what was needed lately, as many as one question takes. */
    #lately(places) {
        const before = [...this.#known.keys()].filter((place) => !places.includes(place));
        return [...before.slice(Math.max(0, before.length + places.length - PLACES_MAX)), ...places];
    }

    /** An answer of the worker, which is ended when it takes too long. */
    async #within(ms, ...asked) {
        const asking = this.#asking;
        if (!asking) throw new PredictError({ kind: 'closed', message: 'the predictor was closed' });
        const slow = { kind: 'slow', message: `the module took more than ${ms} ms and was ended` };
        const timer = setTimeout(() => asking.end(slow), ms);
        try {
            return await asking.ask(...asked);
        } finally {
            clearTimeout(timer);
        }
    }
}

const bytesOf = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const digitsOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A module as the node has it, not longer than any may be. */
async function fetched(url) {
    const unreachable = (error) => new LightClientError({ kind: 'unreachable', message: `the node does not give the module: ${error.message}` });
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error('it takes too long')), OPEN_MS_MAX);
    try {
        const options = { cache: 'no-store', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer', signal: abort.signal };
        const response = await fetch(url, options);
        if (!response.ok) throw new Error(`status ${response.status}`);
        const pieces = [];
        let length = 0;
        for (const reader = response.body.getReader(); ; ) {
            const { done, value } = await reader.read();
            if (done) break;
            length += value.length;
            if (length > MODULE_BYTES_MAX) throw new Error(`more than ${MODULE_BYTES_MAX} bytes came`);
            pieces.push(value);
        }
        return new Uint8Array(await new Blob(pieces).arrayBuffer());
    } catch (error) {
        abort.abort();
        throw unreachable(error);
    } finally {
        clearTimeout(timer);
    }
}
