// The browser's engine: compiles a module once, and runs an entry point of it in a fresh instance.

/** What engines say when code traps, and which trap it is (FORMATS.md section 9). What is ambiguous is in no row: it is a fault. */
const TRAPS = [
    // V8
    [/^unreachable$/, 1],
    [/^memory access out of bounds$/, 2],
    [/^(divide|remainder) by zero$/, 3],
    [/^divide result unrepresentable$/, 4],
    [/^function signature mismatch$/, 5],
    [/^table index is out of bounds$/, 6],
    [/^null function$/, 7],
    // SpiderMonkey
    [/^unreachable executed$/, 1],
    [/^index out of bounds$/, 2],
    [/^integer divide by zero$/, 3],
    [/^integer overflow$/, 4],
    [/^indirect call signature mismatch$/, 5],
    [/^table index out of bounds$/, 6],
    [/^indirect call to null$/, 7],
    // JavaScriptCore
    [/^Unreachable code should not be executed/, 1],
    [/^Out of bounds memory access/, 2],
    [/^Division by zero/, 3],
    [/^Integer overflow/, 4],
    [/^call_indirect to a signature that does not match/, 5],
    [/^Out of bounds call_indirect/, 6],
    [/^call_indirect to a null table entry/, 7],
];

/** Thrown through the module when the host ends a run; the reason stays with the host. */
const ENDED = new Error('ended by the host');

export function compile(code) {
    return new WebAssembly.Module(code);
}

export function has(module, name) {
    return WebAssembly.Module.exports(module).some((entry) => entry.kind === 'function' && entry.name === name);
}

/** `names`: the import module, the globals of gas and frame slots, the memory, then the host functions by their numbers. */
export function run(module, names, entry, args, gas, invoke, gasLeft) {
    const [from, gasName, stackName, memoryName, ...functions] = names;
    let exported;
    let view;
    const memory = () => {
        const buffer = exported[memoryName]?.buffer;
        if (buffer && view?.buffer !== buffer) view = new Uint8Array(buffer);
        return view;
    };
    const wide = new Set(WebAssembly.Module.imports(module).filter(({ name }) => name === 'height' || name === 'time').map(({ name }) => name));
    const link = (name, place) => [
        name,
        (...given) => {
            const unsigned = Uint32Array.from(given, (argument) => argument >>> 0);
            const result = invoke(place, unsigned, exported[gasName].value, memory());
            exported[gasName].value = gasLeft();
            if (Number.isNaN(result)) throw ENDED;
            return wide.has(name) ? BigInt(result) : result | 0;
        },
    ];
    exported = new WebAssembly.Instance(module, { [from]: Object.fromEntries(functions.map(link)) }).exports;
    exported[gasName].value = gas;
    const ended = enter(() => exported[entry](...args));
    return Int32Array.of(ended, exported[gasName].value, exported[stackName].value);
}

function enter(call) {
    try {
        call();
        return 0;
    } catch (error) {
        if (error === ENDED) return -1;
        // The native stack is no RuntimeError.
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        const trap = TRAPS.find(([message]) => message.test(error.message));
        if (!trap) throw error;
        return trap[1];
    }
}
