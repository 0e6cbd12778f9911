// The worker of the wallet: secrets are here, as long as they are needed, and wrapped in IndexedDB; nowhere else. It asks nobody.
import init, { Keyring, Secret, allow, checkName, checkNewName, keysMax, nameBeside, plainName, revoke } from './wallet.js';
import { answer } from './asking.mjs';
import { decrypt, encrypt } from './backup.mjs';
import { Store } from './wallet-store.mjs';
import { told } from './trouble.mjs';

// Its code is fetched and compiled while the page still prepares its first question.
const ready = init();
ready.catch(() => {});

let store;

const failure = (kind, message) => Object.assign(new Error(message), { kind });
const bad = (message) => failure('bad', message);
/** What a row is bound to: its seed opens in no other row. */
const bound = ({ chain, name, account }) => new TextEncoder().encode(JSON.stringify(['playfair/1/wallet', chain, name, account]));
const shown = ({ chain, name, account, createdMs, isBackedUp }) => ({ chain, name, account, createdMs, isBackedUp });

/** Does something with a seed, and overwrites it whatever comes of it. */
const lent = async (seed, does) => {
    try {
        return await does(seed);
    } finally {
        seed.fill(0);
    }
};

/** Uses a seed's key, and overwrites the seed. */
const using = (seed, use) => {
    let secret;
    try {
        secret = new Secret(seed);
        return use(secret);
    } finally {
        secret?.free();
        seed.fill(0);
    }
};

/** A row with a wrapped copy of a seed. */
const wrapped = async (wrapping, row, seed) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound(row) }, wrapping.key, seed);
    return { ...row, wrapping: wrapping.id, iv, sealed: new Uint8Array(sealed) };
};

/** A row's seed, or nothing when it opens no more: its wrapping key is gone. */
const opened = async (row, wrapping) => {
    if (wrapping?.id !== row.wrapping) return null;
    const { iv, sealed } = row;
    const seed = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bound(row) }, wrapping.key, sealed).catch(() => null);
    return seed && new Uint8Array(seed);
};

const unwrapped = async (row, wrapping) => {
    const seed = await opened(row, wrapping);
    if (!seed) throw failure('storage', 'this key cannot be opened any more: restore it from a backup');
    return seed;
};

/** Wraps a seed for a row and keeps it; gives what that gives. */
const keeping = async (row, seed, keep) => {
    for (;;) {
        const wrapping = await store.wrapping(true);
        const kept = await keep(await wrapped(wrapping, row, seed));
        // Nothing: the storage was cleared in between, and another tab has made a new wrapping key.
        if (kept !== null) return kept;
    }
};

/** Puts a seed under a name, unless the name is taken; gives the row that is there then, and whether it is this one. */
const put = (row, seed) => keeping(row, seed, (made) => store.add(made, keysMax()));

/** What a key is by, whatever its name; and what a name is by. */
const keyId = ({ chain, account }) => `${chain} ${account}`;
const nameId = ({ chain, name }) => `${chain} ${name}`;

/** Puts a seed under its name, or the next one beside it that is not `taken`; gives the row, or nothing when another tab has put that key there. */
const putBeside = async (row, seed, taken) => {
    for (let copy = 1; ; copy += 1) {
        const named = { ...row, name: nameBeside(row.name, copy) };
        if (taken.has(nameId(named))) continue;
        taken.add(nameId(named));
        const { row: found, isOurs } = await put(named, seed);
        if (isOurs) return found;
        if (found.account === row.account) return null;
    }
};

/** Seals a row anew that opens no more; gives it, or nothing when there was no need. */
const mended = async (row, wrapping, seed) => {
    const there = await opened(row, wrapping);
    there?.fill(0);
    if (there) return null;
    const back = { ...row, isBackedUp: true };
    return (await keeping(back, seed, (made) => store.reseal(made))) ? back : null;
};

/** The keys of a backup, each once: its place there, and the row that it is to be. */
const keysOf = (keyring) => {
    const keys = new Map();
    for (let place = 0; place < keyring.count(); place += 1) {
        const account = using(keyring.seed(place), (secret) => secret.account());
        const [chain, name, createdMs] = [keyring.chain(place), plainName(keyring.name(place)), keyring.createdMs(place)];
        const row = { chain, name, account, createdMs, isBackedUp: true };
        if (!keys.has(keyId(row))) keys.set(keyId(row), { place, row });
    }
    return [...keys.values()];
};

