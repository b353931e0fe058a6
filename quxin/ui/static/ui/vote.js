/* Quxin: the voter's page of a closed round. Who is on the roster gets a token signed without showing it; the sheet is filled in,
   with or without a network; the ballot is sent with the token and without cookies, again and again until it is acknowledged.
   Everything is written down in this browser before it is sent, so that nothing is lost and nothing is sent twice as another. */
import { base64, fromBase64, fromHex, hex, utf8 } from "./bytes.js";
import { available, blind, finalize, prepare, readKey } from "./blind.js";
import { canonical, keyId, leaf, newNonce, receiptCode } from "./ballot.js";
import { sha256 } from "./sha256.js";

const doc = document, root = doc.documentElement;
const $ = (css, from = doc) => from.querySelector(css);
const $$ = (css, from = doc) => [...from.querySelectorAll(css)];
const box = $("#vote"), at = box.dataset, round = at.round, many = "many" in at;
const words = $("#words").content;
const say = (name, value = "") => ($(`[data-w="${name}"]`, words)?.textContent || "").replace("#", value);
const ENTRY = "quxin.vote:" + round, DRAFT = "quxin.vote-draft:" + round;
const PATIENCE = 20000;
/** An answer that says no, in its own words. `code` is stable. */
class Refusal extends Error { constructor(told) { super(told.message); Object.assign(this, told); } }
/** No answer, or none that is ours: it may have arrived, so the same is sent again. */
class Silence extends Error {}

// ---- what this browser keeps ------------------------------------------------------------------------------------------
// want: what was asked for and not answered yet · tokens · subjects · out: ballots not yet acknowledged · receipts
const NOTHING = { want: null, tokens: [], subjects: [], out: [], receipts: [] };
let memory = {}, kept = true;
const read = (key) => {
  try { const text = localStorage.getItem(key); if (text !== null) return JSON.parse(text); } catch { /* refused, or spoilt */ }
  return memory[key] ?? null;
};
const write = (key, value) => {
  memory[key] = value;
  try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, JSON.stringify(value)); } catch { kept = false; }
};
const load = () => ({ ...NOTHING, ...read(ENTRY) });
let state = load();
let proofs = []; // answers and nonces of what was cast just now: in memory only
const save = () => write(ENTRY, state);
/** One tab at a time; the others wait and then see what it did. */
const alone = (work) => {
  const now = async () => { state = load(); return work(); };
  return navigator.locks ? navigator.locks.request(ENTRY, now) : now();
};

// ---- telling ------------------------------------------------------------------------------------------------------------
const el = (tag, css, text) => { const node = doc.createElement(tag); node.className = css; node.textContent = text || ""; return node; };
const SHAPES = { error: "late", warn: "due", ok: "kept", info: "going" };
function tell(tone, text, hint, actions = []) {
  const note = el("div", "notice " + tone), inner = el("div", ""), shape = el("span", "shape " + SHAPES[tone]);
  shape.setAttribute("aria-hidden", "true");
  inner.append(el("p", "", text));
  if (hint) inner.append(el("p", "", hint));
  if (actions.length) { const row = el("p", "acts"); row.append(...actions); inner.append(row); }
  note.append(shape, inner);
  if (tone === "error") note.setAttribute("role", "alert");
  $("#say").replaceChildren(note);
  if (tone === "error" || tone === "warn") note.scrollIntoView({ block: "nearest" });
}
const hush = () => $("#say").replaceChildren();
const button = (text, act) => { const made = el("button", "btn small", text); made.type = "button"; made.onclick = act; return made; };
const busy = (on) => $$("button", box).forEach((b) => on ? b.setAttribute("aria-disabled", "true") : b.removeAttribute("aria-disabled"));
let working = false;
async function once(work) {
  if (working) return;
  working = true; busy(true);
  try { await work(); } finally { working = false; busy(false); }
}

