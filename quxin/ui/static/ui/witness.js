/* Quxin: a witness's key and signature (Ed25519), made in the browser: the private key never goes to the server.
   The key file is PKCS8 in PEM, encrypted with a passphrase as OpenSSL and kernel/signing.py write and read it
   (PBES2: PBKDF2 with SHA-256, AES-256-CBC), or not encrypted. */
import { base64, fromBase64, hex, fromHex, join, random, utf8 } from "./bytes.js";
import { canonical } from "./ballot.js";

const ED25519 = { name: "Ed25519" };
const ROUNDS = 600000; // of PBKDF2 in new files: half a second on a desk
const OID = { pbes2: "2a864886f70d01050d", pbkdf2: "2a864886f70d01050c", sha256: "2a864886f70d0209", aes: "60864801650304012a" };

/**
 * What can go wrong. `code` is "unsupported" (this browser has no Ed25519, or the page is not on https), "file" (no key file
 * that this page can read) or "passphrase" (missing or wrong).
 */
export class WitnessError extends Error {
  constructor(code) { super("witness: " + code); this.name = "WitnessError"; this.code = code; }
}

/** @returns {Promise<boolean>} whether this browser, on this page, can sign with Ed25519; ask before anything is chosen */
export async function available() {
  try { return Boolean(await crypto.subtle.generateKey(ED25519, false, ["sign", "verify"])); } catch { return false; }
}

/**
 * @typedef {{private: CryptoKey, public: string}} WitnessKey public: base64 of 32 bytes
 * @param {string} pem what the file holds @param {string} [passphrase] @returns {Promise<WitnessKey>}
 */
export async function openKey(pem, passphrase = "") {
  if (!await available()) throw new WitnessError("unsupported");
  const found = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END \1?PRIVATE KEY-----/.exec(pem);
  let pkcs8;
  try { pkcs8 = fromBase64(found[2].replace(/\s/g, "")); } catch { throw new WitnessError("file"); }
  if (found[1]) pkcs8 = await decrypt(pkcs8, passphrase);
  try {
    const { x } = await crypto.subtle.exportKey("jwk", await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, true, ["sign"]));
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, false, ["sign"]);
    return { private: key, public: x.replace(/-/g, "+").replace(/_/g, "/") + "=" };
  } catch { throw new WitnessError("file"); }
}

/**
 * @param {string} passphrase @returns {Promise<{pem: string, public: string}>} a new key: the file to be kept, and its public half
 */
export async function newKey(passphrase) {
  if (!await available()) throw new WitnessError("unsupported");
  if (!passphrase) throw new WitnessError("passphrase");
  const pair = await crypto.subtle.generateKey(ED25519, true, ["sign", "verify"]);
  const lines = base64(await encrypt(await crypto.subtle.exportKey("pkcs8", pair.privateKey), passphrase)).match(/.{1,64}/g);
  const label = "ENCRYPTED PRIVATE KEY-----\n";
  return {
    pem: "-----BEGIN " + label + lines.join("\n") + "\n-----END " + label,
    public: base64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))),
  };
}

/** @param {WitnessKey} key @param {object} statement of a board @returns {Promise<string>} the signature over it, base64 */
export async function sign(key, statement) {
  const data = utf8("quxin statement 1\n" + canonical(statement));
  return base64(new Uint8Array(await crypto.subtle.sign(ED25519, key.private, data)));
}

// ---- the encrypted file ----------------------------------------------------------------------------------------------

async function cipherKey(passphrase, salt, iterations) {
  const secret = await crypto.subtle.importKey("raw", utf8(passphrase), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, secret, { name: "AES-CBC", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function decrypt(file, passphrase) {
  let salt, rounds, iv, sealed;
  try {
    let kdf, prf, cipher, how, named;
    [[named, [[kdf, [salt, rounds, [prf]]], [cipher, iv]]], sealed] = parse(file);
    how = [named, kdf, prf, cipher].map(hex).join();
    if (how !== [OID.pbes2, OID.pbkdf2, OID.sha256, OID.aes].join()) throw new RangeError("another way to encrypt");
    rounds = parseInt(hex(rounds), 16);
    if (!(rounds <= 1e7)) throw new RangeError("too many rounds");
  } catch { throw new WitnessError("file"); }
  try {
    const key = await cipherKey(passphrase, salt, rounds);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, key, sealed));
  } catch { throw new WitnessError("passphrase"); }
}

async function encrypt(pkcs8, passphrase) {
  const salt = random(16), iv = random(16), key = await cipherKey(passphrase, salt, ROUNDS);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CBC", iv }, key, pkcs8));
  const oid = (name) => der(0x06, fromHex(OID[name])), octets = (bytes) => der(0x04, bytes);
  const list = (...parts) => der(0x30, ...parts);
  const rounds = der(0x02, Uint8Array.of(ROUNDS >> 16, ROUNDS >> 8, ROUNDS));
  const kdf = list(oid("pbkdf2"), list(octets(salt), rounds, list(oid("sha256"), der(0x05))));
  return list(list(oid("pbes2"), list(kdf, list(oid("aes"), octets(iv)))), octets(sealed));
}

/** One DER element as bytes; of the lengths that occur here. */
function der(tag, ...parts) {
  const content = join(...parts), length = content.length;
  return join(length < 128 ? Uint8Array.of(tag, length) : Uint8Array.of(tag, 0x81, length), content);
}

/** DER as nested arrays: a sequence is an array of its parts, everything else its bytes. */
function parse(bytes) {
  const [only, ...more] = parts(bytes);
  if (more.length) throw new RangeError("more than one element");
  return only;
}

function parts(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++];
    let length = bytes[at++];
    if (length & 128) for (let more = length & 127, i = length = 0; i < more; i++) length = length * 256 + bytes[at++];
    if (!(at + length <= bytes.length)) throw new RangeError("cut off");
    const content = bytes.subarray(at, at += length);
    found.push(tag & 0x20 ? parts(content) : content);
  }
  return found;
}
