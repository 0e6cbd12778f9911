/** What the wallet fails with. */
export class WalletError extends Error {
    /**
     * `bad`: the caller asked for nothing; `no-such-key`; `passphrase`: not the backup's, or none; `backup`: the text is no backup, or is
     * damaged, or there would be more keys than a backup holds, 1,024; `storage`: the browser keeps nothing, or what it kept cannot be opened any more; `closed`, `crashed`: the worker has ended.
     */
    kind: 'bad' | 'no-such-key' | 'passphrase' | 'backup' | 'storage' | 'closed' | 'crashed';
}

/** A key, without its secret. */
export interface Key {
    /** The chain's id, 64 digits. */
    chain: string;
    name: string;
    /** The account whose first key it is, 40 digits. */
    account: string;
    createdMs: number;
    /** Whether a backup was made that has it. */
    isBackedUp: boolean;
}

/** A call to be signed. */
export interface CallToSign {
    nonce: number;
    entry: number;
    /** At most 4,096 bytes. */
    payload: Uint8Array;
    /** Whether it is the account's first call, which makes it. */
    isNew: boolean;
    validUntilMs: number;
    /** 0 if not given. */
    lane?: number;
    /** The most that a call may use if not given. */
    gasLimit?: number;
    /** A decimal number; 0 if not given. */
    gasPrice?: string;
    /** Which of the account's keys this is; 0 if not given. */
    keyIndex?: number;
    /** The account that calls; the key's own if not given. */
    account?: string;
}

/** What lets another key act for an account, within limits. */
export interface SessionKey {
    /** Where it is to lie among the account's keys: its index, 0 to 255. What lies there is replaced. */
    place: number;
    /** The other key, packed, 64 digits: what its own wallet gives as `publicKey`. */
    publicKey: string;
    /** Entries of the module that it may call, of 0 to 63; at least one. The chain's own entries, among them keys and money, are never a session's. */
    entries: number[];
    /** Nonce lanes that it may use, of 0 to 7; at least one. One that no session has is the owner's alone, so that nobody can be before a revocation. */
    lanes: number[];
    /** The last block time, ms since 1970, at which it is valid. */
    expiresMs: number;
    /** The highest gas price that it may offer where callers pay: a decimal number; 0 if not given. */
    gasPriceMax?: string;
}

/** A call of the chain itself, to be signed by an owner's key. */
export interface SystemCall {
    entry: number;
    payload: Uint8Array;
}

/** Players' keys of this origin: made, kept and used in a worker that asks nobody. */
export class Wallet {
    private constructor(worker: Worker);

    /** Opens the wallet. `worker` is a module worker of `wallet-worker.mjs` that the page has started itself, `database` another database than `playfair-wallet`. */
    static open(options?: { worker?: Worker; database?: string }): Promise<Wallet>;

    keys(): Promise<Key[]>;
    /**
     * A new key, the first of a new account. Names have 1 to 32 characters, none of them a control or format character (Unicode Cc, Cf, Zl, Zp), and are
     * unique for a chain: a second time, also in another tab, gives the same key. Keys with other names, of before this was so, stay what they are. There are
     * as many keys as a backup holds, and no more.
     */
    create(chain: string, name: string): Promise<Key>;
    /** Signs a call: its record, to be submitted, and its id. */
    sign(chain: string, name: string, call: CallToSign): Promise<{ record: Uint8Array; id: string }>;
    /** The public key, packed, 64 digits: to be added to another account as a session key. */
    publicKey(chain: string, name: string): Promise<string>;
    /** The call that lets a key act for the account that signs it. Signs nothing. */
    allow(key: SessionKey): Promise<SystemCall>;
    /** The call that takes the key at a place away. Signs nothing. */
    revoke(place: number): Promise<SystemCall>;
    /** Forgets a key for good, unless there is a backup. It must still be this account's: a name may be another key's by now, which is not forgotten. */
    forget(chain: string, name: string, account: string): Promise<void>;
    /** Asks the browser not to clear this origin's storage by itself; says whether it will not. */
    persist(): Promise<boolean>;
    /** All keys as one text under a passphrase; marks them as backed up. */
    backup(passphrase: string): Promise<string>;
    /**
     * Takes the keys of a backup that are not here, and opens those again that could not be opened any more; gives both. Never replaces a key: where a name is
     * another key's by now, the key comes back under the next free name beside it, as `player 2`. A name loses the characters that a new one may not have.
     * Takes none where there would be more keys than a backup holds.
     */
    restore(text: string, passphrase: string): Promise<Key[]>;
    /** Ends the worker. */
    close(): void;
}
