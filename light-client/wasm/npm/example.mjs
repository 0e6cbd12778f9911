// The example page: follows the chain of the link behind the `#`, through the node in `?node=`, and shows what was verified.
// `?insecure` believes the development setup, `?call=` asks for a call.
import { LightClient } from './client.mjs';

const CHECKS_SHOWN = 50;

const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const calls = new Map();
let client;
let view;

const element = (name, text, className) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
};

const short = (digits) => `${digits.slice(0, 8)}…${digits.slice(-4)}`;
const time = (micros) => (micros < 1000 ? `${micros} µs` : `${(micros / 1000).toFixed(1)} ms`);
const ago = (ms) => `${Math.max(0, Math.round((Date.now() - ms) / 1000))} s ago`;

const ROLES = {
    leader: 'asks the node; other tabs of this chain listen to it',
    follower: 'listens to another tab, which asks the node',
    alone: 'asks the node',
};

const showTrouble = (trouble) => {
    $('trouble').hidden = !trouble;
    if (!trouble) return;
    const what = { lie: 'A lie was caught', frozen: 'The committee lied', unreachable: 'The node does not answer' };
    $('trouble').textContent = `${what[trouble.kind] ?? 'It did not work'}: ${trouble.message}`;
};

// The age of what is shown is the visitor's only sign of a node that keeps silent: it is never left standing.
const showView = () => {
    if (!view) return;
    const { head, proven, provenBlock } = view;
    $('head').textContent = head ? `block ${head.height}, ${short(head.digest)}, sealed ${ago(head.timeMs)}` : 'no certified block yet';
    const block = provenBlock === null ? '' : `, all of block ${provenBlock}`;
    $('proven').textContent = proven ? `${proven.frames} records by ${proven.proofs} proofs${block}` : 'no proof yet';
};

const showChecks = (checks) => {
    for (const { kind, what, against, micros } of checks) {
        const item = element('li', `${kind}: ${what} `);
        item.append(element('small', `against ${against}, ${time(micros)}`));
        $('checks').prepend(item);
    }
    while ($('checks').children.length > CHECKS_SHOWN) $('checks').lastElementChild.remove();
    $('none').hidden = $('checks').children.length > 0;
};

const showCalls = () => {
    const items = [...calls].map(([id, call]) => {
        const item = element('li', '');
        item.append(element('code', short(id)), ' ');
        if (!call) return item;
        item.append(element('span', call.rung, `rung ${call.rung}`), ` in block ${call.height}: ${call.outcome.name}, ${call.gasUsed} gas`);
        return item;
    });
    $('calls').replaceChildren(...items);
};

// Calls that are not proven yet are looked at again whenever there is news.
const lookAtCalls = async () => {
    for (const [id, call] of calls) {
        if (call?.rung !== 'proven') calls.set(id, await client.call(id));
    }
    showCalls();
    showChecks(await client.takeChecks());
};

const open = async (node, link, insecure) => {
    client?.close();
    client = view = undefined;
    try {
        client = await LightClient.open(node, link, { insecure });
    } catch (error) {
        return showTrouble(error);
    }
    client.follow(({ view: seen, checks, trouble, role }) => {
        showTrouble(trouble);
        view = seen ?? view;
        showView();
        showChecks(checks);
        $('role').textContent = ROLES[role];
        lookAtCalls().catch(showTrouble);
    });
};

$('open').addEventListener('submit', (event) => {
    event.preventDefault();
    const { node, link, insecure } = event.target.elements;
    open(node.value, link.value, insecure.checked);
});

$('watch').addEventListener('submit', (event) => {
    event.preventDefault();
    calls.set(event.target.elements.id.value, null);
    event.target.reset();
    if (client) lookAtCalls().catch(showTrouble);
});

setInterval(showView, 1000);
for (const id of asked.getAll('call')) calls.set(id, null);
const { node, link, insecure } = $('open').elements;
node.value = asked.get('node') ?? location.origin;
link.value = location.hash.slice(1);
insecure.checked = asked.has('insecure');
if (link.value) open(node.value, link.value, insecure.checked);
