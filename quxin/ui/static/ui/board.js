/* Quxin: the public board checks itself in the reader's browser: the witnesses' signatures, and whether a receipt is on the list.
   The whole list is fetched and searched here, always to its end, so that the server cannot tell which receipt was looked for. */
import { fromBase64, utf8 } from "./bytes.js";

const form = document.querySelector("[data-receipts]");
const words = Object.fromEntries(Array.from(form.querySelector("template").content.querySelectorAll("[data-w]"), (one) => [one.dataset.w, one.textContent]));
const CODE = 16; // digits of a receipt's code; the whole receipt has 64

/** @param {string} wanted lower-case hex @returns {Promise<{place: number, count: number}>} place 0: not on the list */
async function look(wanted) {
  const answer = await fetch(form.dataset.receipts, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new TypeError(answer.statusText);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let place = 0, count = 0, rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value || "")).split("\n");
    rest = done ? "" : lines.pop();
    for (const line of lines) if (line) { count++; if (line.startsWith(wanted)) place ||= count; }
    if (done) return { place, count };
  }
}

form.querySelector("[data-with-script]").hidden = false;
form.querySelector("[data-without-script]").hidden = true;
addEventListener("submit", async (event) => { // at the window, before forms.js takes it for one that leaves the page
  if (event.target !== form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const told = form.querySelector("[data-found]"), wanted = form.elements.code.value.toLowerCase().replace(/[^0-9a-f]/g, "");
  told.className = "";
  if (wanted.length < CODE || wanted.length > 64) { told.textContent = words.short.replace("%n", wanted.length); return; }
  told.textContent = words.searching;
  try {
    const { place, count } = await look(wanted);
    told.textContent = place ? words.found.replace("%n", place.toLocaleString("en")).replace("%m", count.toLocaleString("en")) : words.missing;
    told.className = place ? "is-kept" : "is-late";
  } catch { told.textContent = words.failed; }
}, true);

// What was signed is on the page as it is hashed; each signature is checked anew. A browser without Ed25519 leaves the server's word.
const statement = document.getElementById("statement");
for (const line of document.querySelectorAll("[data-verify][data-algorithm=ed25519]")) {
  try {
    const key = await crypto.subtle.importKey("raw", fromBase64(line.dataset.key), { name: "Ed25519" }, false, ["verify"]);
    const data = utf8("quxin statement 1\n" + statement.textContent);
    line.textContent = await crypto.subtle.verify("Ed25519", key, fromBase64(line.dataset.signature), data) ? words.fits : words.broken;
  } catch { /* the server's word stands */ }
}
