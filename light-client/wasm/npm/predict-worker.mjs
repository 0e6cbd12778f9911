// The worker of predictions: it has the chain's module and the values that it was told. It asks nobody. The module is compiled when the boundary of a verified
// block names its hash, and not before.
import init, { Predictor } from './predictor.js';
import { answer } from './asking.mjs';
import { told } from './trouble.mjs';

let predictor;

const timed = (run) => {
    const begin = performance.now();
    const predicted = run();
    return { ...predicted, ms: performance.now() - begin };
};

answer({
    async open(module) {
        await init();
        predictor = new Predictor(module);
        return { hash: predictor.hash(), params: Predictor.paramsPlace() };
    },
    /** After the block of a verified read, with its values; or more values of the same block. */
    know({ chainId, boundary, places, values }) {
        if (boundary) predictor.begin(chainId, boundary);
        places.forEach((place, at) => predictor.know(place, values[at]));
    },
    calls: (records, timeMs) => timed(() => predictor.calls(records, timeMs)),
    query: (entry, payload) => timed(() => predictor.query(entry, payload)),
}, told);