// ---- asking -------------------------------------------------------------------------------------------------------------
async function post(address, content, { credentials = "omit", headers = {} } = {}) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE);
  let answer, told;
  try {
    answer = await fetch(address, {
      method: "POST", credentials, cache: "no-store", referrerPolicy: "same-origin", signal: stop.signal,
      headers: { "Content-Type": "application/json", "Accept-Language": root.lang, ...headers }, body: JSON.stringify(content),
    });
    told = await answer.json();
  } catch { if (answer?.status === 403) throw new Refusal({ code: "reload", message: say("reload") }); throw new Silence(); } finally { clearTimeout(timer); }
  if (answer.ok) return told;
  if (answer.status >= 500 || answer.status === 429 || !told.error) throw new Silence();
  throw new Refusal({ ...told, code: told.error });
}
/** With a card nothing else is sent along; an account's request carries its session and the page's own token. */
const ask = (content) => post(at.tokens, content, content.card ? {} : { credentials: "same-origin", headers: { "X-CSRFToken": at.account } });

// ---- 1: the token -------------------------------------------------------------------------------------------------------
const FINAL = ["already-fetched", "not-on-roster", "card-cancelled", "bad-token"];
async function enter(card) {
  tell("info", say("fetching"));
  try {
    await alone(async () => {
      if (state.tokens.length || state.out.length) return;
      if (state.want && state.want.card !== card) card = state.want.card; // that one first: it may have been signed
      if (!state.want) { state.want = await prepared(card); save(); }
      const { card: code, made, subjects } = state.want;
      const { signed } = await ask({ card: code, blinded: Object.fromEntries(made.map((one) => [one.key, one.blinded])) });
      const tokens = [];
      for (const { key, subject, spki, message, inverse } of made) {
        const signature = await finalize(await readKey(fromBase64(spki)), fromHex(message), fromBase64(signed[key]), fromBase64(inverse));
        tokens.push({ key, subject, message, signature: base64(signature) });
      }
      Object.assign(state, { want: null, tokens, subjects });
      save();
    });
    show();
    tell(kept ? "ok" : "warn", say(kept ? "fetched" : "private"));
    $("#sheet h2")?.scrollIntoView({ block: "start" });
  } catch (error) { unable(error); }
}

/** Fresh tokens, blinded under the keys of this voter, after those were compared with the published ones. */
async function prepared(card) {
  const told = await ask({ card }), published = new Set(at.keys.split(" "));
  await compareOpening(published);
  const made = [];
  for (const { id, spki, subject } of told.keys) {
    const bytes = fromBase64(spki);
    if (keyId(bytes) !== id || !published.has(id)) throw new Refusal({ code: "wrong-key", message: say("wrong-key") });
    const message = prepare(), { blinded, inverse } = await blind(await readKey(bytes), message);
    made.push({ key: id, subject, spki, message: hex(message), blinded: base64(blinded), inverse: base64(inverse) });
  }
  return { card, made, subjects: told.subjects };
}

/** The opening as anybody gets it, fetched as nobody in particular: it must have the hash and the keys that this page tells. */
async function compareOpening(published) {
  if (!at.openingAt) return;
  let opening;
  try {
    const answer = await fetch(at.openingAt, { credentials: "omit", cache: "no-store" });
    if (!answer.ok) throw new Silence();
    opening = await answer.json();
  } catch { throw new Silence(); }
  const fits = hex(sha256(utf8(canonical(opening)))) === at.opening && opening.keys.every((key) => published.has(key.id));
  if (!fits || opening.keys.length !== published.size) throw new Refusal({ code: "wrong-key", message: say("wrong-key") });
}

function unable(error) {
  if (error instanceof Silence) { tell("warn", say(state.want ? "pending" : "no-line")); return; }
  if (!(error instanceof Refusal)) { tell("error", say(error.name === "TokenError" ? "wrong-signature" : "broken")); return; }
  if (FINAL.includes(error.code) && state.want) { state.want = null; save(); show(); }
  const again = error.code === "log-in" ? [Object.assign(el("a", "btn small", say("log-in")), { href: "/desk/login/?next=" + location.pathname })] : [];
  tell("error", error.message, error.hint, again);
}

