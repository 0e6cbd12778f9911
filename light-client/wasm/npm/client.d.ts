import type {
    View, Call, Values, Check, Rung, Lie, Signed, Outcome, Event, Read, Account, AccountKey, CallPlace, Block, BlockRecord, BlockHead, Anchors,
} from './light_client.js';

export type { View, Call, Values, Check, Rung, Lie, Signed, Outcome, Event, Read, Account, AccountKey, CallPlace, Block, BlockRecord, BlockHead, Anchors };

/** A lie that the page can ask for. */
export interface Offered {
    name: string;
    title: string;
    what: string;
}

/** What every method may fail with. */
export class LightClientError extends Error {
    /**
     * `bad`: the caller asked for nothing; `unreachable`: no answer; `refused`: the node said no, which is not verified; `setup`: the
     * chain's proofs rest on a setup that was not to be believed; `lie`: an answer that
     * cannot be true; `frozen`: the committee was caught, nothing is accepted any more; `crashed`, `closed`: the worker has ended.
     */
    kind: 'bad' | 'unreachable' | 'refused' | 'setup' | 'lie' | 'frozen' | 'crashed' | 'closed';
    status?: number;
    code?: string;
    /** `made`: it was caught in an answer that was changed here, because the page asked for that with `lie()`; nobody is accused. */
    lie?: Lie & { made?: true };
}

export interface Options {
    /** Believes proofs that rest on the development setup, whose secret everybody knows: for local chains. */
    insecure?: boolean;
    /** A module worker of `worker.mjs` that the page has started itself, for instance under Trusted Types. */
    worker?: Worker;
}

/** What following tells, whenever there is something new. */
export interface News {
    /** What this tab's own client has verified, also in a tab that listens; `null` only when the worker has crashed. */
    view: View | null;
    /** The checks that held since the last news. */
    checks: Check[];
    /** Why the last look at the chain failed. Following goes on, more slowly. */
    trouble: LightClientError | null;
    /** Whether checks and trouble are what the leading tab says of itself: nothing of them was looked at here. */
    isHeard: boolean;
    /** Whether this tab asks the node: as one of many, or because the browser cannot tell tabs of each other; or listens to the one that does. */
    role: 'leader' | 'alone' | 'follower';
}

/** A chain, followed through one node, of which nothing is believed. All work is done in a worker. */
export class LightClient {
    private constructor(worker: Worker);

    /** Opens the chain of a link (the text behind the `#` of a chain's address) through the node at an address. */
    static open(node: string, link: string, options?: Options): Promise<LightClient>;

    /** What is verified so far. */
    view(): Promise<View>;
    /** Asks for the chain's head; gives its height, or nothing while no block is certified. */
    head(): Promise<number | undefined>;
    /** Fetches and verifies the next proofs; gives how many were accepted, 0 when there are no more. */
    prove(): Promise<number>;
    /** Asks for a call by its id, 64 digits, and verifies it as far up the ladder as there is evidence for. */
    call(id: string): Promise<Call>;
    /** The same for a call that was verified before, in a block of this height: a node that denies it now is caught. */
    again(id: string, height: number): Promise<Call>;
    /** Submits a signed call: its record's bytes. Gives it in its certified block, or `null` when the node only has it yet. */
    submit(record: Uint8Array): Promise<Call | null>;
    /** Values of the module's state at the head, for keys of the module, at most 64 bytes each. */
    values(keys: Uint8Array[]): Promise<Values>;
    /** The same after the newest block whose whole boundary is proven; `null` while there is none. */
    provenValues(keys: Uint8Array[]): Promise<Values | null>;
    /** Values at the head by their places in the state's tree, 31 bytes each, the chain's own among them; at most 256. */
    read(places: Uint8Array[]): Promise<Read>;
    /** An account at the head, by its id of 40 digits, with its keys. One that does not exist yet is a new one. */
    account(id: string): Promise<Account>;
    /** Where the node says that an account's calls lie, the newest first, 20 if not said: a hint, of which nothing is verified. */
    callsOf(account: string, count?: number, before?: number): Promise<CallPlace[]>;
    /** The block of a height with all of its records: that they are all is verified. */
    block(height: number): Promise<Block>;
    /** Blocks from a height on, at most 64: each certified, each on the one before. Shorter where the chain ends. */
    blocks(from: number, count: number): Promise<BlockHead[]>;
    /** Asks for the head now instead of at the next turn, while the chain is followed. */
    look(): void;
    /** What `lie` offers. */
    lies(): Promise<Offered[]>;
    /**
     * Lets this tab's worker change the node's answers as a lying node would, from now until it was caught once; `null` for the truth.
     * lies.mjs says why that is honest. Most lies are told when somebody asks for what they are about.
     */
    lie(name: string | null): Promise<void>;
    /** Whom the client starts from: the link. */
    anchors(): Promise<Anchors>;
    /** The checks that held since they were last taken. While the chain is followed, most of them come with the news. */
    takeChecks(): Promise<Check[]>;
    /** Keeps what is verified for the next visit. Following does so by itself. */
    keep(): Promise<void>;
    /** Forgets everything but the link. */
    forget(): Promise<void>;
    /** The rungs of the confirmation ladder: what was checked, who could still cheat, what you hold. */
    ladder(): Promise<Rung[]>;
    /**
     * Keeps the chain followed: head and proofs, in one of all tabs that are open on it, the others listen. It asks every second while somebody looks
     * (every 5 seconds, and whenever the node's socket tells of something, while there is one), every 15 seconds while nobody does, and ever less often while the node does not answer well. Gives a function that ends it.
     */
    follow(onNews: (news: News) => void): () => void;
    /** Ends the worker; whatever is still waited for fails with `closed`. */
    close(): void;
}
