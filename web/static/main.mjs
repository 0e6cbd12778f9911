// Starts the page. What it shows until then is in index.html.
import { begin } from './workers.mjs';

const say = (text) => {
    const place = document.getElementById('loading');
    if (place) place.textContent = text;
};

try {
    // Beside the page's own code, not after it. A page without a chain asks for one first.
    if (location.hash.length > 1) begin('light-client/worker.mjs');
    const { default: init, run } = await import('./page.js');
    await init();
    document.getElementById('page').replaceChildren();
    run();
} catch (error) {
    say(`This browser cannot run the page: ${error?.message ?? error}. It needs WebAssembly and modules, as browsers have them since 2023.`);
    throw error;
}