// ---- 2: the sheet ---------------------------------------------------------------------------------------------------------
const parts = $("#parts"), sheet = $("#sheet");
const inputs = (from) => $$("input, textarea", from);
function build() {
  const open = many ? state.subjects : state.subjects.filter((one) => state.tokens.some((token) => token.subject === one.code));
  const [each, common] = $$("section", $("#part").content);
  const made = open.map((one) => {
    const part = each.cloneNode(true);
    for (const node of [part, ...$$("*", part)]) for (const { name, value } of [...node.attributes]) if (value.includes("__")) node.setAttribute(name, value.replaceAll("__", one.code));
    $("[data-title]", part).textContent = one.title;
    $("[data-note]", part).textContent = one.note;
    return part;
  });
  if (common) made.push(common.cloneNode(true));
  parts.replaceChildren(...made);
  const draft = read(DRAFT) || {};
  inputs(parts).forEach((f) => { const old = draft[f.name] || []; if (f.type === "textarea") f.value = old[0] || ""; else f.checked = old.includes(f.value); if (old.length) f.closest("details")?.setAttribute("open", ""); });
  follow();
}
function keepDraft() {
  const draft = {};
  inputs(parts).forEach((f) => { if (f.type === "textarea" ? f.value : f.checked) (draft[f.name] ||= []).push(f.value); });
  write(DRAFT, draft);
}
const value = (f) => "n" in f.dataset ? Number(f.value) : f.value;
/** What a question was answered, canonical: undefined for nothing. The same as questionnaire.py's. */
function answer(q) {
  if (q.hidden) return undefined;
  if (q.dataset.form === "words") return tidy($("textarea", q).value) || undefined;
  const chosen = $$("input:checked", q).map(value);
  return q.dataset.form === "one" ? chosen[0] : chosen.length ? chosen : undefined;
}
const tidy = (text) => text.replace(/\r\n?/g, "\n").replace(/(?!\n)\p{Cc}|\p{Surrogate}/gu, "").normalize("NFC").replace(/^[\p{Z}\n]+|[\p{Z}\n]+$/gu, "");
/** Show what the answers lead to, hide the rest, count what was judged. */
function follow() {
  let judged = 0;
  const sections = $$("section[data-subject]", parts);
  for (const part of sections) {
    for (const q of $$("[data-after]", part)) {
      const before = answer($(`[data-q="${q.dataset.after}"]`, part)), wanted = q.dataset.when.split(" ");
      q.hidden = ![before].flat().some((one) => one !== undefined && wanted.includes(String(one)));
    }
    const touched = $$("[data-q]", part).some((q) => answer(q) !== undefined);
    if (part.dataset.subject && touched) judged++;
    let clear = $(".clear", part);
    if (touched && !clear && sections.length > 1) {
      clear = button(say("clear"), () => { inputs(part).forEach((f) => { if (f.type === "textarea") f.value = ""; else f.checked = false; }); changed(); $("input, textarea", part)?.focus(); });
      clear.classList.add("clear"); clear.setAttribute("aria-label", `${clear.textContent}${say("sep")}${$("[data-title]", part).textContent}`); part.append(clear);
    }
    if (clear) clear.hidden = !touched;
  }
  const all = sections.filter((part) => part.dataset.subject).length;
  $("#progress").textContent = all > 1 ? say("progress", `${judged} / ${all}`) : "";
}
const changed = () => { follow(); keepDraft(); };
function wrong(q, text) {
  const err = $(".err", q);
  err.textContent = text; err.hidden = !text;
  q.classList.toggle("bad", Boolean(text));
  inputs(q).forEach((f) => text ? f.setAttribute("aria-invalid", "true") : f.removeAttribute("aria-invalid"));
  if (!text) return;
  const folded = q.closest("details"); if (folded) folded.open = true;
  const field = $("input, textarea", q); field.focus({ preventScroll: true }); q.scrollIntoView({ block: "center" });
}
/** The answers of one part, or the first question that is not right (and is told so). */
function answers(part) {
  const given = {};
  for (const q of $$("[data-q]", part)) {
    wrong(q, "");
    const said = answer(q), most = Number(q.dataset.most);
    if (said !== undefined) given[q.dataset.q] = said;
    if (said === undefined && "required" in q.dataset && !q.hidden) return { q, why: say("missing") };
    if (Array.isArray(said) && said.length > most) return { q, why: say("too-many", most) };
    if (q.dataset.form === "words" && Array.from(said || "").length > most) return { q, why: say("too-long", most) };
  }
  return { given };
}
/** {subject code: answers} of all that was filled in; null when something is not right, and the page says what. */
function collected() {
  const all = {}, sections = $$("section[data-subject]", parts);
  for (const part of sections) {
    const code = part.dataset.subject, only = sections.length === 1;
    if (!only && !$$("[data-q]", part).some((q) => answer(q) !== undefined) && !(code === "" && $("[data-required]", part))) { $$("[data-q]", part).forEach((q) => wrong(q, "")); continue; }
    const { given, q, why } = answers(part);
    if (q) { tell("error", $("legend, label", q).firstChild.textContent.trim() + say("sep") + why); wrong(q, why); return null; }
    if (Object.keys(given).length) all[code] = given;
  }
  if (Object.keys(all).some((code) => code || !many)) return all;
  tell("error", say("empty")); $("input, textarea", parts)?.focus();
  return null;
}

