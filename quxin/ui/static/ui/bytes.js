/* Quxin: bytes as text and numbers, for the modules beside this one. Strict: what is not exactly so is a RangeError. */

/** @param {Uint8Array} bytes @returns {string} lower-case hex */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} text an even number of lower-case hex digits @returns {Uint8Array} */
export function fromHex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new RangeError("no hex digits");
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

/** @param {Uint8Array} bytes @returns {string} base64 with padding */
export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** @param {string} text base64 as `base64` writes it, no other spelling @returns {Uint8Array} */
export function fromBase64(text) {
  let bytes;
  try { bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)); } catch { /* told below */ }
  if (!bytes || base64(bytes) !== text) throw new RangeError("no base64");
  return bytes;
}

/** @param {string} text @returns {Uint8Array} its UTF-8 */
export const utf8 = (text) => new TextEncoder().encode(text);

/** @param {...Uint8Array} parts @returns {Uint8Array} one after the other */
export function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

/** @param {number} count @returns {Uint8Array} random bytes of the browser's secure source */
export const random = (count) => crypto.getRandomValues(new Uint8Array(count));

/** @param {Uint8Array} bytes @returns {bigint} the number, high byte first */
export const toNumber = (bytes) => BigInt("0x0" + hex(bytes));

/** @param {bigint} number @param {number} size @returns {Uint8Array} the number in `size` bytes, high byte first */
export const fromNumber = (number, size) => fromHex(number.toString(16).padStart(2 * size, "0"));