/** Takes the keys of a backup that are not here, and opens again those that do not open: all of them, or none when they would be too many. */
const restored = async (keyring) => {
    const keys = keysOf(keyring);
    const [rows, wrapping] = [await store.all(), await store.wrapping(false)];
    const here = new Map();
    for (const row of rows) here.set(keyId(row), [...(here.get(keyId(row)) ?? []), row]);
    const added = keys.filter(({ row }) => !here.has(keyId(row))).length;
    if (added > 0 && rows.length + added > keysMax()) {
        throw failure('backup', `with this backup's there would be ${rows.length + added} keys, and there may be ${keysMax()}: none of them was taken`);
    }
    const taken = new Set(rows.map(nameId));
    const back = [];
    for (const { place, row } of keys) {
        await lent(keyring.seed(place), async (seed) => {
            const same = here.get(keyId(row));
            if (!same) back.push(await putBeside(row, seed, taken));
            for (const one of same ?? []) back.push(await mended(one, wrapping, seed));
        });
    }
    return back.filter((row) => row !== null).map(shown);
};

const noSuchKey = (name) => failure('no-such-key', `there is no key ${JSON.stringify(name)} for this chain`);

const rowOf = async (chain, name) => {
    checkName(chain, name);
    const row = await store.get(chain, name);
    if (!row) throw noSuchKey(name);
    return row;
};

/** A module that panics is broken; whatever else has no kind, the caller has asked for nothing, or the browser has failed. */
const telling = (error) => {
    const kind = error instanceof DOMException ? 'storage' : 'bad';
    return told(error?.kind || error instanceof WebAssembly.RuntimeError ? error : { kind, message: String(error?.message ?? error) });
};

answer({
    async open(database) {
        if (!globalThis.crypto?.subtle || !globalThis.indexedDB) {
            throw failure('storage', 'this page was not loaded safely, or the browser keeps nothing: there can be no wallet');
        }
        await ready;
        store = new Store(database);
        await store.all();
    },
    keys: async () => (await store.all()).map(shown),
    async create(chain, name) {
        checkName(chain, name);
        const there = await store.get(chain, name);
        // Keys that were made when names could be more stay what they are.
        if (there) return shown(there);
        checkNewName(name);
        return lent(crypto.getRandomValues(new Uint8Array(32)), async (seed) => {
            const account = using(seed.slice(), (secret) => secret.account());
            const { row } = await put({ chain, name, account, createdMs: Date.now(), isBackedUp: false }, seed);
            return shown(row);
        });
    },
    async sign(chain, name, { payload, ...call }) {
        if (!(payload instanceof Uint8Array)) throw bad('a payload is a Uint8Array');
        const seed = await unwrapped(await rowOf(chain, name), await store.wrapping(false));
        return using(seed, (secret) => secret.sign(chain, JSON.stringify(call), payload));
    },
    async publicKey(chain, name) {
        const seed = await unwrapped(await rowOf(chain, name), await store.wrapping(false));
        return using(seed, (secret) => secret.publicKey());
    },
    allow: async (key) => allow(JSON.stringify(key)),
    revoke: async (place) => revoke(JSON.stringify({ place })),
    async forget(chain, name, account) {
        checkName(chain, name);
        if (typeof account !== 'string') throw bad('a key is forgotten by its chain, its name and its account');
        if (!(await store.forget(chain, name, account))) throw noSuchKey(name);
    },
    async backup(passphrase) {
        const [rows, wrapping] = [await store.all(), await store.wrapping(false)];
        if (rows.length > keysMax()) throw failure('backup', `there are ${rows.length} keys, and a backup holds ${keysMax()}: forget some first`);
        const keyring = new Keyring();
        let plain;
        try {
            for (const row of rows) {
                await lent(await unwrapped(row, wrapping), (seed) => keyring.add(row.chain, row.name, row.createdMs, seed));
            }
            plain = keyring.bytes();
            const text = await encrypt(plain, passphrase);
            await store.backedUp(rows);
            return text;
        } finally {
            plain?.fill(0);
            keyring.free();
        }
    },
    async restore(text, passphrase) {
        const plain = await decrypt(text, passphrase);
        let keyring;
        try {
            keyring = Keyring.read(plain);
        } finally {
            plain.fill(0);
        }
        try {
            return await restored(keyring);
        } finally {
            keyring.free();
        }
    },
}, telling);
