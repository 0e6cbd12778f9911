// Keeps a client going: the tab that leads asks for the head and the proofs again and again; the others take over what it has verified.
//
// A tab that listens does not believe messages, although its own origin wrote them: its client reads what the leading one kept, as strictly
// as after a reload, and that view is what it tells. Of the message it passes on which checks held and what failed, marked as heard. Where nothing was kept that
// leads as far as the other tab says, it asks for itself. The node's socket (waker.mjs) is believed even less: it only says when to ask.
import { join } from './tabs.mjs';
import { told } from './trouble.mjs';
import { waker } from './waker.mjs';

/** Between two questions while somebody looks, and while a socket says when there is something new. */
const WATCHED_MS = 1_000;
const WOKEN_MS = 5_000;
/** While nobody does. */
const HIDDEN_MS = 15_000;
/** Between two questions, however often the socket wakes. */
const REST_MIN_MS = 100;
/** After failures: a second, doubled up to this. */
const FAILED_MAX_MS = 60_000;
/** How often a tab that is looked at says so to the one that leads, and for how long that counts. */
const WATCHING_EVERY_MS = 5_000;
const WATCHING_FOR_MS = 12_000;

/** How long to rest: after so many failures in a row, watched or not, woken by a socket or not. */
export function restMs(failures, isWatched, isWoken = false) {
    const pace = isWatched ? (isWoken ? WOKEN_MS : WATCHED_MS) : HIDDEN_MS;
    return failures === 0 ? pace : Math.max(pace, Math.min(FAILED_MAX_MS, 1_000 * 2 ** Math.min(failures - 1, 10)));
}

/** Follows until it is stopped. `chain` is the chain's address at the node; `tell` gets the news, which client.d.ts describes. */
export function follow({ client, name, chain }, tell) {
    let role = 'follower';
    let isVisible = true;
    let isStopped = false;
    let watchedUntil = 0;
    let news = null;
    let isAsked = false;
    let isLooking = false;
    let wake = () => {};

    const isWatched = () => isVisible || Date.now() < watchedUntil;
    /** Asks at once, or right after what is being asked. */
    const hurry = () => {
        isAsked = true;
        wake();
    };
    const socket = waker(chain, () => role !== 'follower' && isWatched() && hurry());
    const sleep = (ms) =>
        new Promise((resolve) => {
            const timer = setTimeout(resolve, ms);
            wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    const rest = async (ms) => {
        const until = Date.now() + REST_MIN_MS;
        if (!isAsked) await sleep(ms);
        if (!isStopped && Date.now() < until) await sleep(until - Date.now());
        isAsked = false;
    };

    const say = async (trouble) => {
        const [view, checks] = [await client.view(), await client.takeChecks()];
        if (isStopped) return;
        news = { checks, trouble, height: view.head?.height ?? 0 };
        tell({ view, checks, trouble, isHeard: false, role });
        if (role !== 'follower') tabs.post({ kind: 'news', news });
    };

    /** What the leading tab says, beside what this one's client has verified by what that one kept. */
    const pass = async ({ checks, trouble, height }) => {
        await client.catchUp();
        const view = await client.view();
        if (isStopped) return;
        tell({ view, checks, trouble, isHeard: true, role });
        if (height > (view.head?.height ?? 0) && !isLooking) await look();
    };

    const look = async () => {
        isLooking = true;
        try {
            return await lookOnce();
        } finally {
            isLooking = false;
        }
    };

    // One look at the chain, as far as it goes. Every step is kept before it is told, so that those who listen find it.
    const lookOnce = async () => {
        const seen = async () => JSON.stringify(await client.view());
        let before = await seen();
        const keep = async () => {
            const after = await seen();
            if (after === before) return false;
            before = after;
            await client.keep();
            return true;
        };
        try {
            await client.head();
            // Who comes back sees that what was verified still stands before it is looked for new proofs.
            if ((await keep()) || !news) await say(null);
            while (!isStopped && (await client.prove()) > 0) {
                await keep();
                await say(null);
            }
            if (news?.trouble) await say(null);
            return true;
        } catch (error) {
            const trouble = told(error);
            if (trouble.kind === 'crashed') throw error;
            // A committee that was caught stays caught, here and after a reload.
            await keep();
            await say(trouble);
            // The page wanted to be lied to: the node did nothing wrong.
            return trouble.lie?.made === true;
        }
    };

    const lead = async (as) => {
        // The first look says who leads, whatever it finds.
        [role, news] = [as, null];
        await client.catchUp();
        let failures = 0;
        while (!isStopped) {
            failures = (await look()) ? 0 : failures + 1;
            if (isStopped) break;
            socket.want(isWatched());
            await rest(restMs(failures, isWatched(), socket.isLive()));
        }
    };

    const hear = async (message) => {
        if (isStopped) return;
        if (message.kind === 'watching' && role === 'leader') {
            const wasWatched = isWatched();
            watchedUntil = Date.now() + WATCHING_FOR_MS;
            if (message.isNew && news) tabs.post({ kind: 'news', news: { ...news, checks: [] } });
            if (!wasWatched) wake();
        }
        if (message.kind === 'look' && role === 'leader') hurry();
        if (message.kind === 'news' && role === 'follower') await pass(message.news);
    };

    const crashed = (error) => tell({ view: null, checks: [], trouble: told(error), isHeard: false, role });
    const tabs = join(name, {
        // Not before `tabs` is there to post to.
        lead: (as) => queueMicrotask(() => lead(as).catch(crashed)),
        hear: (message) => hear(message).catch(crashed),
    });
    const watching = (isNew) => role === 'follower' && isVisible && tabs.post({ kind: 'watching', isNew });
    const timer = setInterval(watching, WATCHING_EVERY_MS, false);
    watching(true);

    return {
        /** Asks for the head now; a tab that listens has the leading one asked, unless it is to ask for itself. */
        look(isOwn) {
            if (role !== 'follower') hurry();
            else if (isOwn) look().catch(crashed);
            else tabs.post({ kind: 'look' });
        },
        visible(is) {
            isVisible = is;
            watching(false);
            if (is) wake();
        },
        stop() {
            isStopped = true;
            clearInterval(timer);
            socket.close();
            wake();
            tabs.leave();
        },
    };
}
