// The light client for a page: everything is done in a worker; what comes back was verified there.
import { Asking } from './asking.mjs';
import { LightClientError } from './trouble.mjs';

export { LightClientError };

const newWorker = () => new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module', name: 'light client' });

export class LightClient {
    #asking;
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
        const [news, ended] = [({ news }) => this.#hear(news), () => this.#unfollow()];
        this.#asking = new Asking(worker, LightClientError, { news, ended });
    }

    view() { return this.#ask('view'); }
    head() { return this.#ask('head'); }
    prove() { return this.#ask('prove'); }
    call(id) { return this.#ask('call', id); }
    again(id, height) { return this.#ask('again', id, height); }
    submit(record) { return this.#ask('submit', record); }
    values(keys) { return this.#ask('values', keys); }
    provenValues(keys) { return this.#ask('provenValues', keys); }
    read(places) { return this.#ask('read', places); }
    account(id) { return this.#ask('account', id); }
    callsOf(account, count, before) { return this.#ask('callsOf', account, count, before); }
    block(height) { return this.#ask('block', height); }
    blocks(from, count) { return this.#ask('blocks', from, count); }
    anchors() { return this.#ask('anchors'); }
    takeChecks() { return this.#ask('takeChecks'); }
    keep() { return this.#ask('keep'); }
    forget() { return this.#ask('forget'); }
    ladder() { return this.#ask('ladder'); }
    lies() { return this.#ask('lies'); }
    lie(name) { return this.#ask('lie', name); }
    look() { this.#asking.quietly('look'); }

    /** Keeps the chain followed, in one tab of all that are open; gives a function that ends it. */
    follow(onNews) {
        this.#onNews = onNews;
        document.addEventListener('visibilitychange', this.#onVisible);
        this.#asking.quietly('follow');
        this.#see();
        return () => {
            if (this.#onNews !== onNews) return;
            this.#unfollow();
            this.#asking.quietly('stop');
        };
    }

    /** Ends the worker; whatever is still waited for fails. */
    close() {
        this.#asking.end({ kind: 'closed', message: 'the client was closed' });
    }

    #ask(...asked) {
        return this.#asking.ask(...asked);
    }

    #see() {
        this.#asking.quietly('visible', document.visibilityState === 'visible');
    }

    #unfollow() {
        this.#onNews = null;
        document.removeEventListener('visibilitychange', this.#onVisible);
    }

    #hear(news) {
        const error = news.trouble && new LightClientError(news.trouble);
        this.#onNews?.({ ...news, trouble: error });
        if (error?.kind === 'crashed') this.#asking.end(news.trouble);
    }
}
