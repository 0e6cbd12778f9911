// Where keys are kept: an IndexedDB database whose schema is frozen. docs/LIGHT-CLIENT.md says what is in it.
//
// Version 1:
//   store `wrapping`, one record under the key 1: { id: random digits, key: CryptoKey, AES-GCM, 256 bits, not extractable }
//   store `keys`, key path [chain, name]: { chain, name, account, createdMs, isBackedUp, wrapping: its id, iv: 12 bytes, sealed: 48 bytes }
//
// Another version is a new database beside this one, never an upgrade in place: keys outlive programs.

const VERSION = 1;
const [WRAPPING, KEYS] = ['wrapping', 'keys'];

const storage = (error) => Object.assign(new Error(`the browser does not keep keys: ${error?.message ?? error}`), { kind: 'storage' });

const full = (most) => Object.assign(new Error(`there are ${most} keys, and a backup holds no more: forget one first`), { kind: 'backup' });

/** A request's result. */
const done = (request) =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(storage(request.error));
    });

export class Store {
    #name;

    constructor(name) {
        this.#name = name;
    }

    /** The wrapping key; made when there is none, if it may be. Whoever is first makes it for all tabs. */
    async wrapping(mayMake) {
        const found = await this.#within('readonly', (stores) => done(stores.wrapping.get(1)));
        if (found || !mayMake) return found;
        const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
        const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
        return this.#within('readwrite', async (stores) => {
            const there = await done(stores.wrapping.get(1));
            if (there) return there;
            await done(stores.wrapping.put({ id, key }, 1));
            return { id, key };
        });
    }

    /** Adds a row unless its name is taken or there are `most`; gives the row that is there, or nothing when the wrapping key is another one by now. */
    add(row, most) {
        return this.#within('readwrite', async (stores) => {
            const there = await done(stores.keys.get([row.chain, row.name]));
            if (there) return { row: there, isOurs: false };
            const wrapping = await done(stores.wrapping.get(1));
            if (wrapping?.id !== row.wrapping) return null;
            if (await done(stores.keys.count()) >= most) throw full(most);
            await done(stores.keys.add(row));
            return { row, isOurs: true };
        });
    }

    /** Puts a row that was sealed anew in its place, where it is still the same key; says whether, or nothing when the wrapping key is another one by now. */
    reseal(row) {
        return this.#within('readwrite', async (stores) => {
            const there = await done(stores.keys.get([row.chain, row.name]));
            if (there?.account !== row.account) return false;
            const wrapping = await done(stores.wrapping.get(1));
            if (wrapping?.id !== row.wrapping) return null;
            await done(stores.keys.put(row));
            return true;
        });
    }

    get(chain, name) {
        return this.#within('readonly', (stores) => done(stores.keys.get([chain, name])));
    }

    all() {
        return this.#within('readonly', (stores) => done(stores.keys.getAll()));
    }

    /** Deletes a row, unless its name is another key's by now; says whether. */
    forget(chain, name, account) {
        return this.#within('readwrite', async (stores) => {
            const there = await done(stores.keys.get([chain, name]));
            if (!there || there.account !== account) return false;
            await done(stores.keys.delete([chain, name]));
            return true;
        });
    }

    /** Marks these rows, where they are still the same keys. */
    backedUp(rows) {
        return this.#within('readwrite', async (stores) => {
            for (const { chain, name, account } of rows) {
                const there = await done(stores.keys.get([chain, name]));
                if (there?.account === account) await done(stores.keys.put({ ...there, isBackedUp: true }));
            }
        });
    }

    /** One transaction, of which only requests are awaited: it ends by itself, and is durable when this resolves. */
    async #within(mode, does) {
        const database = await this.#open();
        try {
            const transaction = database.transaction([WRAPPING, KEYS], mode, { durability: 'strict' });
            const ended = new Promise((resolve, reject) => {
                transaction.oncomplete = resolve;
                transaction.onabort = () => reject(storage(transaction.error ?? 'the transaction was ended'));
            });
            // Who fails below is told below.
            ended.catch(() => {});
            const result = await does({ wrapping: transaction.objectStore(WRAPPING), keys: transaction.objectStore(KEYS) });
            await ended;
            return result;
        } finally {
            database.close();
        }
    }

    /** It is opened for each use: what was cleared under a page that runs is there again, empty, at the next one. */
    async #open() {
        try {
            const request = indexedDB.open(this.#name, VERSION);
            request.onupgradeneeded = ({ oldVersion }) => {
                // There is no older version than the first.
                if (oldVersion !== 0) return;
                request.result.createObjectStore(WRAPPING);
                request.result.createObjectStore(KEYS, { keyPath: ['chain', 'name'] });
            };
            return await done(request);
        } catch (error) {
            throw error.kind ? error : storage(error);
        }
    }
}
