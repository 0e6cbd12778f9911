// The wallet for a page: keys are made, kept and used in a worker; the page never sees a secret.
import { Asking } from './asking.mjs';

const DATABASE = 'playfair-wallet';
const newWorker = () => new Worker(new URL('./wallet-worker.mjs', import.meta.url), { type: 'module', name: 'wallet' });

/** What the wallet fails with. wallet.d.ts has the kinds. */
export class WalletError extends Error {
    constructor({ kind, message }) {
        super(message);
        this.name = 'WalletError';
        this.kind = kind;
    }
}

export class Wallet {
    #asking;

    /** Opens the wallet of this origin. */
    static async open({ worker = newWorker(), database = DATABASE } = {}) {
        const wallet = new Wallet(worker);
        try {
            await wallet.#asking.ask('open', database);
            return wallet;
        } catch (error) {
            wallet.close();
            throw error;
        }
    }

    constructor(worker) {
        this.#asking = new Asking(worker, WalletError);
    }

    keys() { return this.#asking.ask('keys'); }
    create(chain, name) { return this.#asking.ask('create', chain, name); }
    sign(chain, name, call) { return this.#asking.ask('sign', chain, name, call); }
    publicKey(chain, name) { return this.#asking.ask('publicKey', chain, name); }
    allow(key) { return this.#asking.ask('allow', key); }
    revoke(place) { return this.#asking.ask('revoke', place); }
    forget(chain, name, account) { return this.#asking.ask('forget', chain, name, account); }
    backup(passphrase) { return this.#asking.ask('backup', passphrase); }
    restore(text, passphrase) { return this.#asking.ask('restore', text, passphrase); }

    /** Asks the browser not to clear this origin's storage by itself: a question for the page, since only it may show one. */
    async persist() {
        return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
    }

    /** Ends the worker; whatever is still waited for fails. */
    close() {
        this.#asking.end({ kind: 'closed', message: 'the wallet was closed' });
    }
}
