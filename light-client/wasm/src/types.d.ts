/** What is verified of a chain. Bytes are hexadecimal digits. */
export interface View {
    /** The last block that the committee certified. */
    head: { height: number; timeMs: number; digest: string; stateRoot: string; module: string } | null;
    /** Where validity proofs lead from genesis. */
    proven: { height: number; frames: number; proofs: number; stateRoot: string } | null;
    /** The newest block whose whole boundary is proven. */
    provenBlock: number | null;
    /** Why nothing is accepted any more. */
    frozen: Lie | null;
}

/** A call in a certified block. */
export interface Call {
    id: string;
    height: number;
    /** The time of its block, ms since 1970. */
    timeMs: number;
    index: number;
    rung: 'sequenced' | 'proven';
    /** The frame of the tape at which the segment of its proof begins. */
    proof: number | null;
    outcome: Outcome;
    gasUsed: number;
    output: string;
    events: Event[];
    /** What was signed; `null` when the record is not readable inside. */
    signed: Signed | null;
}

/** How a record ended; `detail` is the number of the trap or of the reason (FORMATS.md section 9). */
export interface Outcome {
    name: 'ok' | 'reverted' | 'trapped' | 'out-of-gas' | 'invalid';
    detail?: number;
}

/** What a module told the world. */
export interface Event {
    topic: number;
    data: string;
}

/** What a player signed. */
export interface Signed {
    account: string;
    keyIndex: number;
    lane: number;
    nonce: number;
    entry: number;
    payload: string;
    gasLimit: number;
    /** A decimal number. */
    gasPrice: string;
    validUntilMs: number;
    /** Whether the call makes its account. */
    isNew: boolean;
}

/** A certified block with all of its records: that they are all was verified. */
export interface Block {
    height: number;
    timeMs: number;
    digest: string;
    parent: string;
    stateRoot: string;
    module: string;
    /** Proven: the proven history has these records with these receipts. */
    rung: 'sequenced' | 'proven';
    gasUsed: number;
    records: BlockRecord[];
}

/** A record of a block, and what it did. */
export interface BlockRecord {
    index: number;
    kind: 'genesis' | 'block' | 'call' | 'l1call' | 'deposit' | 'upgrade';
    /** The name of a signed call. */
    id: string | null;
    signed: Signed | null;
    outcome: Outcome;
    gasUsed: number;
    output: string;
    events: Event[];
}

/** A certified block of a list, each of which stands on the one before. */
export interface BlockHead {
    height: number;
    timeMs: number;
    digest: string;
    records: number;
    stateRoot: string;
    /** Proven: it stands, parent by parent, under a block up to which everything is proven. */
    rung: 'sequenced' | 'proven';
}

/** Values at the head by their places in the state's tree. */
export interface Read extends Values {
    rung: 'sequenced';
    chainId: string;
    module: string;
    /** Everything after that block (FORMATS.md section 11): what a prediction begins with. */
    boundary: string;
}

/** An account at the head. */
export interface Account {
    id: string;
    height: number;
    rung: 'sequenced';
    /** Whether it has made a call of its own. The first call of one that has not is a new-key call. */
    exists: boolean;
    /** In smallest units: a decimal number. */
    balance: string;
    /** The next nonce of each lane. */
    nonces: number[];
    /** The keys of its first 16 places, in their order. */
    keys: AccountKey[];
}

/** A key of an account. */
export interface AccountKey {
    /** Its index: calls name it by that. */
    place: number;
    /** Owners may do everything; a session's key calls the module within its limits. */
    role: 'owner' | 'session' | 'l1-owner';
    /** The public key, packed, 64 digits; `null` for an owner on L1. */
    publicKey: string | null;
    /** The owner's address on L1, 40 digits; `null` for keys. */
    address: string | null;
    /** The limits of a session's key; `null` for owners, who have none. */
    session: {
        /** Entries of the module that it may call, of 0 to 63. */
        entries: number[];
        /** Nonce lanes that it may use. */
        lanes: number[];
        /** The highest gas price that it may offer where callers pay: a decimal number. */
        gasPriceMax: string;
        /** The last block time, ms since 1970, at which it is valid. */
        expiresMs: number;
    } | null;
}

/** Where a call lies, as the node says: not verified. */
export interface CallPlace {
    height: number;
    index: number;
    id: string | null;
}

/** Whom the client starts from: the link. */
export interface Anchors {
    chainId: string;
    module: string;
    keySetRoot: string;
    committee: { epoch: number; members: number; threshold: number; key: string };
    /** Whether proofs that rest on the development setup are believed. */
    insecure: boolean;
}

/** Values of the state after a block, in the order of the keys; `null` where there is none. */
export interface Values {
    height: number;
    timeMs: number;
    rung: 'sequenced' | 'proven';
    values: (string | null)[];
}

/** A check that held. */
export interface Check {
    kind: string;
    what: string;
    against: string;
    micros: number;
}

/** A rung of the ladder, in words. */
export interface Rung {
    name: 'predicted' | 'sequenced' | 'proven';
    checked: string;
    cheats: string;
    holds: string;
}

/** What a node, or the committee, cannot truthfully have said. */
export interface Lie {
    name: string;
    message: string;
    /** Whether the committee itself lied. */
    committees: boolean;
    asked: string;
    exhibits: { what: 'answer' | 'header' | 'certificate'; bytes: string }[];
    micros: number;
}

/** What is thrown. `bad`: the caller asked for nothing; `refused`: the node said no, which is not verified; `setup`: the
 * chain's proofs rest on a setup that was not to be believed. */
export interface Trouble extends Error {
    kind: 'bad' | 'unreachable' | 'refused' | 'setup' | 'lie' | 'frozen';
    status?: number;
    code?: string;
    lie?: Lie;
}
