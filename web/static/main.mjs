// Starts the page. What it shows until then is in index.html.
import init, { run } from './page.js';

const say = (text) => {
    const place = document.getElementById('loading');
    if (place) place.textContent = text;
};

try {
    await init();
    document.getElementById('page').replaceChildren();
    run();
} catch (error) {
    say(`This browser cannot run the page: ${error?.message ?? error}. It needs WebAssembly and modules, as browsers have them since 2023.`);
    throw error;
}