// ---- 3: cast --------------------------------------------------------------------------------------------------------------
async function cast() {
  const all = collected();
  if (!all) return;
  let done = false;
  await alone(async () => {
    const used = state.tokens.filter((token) => many || all[token.subject]);
    done = !used.length; // in another tab
    for (const { key, subject, message, signature } of used) {
      const ballot = { round, subject, key, answers: many ? all : all[subject], nonce: newNonce() };
      state.out.push({ ...ballot, message, signature, leaf: leaf(ballot) });
    }
    state.tokens = state.tokens.filter((token) => !used.includes(token));
    save();
  });
  show();
  if (done) tell("info", say("other-tab"));
  await send();
}

let retry = 0, waits = 2000;
/** Send what is not acknowledged yet. The same bytes each time: it is one ballot, however often it arrives. */
async function send() {
  clearTimeout(retry);
  if (!load().out.length) return;
  tell("info", say("sending"));
  let failure = null, arrived = 0;
  await alone(async () => {
    for (const ballot of [...state.out]) {
      const { leaf: own, ...sent } = ballot;
      try {
        const told = await post(at.cast, sent);
        const title = state.subjects.find((one) => one.code === ballot.subject)?.title || "";
        state.receipts.push({ code: receiptCode(own), leaf: own, title, repeated: told.repeated, other: told.receipt === receiptCode(own) ? "" : told.receipt });
        proofs.push({ ...sent, leaf: own, message: undefined, signature: undefined });
        arrived++;
      } catch (error) {
        failure = error;
        if (!(error instanceof Refusal)) break; // the line is down: what is left stays for the next time
        // Nothing was stored: the token holds still, unless it is the token that was refused; the answers stay on the page
        const spent = ["token-used", "bad-token", "wrong-subject"].includes(error.code);
        if (!spent) state.tokens.push({ key: ballot.key, subject: ballot.subject, message: ballot.message, signature: ballot.signature });
      }
      state.out = state.out.filter((one) => one !== ballot);
      save();
    }
  });
  if (!state.out.length && !state.tokens.length && !(failure instanceof Refusal)) write(DRAFT, null);
  if (arrived) forgetDraftOf(state.tokens);
  show();
  report(failure, arrived);
}
/** What was cast is not kept as a draft; what was not, is. */
function forgetDraftOf(open) {
  const draft = read(DRAFT);
  if (!draft || many) return;
  const codes = new Set(open.map((token) => token.subject));
  write(DRAFT, Object.fromEntries(Object.entries(draft).filter(([name]) => codes.has(name.split(".")[0]))));
}
function report(failure, arrived) {
  if (failure instanceof Refusal) {
    tell("error", (failure.code === "not-open" ? say("late") : "") + failure.message, [failure.hint, state.tokens.length ? say("back") : ""].filter(Boolean).join(" "));
    const q = failure.question && $(`section[data-subject="${CSS.escape(failure.subject || state.tokens[0]?.subject || "")}"] [data-q="${CSS.escape(failure.question)}"]`, parts || doc);
    if (q) wrong(q, failure.message);
  } else if (state.out.length) {
    tell("warn", say("waiting"), "", [button(say("try"), () => once(send))]);
    retry = setTimeout(() => once(send), waits);
    waits = Math.min(waits * 2, 60000);
  } else {
    waits = 2000;
    if (state.tokens.length && !many) tell("ok", say("left", state.tokens.length)); else hush();
    if (arrived) { $("#thanks").focus({ preventScroll: true }); $("#receipts").scrollIntoView({ block: "start" }); }
  }
}

