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
    index: number;
    rung: 'sequenced' | 'proven';
    /** The frame of the tape at which the segment of its proof begins. */
    proof: number | null;
    outcome: { name: 'ok' | 'reverted' | 'trapped' | 'out-of-gas' | 'invalid'; detail?: number };
    gasUsed: number;
    output: string;
    events: { topic: number; data: string }[];
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
