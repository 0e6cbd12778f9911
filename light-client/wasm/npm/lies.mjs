// "Make the node lie": the page changes an honest node's answers itself, so that anybody can watch the lie being caught.
//
// Why this is honest: the change happens where the network is, between `fetch` and the client, on the bytes that really came. The client,
// which is the same code with and without, is not told: it gets an answer like any other and has to find out. A node could send exactly these
// bytes. What is not shown is that a node *would*; so every lie that was made here is marked `made`, and nobody is accused.
//
// Each is told until it was caught once. None needs the committee's key: what the committee could forge freezes a view for good, and
// nobody here could sign it.

const BODY_BYTES_MAX = 8 << 20;
/** Changed answers that are remembered until one is caught: more than one batch of proofs has. */
const TOLD_MAX = 32;

/** Where a header's bytes have the state root and the height (FORMATS.md section 12). */
const STATE_ROOT = 1 + 32 + 32 + 32 + 4 + 31 + 32;
const HEIGHT = STATE_ROOT + 32 + 40 + 32 + 40 + 40;
const PARENT = 33;
/** A certificate ends with the digest of what is signed and the signature. */
const PAYLOAD_FROM_END = 80;
/** Where an envelope has the last byte of the state root after its segment (sections 11 and 15). */
const BOUNDARY_BYTES = 31 + 32 + 32 + 40 + 32 + 40 + 40 + 8 + 6 + 31 + 6;
const ROOT_AFTER = 4 + 1 + 32 + 32 + 20 + 8 + BOUNDARY_BYTES + 31 + 32 + 31;
/** What a block's digest is made of, before the header. */
const DIGEST_TAG = new TextEncoder().encode('playfair/1/block');

const bytesOf = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const digitsOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Digits with one bit of a byte turned, counted from the end for negative places. */
const turned = (digits, place) => {
    const bytes = bytesOf(digits);
    bytes[place < 0 ? bytes.length + place : place] ^= 1;
    return digitsOf(bytes);
};

const digest = async (header) => {
    // Pages that were not loaded safely have no SHA-256: what they claim then is as false.
    if (!globalThis.crypto?.subtle) return new Uint8Array(32);
    const tagged = new Uint8Array(DIGEST_TAG.length + header.length);
    tagged.set(DIGEST_TAG);
    tagged.set(header, DIGEST_TAG.length);
    return new Uint8Array(await crypto.subtle.digest('SHA-256', tagged));
};

/** A block of the node's own, under the signature that belongs to another: `change` gets the header's bytes. */
const forged = async (block, change) => {
    const [header, certificate] = [bytesOf(block.header), bytesOf(block.certificate)];
    change(header);
    const claimed = await digest(header);
    certificate.set(claimed, certificate.length - PAYLOAD_FROM_END);
    return { ...block, digest: digitsOf(claimed), header: digitsOf(header), certificate: digitsOf(certificate) };
};

const isHead = (path) => path === '';
const isCall = (path) => /^\/calls\/[0-9a-f]{64}$/.test(path);
const isState = (path) => path === '/state';
const isProof = (path) => /^\/proofs\/\d+$/.test(path);
const isBlock = (path) => /^\/blocks\/[1-9]\d*$/.test(path);

/** A lie in JSON: `change` gets the answer, and says by `false` that there is nothing to lie about. */
const inJson = (matches, change) => ({
    matches,
    async change(body, ask) {
        const value = JSON.parse(new TextDecoder().decode(body));
        if ((await change(value, ask)) === false) return null;
        return { body: new TextEncoder().encode(JSON.stringify(value)) };
    },
});

/** A lie in an answer's bytes: one bit of the byte at a place. */
const inBytes = (matches, place) => ({
    matches,
    async change(body) {
        const changed = body.slice();
        const at = place(changed);
        if (at === null) return null;
        changed[at] ^= 1;
        return { body: changed };
    },
});

