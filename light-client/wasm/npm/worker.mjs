// The worker: it has the client, and does what client.mjs asks of it.
import init, { LightClient } from './light_client.js';
import { answer } from './asking.mjs';
import { follow } from './follow.mjs';
import { Lies } from './lies.mjs';
import { told } from './trouble.mjs';
// What follow.mjs imports: named here, it is fetched beside that and not after it.
import './tabs.mjs';
import './waker.mjs';

/** What the client and follow.mjs may call. An error on its way out is looked at: it may be the lie that was asked for. */
const METHODS = [
    'view', 'head', 'prove', 'call', 'again', 'submit', 'values', 'provenValues', 'read', 'account', 'callsOf', 'block', 'blocks', 'anchors',
    'takeChecks', 'catchUp', 'keep', 'forget',
];

// What the client asks goes through here: the lies sit where the network is, and the core cannot tell them from a node's.
const lies = new Lies(self.fetch.bind(self));
self.fetch = (...asked) => lies.fetch(...asked);

// Its code is fetched and compiled while the page still prepares its first question.
const ready = init();
ready.catch(() => {});

let opened;
let following;

const guarded = (client) => {
    const calls = METHODS.map((method) => [
        method,
        async (...args) => {
            try {
                return await client[method](...args);
            } catch (error) {
                throw lies.caught(error, [method, ...args]);
            }
        },
    ]);
    return Object.fromEntries(calls);
};

const stop = () => {
    following?.stop();
    following = undefined;
};

const asked = METHODS.filter((method) => method !== 'catchUp').map((method) => [method, (...args) => opened.client[method](...args)]);

answer({
    ...Object.fromEntries(asked),
    async open(node, link, insecure) {
        await ready;
        const client = guarded(await LightClient.open(node, link, insecure));
        const { chainId } = await client.anchors();
        const name = `playfair-light-client/${insecure ? 'insecure' : 'public'}/${node}/${link}`;
        opened = { client, name, chain: `${node.replace(/\/+$/, '')}/v1/chains/${chainId}` };
    },
    ladder: () => LightClient.ladder(),
    lies: () => lies.all(),
    lie: (name) => lies.tell(name),
    follow() {
        stop();
        following = follow(opened, (news) => self.postMessage({ news }));
    },
    // A lie is told in this tab alone.
    look: () => following?.look(lies.isArmed),
    stop,
    visible: (is) => following?.visible(is),
}, told);
