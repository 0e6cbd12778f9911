// A worker that is asked: each question has a number and comes back as a value or as what went wrong.

/** The page's end. `news` hears what the worker says unasked; `ended` once, when nothing more is answered. */
export class Asking {
    #worker;
    #Trouble;
    #news;
    #ended;
    #waiting = new Map();
    #asked = 0;
    #why = null;

    constructor(worker, Trouble, { news = () => {}, ended = () => {} } = {}) {
        [this.#worker, this.#Trouble, this.#news, this.#ended] = [worker, Trouble, news, ended];
        worker.addEventListener('message', ({ data }) => this.#take(data));
        const broken = (event) => this.end({ kind: 'crashed', message: event.message || 'the worker could not be loaded' });
        worker.addEventListener('error', broken);
        worker.addEventListener('messageerror', broken);
    }

    ask(ask, ...args) {
        if (this.#why) return Promise.reject(new this.#Trouble(this.#why));
        const id = ++this.#asked;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            this.#worker.postMessage({ id, ask, args });
        });
    }

    /** For what fails only when the worker has ended, which is told elsewhere. */
    quietly(ask, ...args) {
        this.ask(ask, ...args).catch(() => {});
    }

    /** Ends the worker; whatever is still waited for fails. */
    end(why) {
        if (this.#why) return;
        this.#why = why;
        this.#ended();
        this.#worker.terminate();
        for (const { reject } of this.#waiting.values()) reject(new this.#Trouble(why));
        this.#waiting.clear();
    }

    #take({ id, value, trouble, ...news }) {
        if (id === undefined) return this.#news(news);
        const { resolve, reject } = this.#waiting.get(id) ?? {};
        this.#waiting.delete(id);
        if (!trouble) return resolve?.(value);
        reject?.(new this.#Trouble(trouble));
        if (trouble.kind === 'crashed') this.end(trouble);
    }
}

/** The worker's end: does what is asked, by names that `does` has and no others. */
export function answer(does, told) {
    self.addEventListener('message', async ({ data: { id, ask, args } }) => {
        try {
            if (!Object.hasOwn(does, ask)) throw new Error(`the worker has no ${ask}`);
            const value = await does[ask](...args);
            self.postMessage({ id, value });
        } catch (error) {
            self.postMessage({ id, trouble: told(error) });
        }
    });
}
