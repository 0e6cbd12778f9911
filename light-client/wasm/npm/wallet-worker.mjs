// The worker of the wallet: secrets are here, as long as they are needed, and wrapped in IndexedDB; nowhere else. It asks nobody.
import init, { Keyring, Secret, allow, checkName, revoke } from './wallet.js';
import { answer } from './asking.mjs';
import { decrypt, encrypt } from './backup.mjs';
import { Store } from './wallet-store.mjs';
import { told } from './trouble.mjs';

// Its code is fetched and compiled while the page still prepares its first question.
const ready = init();
ready.catch(() => {});

let store;

const bad = (message) => Object.assign(new Error(message), { kind: 'bad' });
/** What a row is bound to: its seed opens in no other row. */
const bound = ({ chain, name, account }) => new TextEncoder().encode(JSON.stringify(['playfair/1/wallet', chain, name, account]));
const shown = ({ chain, name, account, createdMs, isBackedUp }) => ({ chain, name, account, createdMs, isBackedUp });

/** Uses a seed, and overwrites it. */
const using = (seed, use) => {
    const secret = new Secret(seed);
    try {
        return use(secret);
    } finally {
        secret.free();
        seed.fill(0);
    }
};

/** A row with a wrapped copy of a seed. */
const wrapped = async (wrapping, row, seed) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound(row) }, wrapping.key, seed);
    return { ...row, wrapping: wrapping.id, iv, sealed: new Uint8Array(sealed) };
};

const unwrapped = async (row) => {
    const wrapping = await store.wrapping(false);
    const broken = Object.assign(new Error('this key cannot be opened any more: restore it from a backup'), { kind: 'storage' });
    if (wrapping?.id !== row.wrapping) throw broken;
    const { iv, sealed } = row;
    const seed = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bound(row) }, wrapping.key, sealed).catch(() => { throw broken; });
    return new Uint8Array(seed);
};

/** Puts a seed under a name, unless the name is taken; gives the row that is there then, and whether it is this one. */
const put = async (row, seed) => {
    for (;;) {
        const wrapping = await store.wrapping(true);
        const added = await store.add(await wrapped(wrapping, row, seed));
        // The storage was cleared in between, and another tab has made a new wrapping key.
        if (added) return added;
    }
};

/** Names have so many characters at most. */
const NAME_CHARS_MAX = 32;

/** The `copy`th name beside a name: `player 2`. */
const numbered = (name, copy) => {
    if (copy === 1) return name;
    const end = ` ${copy}`;
    return [...name].slice(0, NAME_CHARS_MAX - end.length).join('') + end;
};

/** Puts a seed under its name, or the next one beside it that is free; gives the row, or nothing when the key is there already. */
const putBeside = async (row, seed) => {
    const there = (await store.all()).some(({ chain, account }) => chain === row.chain && account === row.account);
    if (there) return null;
    for (let copy = 1; ; copy += 1) {
        const { row: found, isOurs } = await put({ ...row, name: numbered(row.name, copy) }, seed);
        if (isOurs) return found;
        if (found.account === row.account) return null;
    }
};

const rowOf = async (chain, name) => {
    checkName(chain, name);
    const row = await store.get(chain, name);
    if (!row) throw Object.assign(new Error(`there is no key ${JSON.stringify(name)} for this chain`), { kind: 'no-such-key' });
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
            throw Object.assign(new Error('this page was not loaded safely, or the browser keeps nothing: there can be no wallet'), { kind: 'storage' });
        }
        await ready;
        store = new Store(database);
        await store.all();
    },
    keys: async () => (await store.all()).map(shown),
    async create(chain, name) {
        checkName(chain, name);
        const there = await store.get(chain, name);
        if (there) return shown(there);
        const seed = crypto.getRandomValues(new Uint8Array(32));
        try {
            const account = using(seed.slice(), (secret) => secret.account());
            const { row } = await put({ chain, name, account, createdMs: Date.now(), isBackedUp: false }, seed);
            return shown(row);
        } finally {
            seed.fill(0);
        }
    },
    async sign(chain, name, { payload, ...call }) {
        if (!(payload instanceof Uint8Array)) throw bad('a payload is a Uint8Array');
        const seed = await unwrapped(await rowOf(chain, name));
        return using(seed, (secret) => secret.sign(chain, JSON.stringify(call), payload));
    },
    async publicKey(chain, name) {
        const seed = await unwrapped(await rowOf(chain, name));
        return using(seed, (secret) => secret.publicKey());
    },
    allow: async (key) => allow(JSON.stringify(key)),
    revoke: async (place) => revoke(JSON.stringify({ place })),
    async forget(chain, name) {
        checkName(chain, name);
        await store.forget(chain, name);
    },
    async backup(passphrase) {
        const rows = await store.all();
        const keyring = new Keyring();
        let plain;
        try {
            for (const row of rows) {
                const seed = await unwrapped(row);
                keyring.add(row.chain, row.name, row.createdMs, seed);
                seed.fill(0);
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
        const added = [];
        for (let place = 0; place < keyring.count(); place += 1) {
            const seed = keyring.seed(place);
            const [chain, name, createdMs] = [keyring.chain(place), keyring.name(place), keyring.createdMs(place)];
            const account = using(seed.slice(), (secret) => secret.account());
            const row = await putBeside({ chain, name, account, createdMs, isBackedUp: true }, seed);
            seed.fill(0);
            if (row) added.push(shown(row));
        }
        keyring.free();
        return added;
    },
}, telling);
