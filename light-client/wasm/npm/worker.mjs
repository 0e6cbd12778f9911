// The worker: it has the client, and does what client.mjs asks of it.
import init, { LightClient } from './light_client.js';
import { follow } from './follow.mjs';
import { told } from './trouble.mjs';

/** The client and the name under which its tabs meet. */
let client;
let name;
let following;

const stop = () => {
    following?.stop();
    following = undefined;
};

/** What a page may ask for; nothing else is reached by a name that comes in a message. */
const DOES = {
    async open(node, link, insecure) {
        await init();
        client = await LightClient.open(node, link, insecure);
        name = `playfair-light-client/${insecure ? 'insecure' : 'public'}/${node}/${link}`;
    },
    view: () => client.view(),
    head: () => client.head(),
    prove: () => client.prove(),
    call: (id) => client.call(id),
    again: (id, height) => client.again(id, height),
    submit: (record) => client.submit(record),
    values: (keys) => client.values(keys),
    provenValues: (keys) => client.provenValues(keys),
    takeChecks: () => client.takeChecks(),
    keep: () => client.keep(),
    forget: () => client.forget(),
    ladder: () => LightClient.ladder(),
    follow() {
        stop();
        following = follow(client, name, (news) => self.postMessage({ news }));
    },
    stop,
    visible: (is) => following?.visible(is),
};

self.addEventListener('message', async ({ data: { id, ask, args } }) => {
    try {
        if (!Object.hasOwn(DOES, ask)) throw new Error(`the worker has no ${ask}`);
        const value = await DOES[ask](...args);
        self.postMessage({ id, value });
    } catch (error) {
        self.postMessage({ id, trouble: told(error) });
    }
});
