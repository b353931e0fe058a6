/* Quxin: proof of work for open rounds; the server's half is kernel/work.py. Runs in the page in slices of a few milliseconds,
   so that nothing freezes; start it when the form opens, and it is done before anybody has chosen. */
import { compress, start } from "./sha256.js";
import { fromHex } from "./bytes.js";

export const PUZZLES = 32, BITS = 13;
const SLICE = 8; // milliseconds: a finger waits for a frame at most
const TRIALS = 64; // between two looks at the clock

/** Lets taps and pictures through. A timer would be held back to 4 ms, and in a hidden page to a second. */
const pause = () => new Promise((go) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); go(); };
  port2.postMessage(0);
});

/**
 * @param {string} challenge 64 hex digits
 * @param {{progress?: (share: number) => void, signal?: AbortSignal}} [options] progress: 0 to 1
 * @returns {Promise<string>} what the server's check takes
 */
export async function solve(challenge, { progress, signal } = {}) {
  const seed = new DataView(fromHex(challenge).buffer), w = new Int32Array(64), first = start(), state = start();
  if (seed.byteLength !== 32) throw new RangeError("a challenge has 64 hex digits");
  const found = [];
  let until = performance.now() + SLICE;
  for (let puzzle = 0; puzzle < PUZZLES; puzzle++) {
    for (let counter = 0; ; counter++) {
      if (counter % TRIALS === 0 && performance.now() > until) {
        progress?.(puzzle / PUZZLES);
        await pause();
        signal?.throwIfAborted();
        until = performance.now() + SLICE;
      }
      for (let i = 0; i < 8; i++) w[i] = seed.getInt32(4 * i);
      w[8] = (puzzle << 24) | (counter >>> 8);
      w[9] = (counter << 24) | 0x800000; // the last byte of 37, and the bit that closes the message
      w.fill(0, 10, 15);
      w[15] = 37 * 8;
      state.set(first);
      compress(state, w);
      if (state[0] >>> (32 - BITS) === 0) { found.push(counter.toString(16)); break; }
    }
  }
  progress?.(1);
  return found.join(".");
}
