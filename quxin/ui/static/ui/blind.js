/* Quxin: the voter's half of blind signatures, RFC 9474, RSABSSA-SHA384-PSS-Randomized. The server's half is kernel/blind.py.

   1. prepare   a random token, known to this page alone
   2. blind     the token is multiplied out of recognition with a random number; only this goes to the server, with one's name
   3. finalize  the server's answer, divided by that number, is the server's signature under the token
   4. The ballot is cast later with token and signature, without a name. What the server saw at 2 fits every token equally well.

   Hashes, random numbers and the check of signatures are the browser's (WebCrypto, so https or localhost); ours is the
   arithmetic with large numbers. It need not run in constant time: each secret is used once, on the voter's own device. */
import { fromBase64, fromNumber, join, random, toNumber } from "./bytes.js";

/** Bytes of the PSS salt and of the random prefix. The product uses these; the RFC's other variants are for its examples. */
export const RANDOMIZED = { salt: 48, prefix: 32 };
const HASH = "SHA-384", HASH_BYTES = 48;

/** What can go wrong. `code` is "key", "length", "range" or "signature". */
export class TokenError extends Error {
  constructor(code) { super("blind signature: " + code); this.name = "TokenError"; this.code = code; }
}
const need = (holds, code) => { if (!holds) throw new TokenError(code); };

/** @returns {boolean} whether this page can do it: an old browser cannot, and no browser can on plain http */
export const available = () => typeof BigInt === "function" && Boolean(globalThis.crypto?.subtle);

/**
 * @typedef {{verifier: CryptoKey, n: bigint, bits: number, size: number}} PublicKey size: bytes of the modulus
 * @param {Uint8Array} spki the round's public key, DER: compare its hash with the published one before
 * @returns {Promise<PublicKey>}
 */
export async function readKey(spki) {
  let verifier, jwk;
  try {
    verifier = await crypto.subtle.importKey("spki", spki, { name: "RSA-PSS", hash: HASH }, true, ["verify"]);
    jwk = await crypto.subtle.exportKey("jwk", verifier);
  } catch { throw new TokenError("key"); }
  const text = jwk.n.replace(/-/g, "+").replace(/_/g, "/");
  const n = toNumber(fromBase64(text + "=".repeat(-text.length & 3))), bits = n.toString(2).length;
  need(jwk.e === "AQAB" && bits >= 2048 && bits <= 4096, "key");
  return { verifier, n, bits, size: Math.ceil(bits / 8) };
}

/** The message to be signed: random prefix, then the token (32 new random bytes unless given). @returns {Uint8Array} */
export const prepare = (token = random(32), variant = RANDOMIZED) => join(random(variant.prefix), token);

/**
 * @param {PublicKey} key
 * @param {Uint8Array} message from `prepare`
 * @param {{variant?: object, salt?: Uint8Array, inverse?: Uint8Array}} [fixed] salt and inverse are random but in tests
 * @returns {Promise<{blinded: Uint8Array, inverse: Uint8Array}>} `blinded` for the server; `inverse` never leaves the device
 */
export async function blind(key, message, { variant = RANDOMIZED, salt = random(variant.salt), inverse } = {}) {
  need(message.length >= variant.prefix && salt.length === variant.salt, "length");
  const encoded = toNumber(await encode(message, salt, key.bits - 1));
  invert(encoded, key.n);
  const factor = inverse ? invert(read(inverse, key), key.n) : randomUnit(key);
  const blinded = encoded * power(factor, key.n) % key.n;
  return { blinded: fromNumber(blinded, key.size), inverse: inverse || fromNumber(invert(factor, key.n), key.size) };
}

/**
 * The signature under the message; a TokenError "signature" says that the server's answer is not one.
 * @param {PublicKey} key @param {Uint8Array} message @param {Uint8Array} answer what the server sent for `blinded`
 * @param {Uint8Array} inverse from `blind` @returns {Promise<Uint8Array>}
 */
export async function finalize(key, message, answer, inverse, variant = RANDOMIZED) {
  const signature = fromNumber(read(answer, key) * read(inverse, key) % key.n, key.size);
  need(await verify(key, message, signature, variant), "signature");
  return signature;
}

/** @returns {Promise<boolean>} whether `signature` is the key's under `message` */
export function verify(key, message, signature, variant = RANDOMIZED) {
  return crypto.subtle.verify({ name: "RSA-PSS", saltLength: variant.salt }, key.verifier, signature, message);
}

// ---- numbers: 1, n - 1 and what is not below n would not hide anything ------------------------------------------------

const inRange = (number, n) => number > 1n && number < n - 1n;

function read(bytes, key) {
  need(bytes.length === key.size, "length");
  const number = toNumber(bytes);
  need(inRange(number, key.n), "range");
  return number;
}

/** number ^ 65537 mod n: sixteen squarings and one more factor. */
function power(number, n) {
  let result = number;
  for (let i = 0; i < 16; i++) result = result * result % n;
  return result * number % n;
}

/** The number that times `number` gives 1 modulo n, by Euclid; a TokenError "range" when there is none. */
function invert(number, n) {
  let [rest, next, factor, following] = [n, number % n, 0n, 1n];
  while (next) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, following] = [following, factor - quotient * following];
  }
  need(rest === 1n, "range");
  return factor < 0n ? factor + n : factor;
}

/** All numbers with an inverse equally likely: draw as many bits as n has, and again when the number is too large. */
function randomUnit({ n, bits, size }) {
  for (;;) {
    const number = BigInt.asUintN(bits, toNumber(random(size)));
    if (inRange(number, n)) try { invert(number, n); return number; } catch { /* a factor of n: draw again */ }
  }
}

// ---- EMSA-PSS of RFC 8017 ------------------------------------------------------------------------------------------

const hash = async (...parts) => new Uint8Array(await crypto.subtle.digest(HASH, join(...parts)));

async function mask(seed, length) {
  const blocks = [];
  for (let i = 0; i * HASH_BYTES < length; i++) blocks.push(await hash(seed, Uint8Array.of(0, 0, 0, i)));
  return join(...blocks).subarray(0, length);
}

async function encode(message, salt, bits) {
  const length = Math.ceil(bits / 8);
  const digest = await hash(new Uint8Array(8), await hash(message), salt);
  const data = join(new Uint8Array(length - salt.length - HASH_BYTES - 2), Uint8Array.of(1), salt);
  (await mask(digest, data.length)).forEach((byte, i) => { data[i] ^= byte; });
  data[0] &= 0xff >> (8 * length - bits);
  return join(data, digest, Uint8Array.of(0xbc));
}
