import type { LightClient, Outcome, Event } from './client.js';

/** What predictions fail with, beside the client's errors. */
export class PredictError extends Error {
    /**
     * `module`: the node's module is none, or is not the one that the verified head names; `unpredictable`: the engine or the
     * values failed, or the chain went on too fast; `bad`: a record is no call; `slow`: the module took more than two seconds and was ended
     * with its worker, the next prediction starts another; `closed`.
     */
    kind: 'module' | 'unpredictable' | 'bad' | 'slow' | 'closed';
}

/** What a call will do. */
export interface ForeseenCall {
    outcome: Outcome;
    output: string;
    events: Event[];
    gasUsed: number;
    logs: string[];
}

/** What calls will do, as the next block after `height`. */
export interface Foreseen {
    height: number;
    /** What running took, without what was asked meanwhile. */
    ms: number;
    calls: ForeseenCall[];
    /** Places of the state with their new values, or `null` where the value is gone. */
    changes: { place: string; value: string | null }[];
}

/** What the module answers about the verified block. */
export interface Answer {
    height: number;
    rung: 'sequenced';
    ms: number;
    outcome: Outcome;
    output: string;
}

/** The lowest rung: the chain's own module, run here on verified values. */
export class Predictor {
    private constructor(client: LightClient, module: Uint8Array, worker: () => Worker);

    /**
     * Fetches the module of the head from the node, as engines run it, and compares its hash with the verified one. `worker` makes a
     * module worker of `predict-worker.mjs`, for instance under Trusted Types; it is called again when a slow one was ended.
     */
    static open(client: LightClient, node: string, options?: { worker?: () => Worker }): Promise<Predictor>;

    /** What these calls, records' bytes in their order, will do. The block's time is now, unless it is said. */
    calls(records: Uint8Array[], options?: { timeMs?: number }): Promise<Foreseen>;
    /** What the module answers. */
    query(entry: number, payload: Uint8Array): Promise<Answer>;
    /** Reads all keys that were needed lately again at the present head, so that the next prediction asks nobody. */
    refresh(): Promise<void>;
    /** Ends the worker. */
    close(): void;
}