const LIES = {
    'value-changed': {
        title: 'Change a value of the state',
        what: 'One bit of a value is turned; its proof is left as it was.',
        ...inJson(isState, (state) => {
            const place = state.values.findIndex((value) => value);
            if (place < 0) return false;
            state.values[place] = turned(state.values[place], 0);
        }),
    },
    'value-hidden': {
        title: 'Hide a value of the state',
        what: 'A value that is there is said to be absent.',
        ...inJson(isState, (state) => {
            const place = state.values.findIndex((value) => value);
            if (place < 0) return false;
            state.values[place] = null;
        }),
    },
    'certificate-forged': {
        title: 'Invent the next block',
        what: 'A block that nobody signed is put on the head, under the signature that belongs to the head.',
        ...inJson(isHead, async (chain) => {
            if (!chain.head?.certificate) return false;
            const parent = await digest(bytesOf(chain.head.header));
            chain.head = await forged(chain.head, (header) => {
                const height = new DataView(header.buffer, HEIGHT, 8);
                height.setBigUint64(0, height.getBigUint64(0) + 1n);
                header.set(parent, PARENT);
            });
            chain.head.height += 1;
        }),
    },
    'block-other': {
        title: 'Show another block of the same height',
        what: 'A block with another state, of the head’s height, takes the head’s place.',
        ...inJson(isHead, async (chain) => {
            if (!chain.head?.certificate) return false;
            chain.head = await forged(chain.head, (header) => { header[STATE_ROOT + 31] ^= 1; });
        }),
    },
    'header-changed': {
        title: 'Change a block’s header',
        what: 'One bit of the head’s state root is turned; its certificate is left as it was.',
        ...inJson(isHead, (chain) => {
            if (!chain.head?.certificate) return false;
            chain.head.header = turned(chain.head.header, STATE_ROOT + 31);
        }),
    },
    'head-stale': {
        title: 'Roll the chain back',
        what: 'The block before the head, which is a true one, is said to be the head.',
        ...inJson(isHead, async (chain, ask) => {
            if (!(chain.head?.height > 1)) return false;
            const [before] = await ask(`/blocks?from=${chain.head.height - 1}&count=1`);
            if (!before?.certificate) return false;
            chain.head = before;
        }),
    },
    'outcome-changed': {
        title: 'Change a call’s outcome',
        what: 'A call’s receipt says another amount of gas.',
        ...inJson(isCall, (call) => {
            if (!call.evidence) return false;
            // Outcome and detail are the first two bytes, gas the next four.
            call.evidence.receipt = turned(call.evidence.receipt, 5);
        }),
    },
    'output-changed': {
        title: 'Change what a call returned',
        what: 'A call is shown with an event that it never emitted.',
        ...inJson(isCall, (call) => {
            if (!call.evidence) return false;
            call.evidence.receipt_body = '000001ffff0000';
        }),
    },
    'call-denied': {
        title: 'Deny a call',
        what: 'A call that was shown in a certified block is said to be unknown.',
        matches: isCall,
        async change() {
            const error = { code: 'unknown_call', message: 'no sealed call has this name' };
            return { status: 404, body: new TextEncoder().encode(JSON.stringify({ error })) };
        },
    },
    'record-hidden': {
        title: 'Leave a call out of a block',
        what: 'A block is shown without its last record.',
        ...inJson(isBlock, (block) => {
            if (!(block.records?.length > 0)) return false;
            block.records.pop();
        }),
    },
    'proof-damaged': {
        title: 'Change a validity proof',
        what: 'One bit of a proof is turned.',
        ...inBytes(isProof, (body) => body.length - 1),
    },
    'proof-input-changed': {
        title: 'Claim more than a proof shows',
        what: 'A proof is shown with another result: the state root behind its last record.',
        ...inBytes(isProof, (body) => (ROOT_AFTER < body.length ? ROOT_AFTER : null)),
    },
};

export class Lies {
    #fetch;
    #name = null;
    /** By their paths, the last answers as they were handed out, where they were changed here. */
    #told = new Map();

    /** Over a network. */
    constructor(fetch) {
        this.#fetch = fetch;
    }

    /** What there is to choose from. */
    all() {
        return Object.entries(LIES).map(([name, { title, what }]) => ({ name, title, what }));
    }

    /** Tells this lie from now on, or none. */
    tell(name) {
        if (name !== null && !Object.hasOwn(LIES, name)) {
            throw Object.assign(new Error(`there is no lie ${name}`), { kind: 'bad' });
        }
        [this.#name, this.#told] = [name, new Map()];
    }

    /** Whether one is to be told. */
    get isArmed() {
        return this.#name !== null;
    }

    /**
     * What the client throws, marked when it is the lie that was told; then the truth is told again. `asked` is the method that threw, and what it was
     * asked.
     *
     * Made is what was caught *in the very bytes* that were changed here: a lie's first exhibit is the answer in which it was found. A node's own lie on the same path,
     * while another is armed, is the node's. One thing is left: an answer that was false before it was changed counts as made, since nobody looked at
     * what came. So a node may be spared once, and never be accused of what was made here; whoever asks again has its own answer.
     */
    caught(error, asked = []) {
        if (error?.kind === 'lie' && (this.#isMade(error.lie) || this.#isDenied(error.lie, asked))) {
            error.lie.made = true;
            this.tell(null);
        }
        return error;
    }

    #isMade({ asked, exhibits }) {
        const told = this.#told.get(asked);
        const answer = exhibits?.find(({ what }) => what === 'answer');
        return told !== undefined && told.status === 200 && answer?.bytes === digitsOf(told.body);
    }

    /** Who denies a call is caught by the block that he still shows, and the denial is no exhibit: it counts if the last word about that call was changed. */
    #isDenied({ name }, [method, id]) {
        const is = (path) => path.endsWith(`/calls/${id}`);
        return name === 'denied' && method === 'again' && [...this.#told].some(([path, { status }]) => is(path) && status === 404);
    }

    /** As the network's. */
    async fetch(url, options) {
        const response = await this.#fetch(url, options);
        const lie = LIES[this.#name];
        const place = lie && /^(.*)(\/v1\/chains\/[0-9a-f]{64})(.*)$/.exec(String(url));
        if (!place || !lie.matches(place[3])) return response;
        const [, node, chain, path] = place;
        // What is said of it from now on is the last word.
        this.#told.delete(chain + path);
        if (response.status !== 200) return response;
        const body = await whole(response);
        const ask = async (rest) => (await this.#fetch(node + chain + rest, { ...options, method: 'GET', body: undefined })).json();
        const changed = await lie.change(body, ask).catch(() => null);
        if (!changed) return new Response(body, { status: response.status });
        const told = { body: changed.body, status: changed.status ?? response.status };
        this.#told.set(chain + path, told);
        if (this.#told.size > TOLD_MAX) this.#told.delete(this.#told.keys().next().value);
        return new Response(told.body, { status: told.status });
    }
}

const whole = async (response) => {
    const body = new Uint8Array(await response.arrayBuffer());
    if (body.length > BODY_BYTES_MAX) throw new Error('the answer is longer than it may be');
    return body;
};
