// The light client for a page: everything is done in a worker; what comes back was verified there.
import { LightClientError } from './trouble.mjs';

export { LightClientError };

const newWorker = () => new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module', name: 'light client' });

export class LightClient {
    #worker;
    #waiting = new Map();
    #asked = 0;
    #ended = null;
    #onNews = null;
    #onVisible = () => this.#see();

    /** Opens a chain's link through a node. client.d.ts says what each method gives; all are promises. */
    static async open(node, link, { insecure = false, worker = newWorker() } = {}) {
        const client = new LightClient(worker);
        try {
            await client.#ask('open', node, link, insecure);
            return client;
        } catch (error) {
            client.close();
            throw error;
        }
    }

    constructor(worker) {
        this.#worker = worker;
        worker.addEventListener('message', ({ data }) => this.#take(data));
        const broken = (event) => this.#end({ kind: 'crashed', message: event.message || 'the worker could not be loaded' });
        worker.addEventListener('error', broken);
        worker.addEventListener('messageerror', broken);
    }

    view() { return this.#ask('view'); }
    head() { return this.#ask('head'); }
    prove() { return this.#ask('prove'); }
    call(id) { return this.#ask('call', id); }
    again(id, height) { return this.#ask('again', id, height); }
    submit(record) { return this.#ask('submit', record); }
    values(keys) { return this.#ask('values', keys); }
    provenValues(keys) { return this.#ask('provenValues', keys); }
    takeChecks() { return this.#ask('takeChecks'); }
    keep() { return this.#ask('keep'); }
    forget() { return this.#ask('forget'); }
    ladder() { return this.#ask('ladder'); }

    /** Keeps the chain followed, in one tab of all that are open; gives a function that ends it. */
    follow(onNews) {
        this.#onNews = onNews;
        document.addEventListener('visibilitychange', this.#onVisible);
        this.#quietly('follow');
        this.#see();
        return () => {
            if (this.#onNews !== onNews) return;
            this.#unfollow();
            this.#quietly('stop');
        };
    }

    /** Ends the worker; whatever is still waited for fails. */
    close() {
        this.#end({ kind: 'closed', message: 'the client was closed' });
    }

    #see() {
        this.#quietly('visible', document.visibilityState === 'visible');
    }

    #unfollow() {
        this.#onNews = null;
        document.removeEventListener('visibilitychange', this.#onVisible);
    }

    #ask(ask, ...args) {
        if (this.#ended) return Promise.reject(new LightClientError(this.#ended));
        const id = ++this.#asked;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            this.#worker.postMessage({ id, ask, args });
        });
    }

    /** For what fails only when the worker has ended, which is told elsewhere. */
    #quietly(ask, ...args) {
        this.#ask(ask, ...args).catch(() => {});
    }

    #take({ id, value, trouble, news }) {
        if (news) {
            const error = news.trouble && new LightClientError(news.trouble);
            this.#onNews?.({ ...news, trouble: error });
            if (error?.kind === 'crashed') this.#end(news.trouble);
            return;
        }
        const { resolve, reject } = this.#waiting.get(id) ?? {};
        this.#waiting.delete(id);
        if (!trouble) return resolve?.(value);
        reject?.(new LightClientError(trouble));
        if (trouble.kind === 'crashed') this.#end(trouble);
    }

    #end(why) {
        if (this.#ended) return;
        this.#ended = why;
        this.#unfollow();
        this.#worker.terminate();
        for (const { reject } of this.#waiting.values()) reject(new LightClientError(why));
        this.#waiting.clear();
    }
}
