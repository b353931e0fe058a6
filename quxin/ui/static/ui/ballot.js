/* Quxin: what a ballot is called: its leaf, its receipt, the mark of a token. The same as records/evaluations/board.py and
   docs/reference/board.md; works on plain http too. */
import { hex, join, random, utf8 } from "./bytes.js";
import { sha256 } from "./sha256.js";

const DEEPEST = 32;
const byCodePoint = (a, b) => { // the default order is by UTF-16 units, which puts emoji before some Chinese characters
  const x = Array.from(a, (c) => c.codePointAt(0)), y = Array.from(b, (c) => c.codePointAt(0));
  let i = 0;
  while (i < x.length && x[i] === y[i]) i++;
  return (x[i] ?? -1) - (y[i] ?? -1);
};

/**
 * Canonical JSON: names sorted by code point, no spaces. Takes texts, whole numbers, true, false, null, arrays and plain
 * objects; everything else (fractions, numbers beyond 2^53 - 1, half a character, more than 32 levels) is a TypeError.
 * @returns {string}
 */
export function canonical(value, depth = 0) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return JSON.stringify(value);
  const inside = (each) => canonical(each, depth + 1);
  if (depth < DEEPEST && Array.isArray(value)) return "[" + Array.from(value, inside).join(",") + "]";
  if (depth < DEEPEST && typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    const names = Object.keys(value).sort(byCodePoint);
    return "{" + names.map((name) => inside(name) + ":" + inside(value[name])).join(",") + "}";
  }
  throw new TypeError("no canonical JSON: " + (typeof value === "object" ? "too deep, or no plain object" : typeof value));
}

/** @param {Uint8Array} spki @returns {string} the name of a public key: 16 hex digits */
export const keyId = (spki) => hex(sha256(spki)).slice(0, 16);

/** @param {string} key the key's id @param {Uint8Array} message @returns {string} the token's mark, 64 hex digits */
export const mark = (key, message) => hex(sha256(join(utf8("quxin token 1\n" + key + "\n"), message)));

/** What makes a receipt unguessable. @returns {string} 32 hex digits */
export const newNonce = () => hex(random(16));

/**
 * The ballot's receipt in full: made here, so that the voter need not believe the server's.
 * @param {{round: string, answers: object, nonce: string, key?: string, subject?: string}} ballot
 * @returns {string} 64 hex digits
 */
export function leaf({ round, answers, nonce, key = "", subject = "" }) {
  return hex(sha256(utf8("quxin ballot 1\n" + canonical({ answers, key, nonce, round, subject }))));
}

/** @param {string} leaf @returns {string} what the voter notes down: 3F9A-0C27-B1D4-88E6 */
export const receiptCode = (leaf) => leaf.slice(0, 16).toUpperCase().match(/..../g).join("-");