// ---- receipts ---------------------------------------------------------------------------------------------------------------
function receipts() {
  $("#codes").replaceChildren(...state.receipts.map((one) => {
    const row = el("li", ""); if (one.title) row.append(el("span", "soft", one.title));
    row.append(el("strong", "code", one.code));
    if (one.repeated) row.append(el("span", "faint", say("repeated")));
    if (one.other) row.append(el("span", "err", say("differs") + one.other));
    return row;
  }));
  $("#proof-box").hidden = !proofs.length;
}
function download(name, text, type) {
  const link = doc.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name; link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
const saveCodes = () => download(`quxin-${round}.txt`, [at.title, ...state.receipts.map((one) => [one.title, one.code, one.leaf].filter(Boolean).join("  ")), say("check") + at.check, ""].join("\r\n"), "text/plain");
const saveProofs = () => download(`quxin-${round}-proof.json`, JSON.stringify({ format: "quxin-proof/1", ballots: proofs }, null, 1), "application/json");

// ---- the page ---------------------------------------------------------------------------------------------------------------
let built = "";
function show() {
  const waiting = state.out.length > 0, filling = !waiting && state.tokens.length > 0, done = state.receipts.length > 0;
  const entry = $("#enter"), none = $("#none"), another = $("#another");
  if (entry) entry.hidden = waiting || filling || (done && !entry.dataset.again);
  if (sheet) {
    sheet.hidden = !filling;
    const of = JSON.stringify(state.tokens.map((token) => token.key));
    if (filling && of !== built) build();
    built = filling ? of : "";
  }
  $("#receipts").hidden = !done;
  if (done) receipts();
  if (none) none.hidden = done;
  if (another) another.hidden = waiting || filling || !entry?.hidden;
}
function skew() {
  if (!at.now) return;
  const began = Date.now(), off = Math.round((began / 1000 - Number(at.now)) / 60), left = Number(at.closes) - Number(at.now);
  if (Math.abs(off) >= 3 && at.stage === "open" && !$("#say").firstChild) tell("warn", say("clock", Math.abs(off)));
  if (at.stage === "open" && left < 86400) setTimeout(() => { if (!state.receipts.length || state.tokens.length) tell("warn", say("closed")); }, left * 1000);
}
function start() {
  // Blind signatures need https (or localhost). Where they can't be, the form stays what it is: the way without script.
  if (available()) root.classList.add("js"); else { if (state.tokens.length || state.out.length) root.classList.add("js"); }
  const strong = root.classList.contains("js");
  const code = new URLSearchParams(location.hash.slice(1)).get("c");
  if (location.hash) history.replaceState(null, "", location.pathname + location.search); // not into history, nor a picture of the screen
  if (code && $("#card")) { $("#card").value = code; $("#card").closest("details")?.setAttribute("open", ""); }
  $$("form.by-card").forEach((form) => {
    if (!strong) return;
    $(".weaker", form)?.remove();
    form.addEventListener("submit", (event) => { event.preventDefault(); once(() => enter($("input[name=card]", form).value.trim())); });
  });
  $("#account")?.addEventListener("submit", (event) => { event.preventDefault(); once(() => enter("")); });
  sheet?.addEventListener("submit", (event) => { event.preventDefault(); once(cast); });
  sheet?.addEventListener("input", changed);
  $("#save")?.addEventListener("click", saveCodes);
  $("#proof")?.addEventListener("click", saveProofs);
  $("#forget")?.addEventListener("click", () => once(() => alone(() => { state.receipts = []; proofs = []; save(); write(DRAFT, null); show(); tell("ok", say("forgotten")); })));
  $("#another")?.addEventListener("click", () => { $("#enter").dataset.again = "1"; show(); $("#card").value = ""; $("#card").closest("details")?.setAttribute("open", ""); $("#card").focus(); });
  addEventListener("storage", (event) => {
    if (event.key !== ENTRY || working) return;
    const before = JSON.stringify([state.tokens, state.out, state.receipts]);
    state = load();
    if (JSON.stringify([state.tokens, state.out, state.receipts]) !== before) { show(); tell("info", say("other-tab")); }
  });
  addEventListener("online", () => once(send));
  addEventListener("pageshow", (event) => { if (event.persisted) { state = load(); show(); once(send); } });
  doc.addEventListener("visibilitychange", () => { if (!doc.hidden && state.out.length) once(send); });
  show();
  skew();
  if (state.want && $("#enter")) tell("info", say("pending"), "", [button(say("try"), () => once(() => enter(state.want.card)))]);
  once(send);
}
start();
