// Errors on their way from the worker to the page: posting keeps nothing of an error but its message.
const FIELDS = ['kind', 'status', 'code', 'lie'];

/** An error as a plain object. One without a kind is none of the client's: the module is broken, and answers nothing more. */
export function told(error) {
    const plain = { kind: 'crashed', message: String(error?.message ?? error) };
    for (const field of FIELDS) {
        if (error?.[field] !== undefined) plain[field] = error[field];
    }
    return plain;
}

/** What the client throws. */
export class LightClientError extends Error {
    constructor(plain) {
        super(plain.message);
        this.name = 'LightClientError';
        for (const field of FIELDS) {
            if (plain[field] !== undefined) this[field] = plain[field];
        }
    }
}
