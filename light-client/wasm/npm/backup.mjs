// A backup's text: all keys of a wallet, under a passphrase.
//
//   "pfw1." | base64url without padding of: salt 16 | IV 12 | AES-256-GCM of what backup.rs writes | the first 4 bytes of SHA-256 over all before
//
// The key is PBKDF2-SHA-256 of the passphrase (UTF-8, NFC) with 600,000 iterations; the prefix and the salt are authenticated too. The sum
// at the end tells a damaged text from a wrong passphrase; it protects nothing.

const PREFIX = 'pfw1.';
const ITERATIONS = 600_000;
const [SALT, IV, TAG, SUM] = [16, 12, 16, 4];
/** More than 1,024 keys with the longest names take. */
const TEXT_CHARS_MAX = 1 << 19;
const PASSPHRASE_CHARS_MAX = 1 << 10;

const fails = (kind, message) => Object.assign(new Error(message), { kind });
const damaged = () => fails('backup', 'this is no backup of a wallet, or it is damaged');

const base64url = (bytes) =>
    btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

const fromBase64url = (text) => {
    if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw damaged();
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    // One way to write it: no bits are left over.
    if (base64url(bytes) !== text) throw damaged();
    return bytes;
};

const sum = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).slice(0, SUM);

const keyOf = async (passphrase, salt, use) => {
    if (typeof passphrase !== 'string' || passphrase === '' || passphrase.length > PASSPHRASE_CHARS_MAX) {
        throw fails('passphrase', `a passphrase has 1 to ${PASSPHRASE_CHARS_MAX} characters`);
    }
    const typed = new TextEncoder().encode(passphrase.normalize('NFC'));
    const base = await crypto.subtle.importKey('raw', typed, 'PBKDF2', false, ['deriveKey']);
    typed.fill(0);
    const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS };
    return crypto.subtle.deriveKey(derivation, base, { name: 'AES-GCM', length: 256 }, false, [use]);
};

const cipher = (salt, iv) => {
    const additionalData = new Uint8Array([...new TextEncoder().encode(PREFIX), ...salt]);
    return { name: 'AES-GCM', iv, additionalData };
};

/** The text. */
export async function encrypt(plain, passphrase) {
    const [salt, iv] = [SALT, IV].map((length) => crypto.getRandomValues(new Uint8Array(length)));
    const sealed = await crypto.subtle.encrypt(cipher(salt, iv), await keyOf(passphrase, salt, 'encrypt'), plain);
    const bytes = new Uint8Array([...salt, ...iv, ...new Uint8Array(sealed)]);
    return PREFIX + base64url(new Uint8Array([...bytes, ...(await sum(bytes))]));
}

/** What was encrypted. White space around the text, which copying adds, is left out. */
export async function decrypt(given, passphrase) {
    const text = typeof given === 'string' && given.length <= TEXT_CHARS_MAX ? given.trim() : '';
    if (!text.startsWith(PREFIX)) throw damaged();
    const all = fromBase64url(text.slice(PREFIX.length));
    if (all.length < SALT + IV + TAG + SUM) throw damaged();
    const bytes = all.slice(0, -SUM);
    const told = all.slice(-SUM);
    if ((await sum(bytes)).some((byte, place) => byte !== told[place])) throw damaged();
    const [salt, iv, sealed] = [bytes.slice(0, SALT), bytes.slice(SALT, SALT + IV), bytes.slice(SALT + IV)];
    const key = await keyOf(passphrase, salt, 'decrypt');
    const plain = await crypto.subtle.decrypt(cipher(salt, iv), key, sealed).catch(() => {
        throw fails('passphrase', 'the passphrase is not this backup’s');
    });
    return new Uint8Array(plain);
}
