/* Quxin: what forms do by themselves: keep drafts on this device, submit once, mark the chosen answer. Needs quxin.js. */
(() => {
  "use strict";
  const { $, $$, store, say, notice, atTop } = window.quxin;
  const doc = document, root = doc.documentElement, body = doc.body;

  // ---- drafts: what was typed is kept on this device, by account and form, until the server has it -------------------
  const user = body.dataset.user || "anon", PREFIX = "quxin.draft:" + user + ":", WEEK = 6048e5;
  const skip = (f) => !f.name || f.disabled || f.closest("[data-nodraft]") || /^(hidden|password|file|submit|button|reset|image)$/.test(f.type);
  const read = (form) => {
    const values = {};
    for (const f of form.elements) {
      if (skip(f)) continue;
      const list = values[f.name] = values[f.name] || [];
      if (f.type === "checkbox" || f.type === "radio") { if (f.checked) list.push(f.value); }
      else if (f.multiple && f.options) for (const o of f.selectedOptions) list.push(o.value);
      else list.push(f.value);
    }
    return values;
  };
  const put = (form, values) => {
    const at = {};
    for (const f of form.elements) {
      if (skip(f) || !values[f.name]) continue;
      const list = values[f.name];
      if (f.type === "checkbox" || f.type === "radio") f.checked = list.includes(f.value);
      else if (f.multiple && f.options) for (const o of f.options) o.selected = list.includes(o.value);
      else { const i = at[f.name] = (at[f.name] ?? -1) + 1; if (i < list.length) f.value = list[i]; }
    }
    marks(form);
  };
  // What follows from the answers (who stands on the roll, what they serve) is fetched anew, and what was typed put there too
  const write = (form, values) => {
    put(form, values); form._draft = values;
    whenReady(() => form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true })));
  };
  let ready = false; // htmx listens only from then on
  const whenReady = (act) => ready ? act() : doc.addEventListener("DOMContentLoaded", act, { once: true });
  doc.addEventListener("DOMContentLoaded", () => { ready = true; });
  const keyOf = (form) => PREFIX + form.dataset.draft;
  const save = (form, sent) => {
    const fields = read(form), same = JSON.stringify(fields) === form._clean;
    if (same && !sent) { store.del(keyOf(form)); return; }
    const kept = store.set(keyOf(form), { v: form.dataset.version || "", t: Date.now(), f: fields, sent: !!sent });
    const state = $("[data-draft-state]", form);
    if (state && kept) state.textContent = say("kept");
  };
  const opened = (form) => {
    const key = keyOf(form), draft = store.get(key), clean = read(form);
    form._clean = JSON.stringify(clean);
    form.addEventListener("input", () => { form._draft = 0; clearTimeout(form._timer); form._timer = setTimeout(() => { form._timer = 0; save(form); }, 400); });
    form.addEventListener("change", () => save(form));
    form._flush = () => { if (form._timer) { clearTimeout(form._timer); form._timer = 0; save(form); } };
    if (form.hasAttribute("data-bound")) { store.set(key, { v: form.dataset.version || "", t: Date.now(), f: clean }); return; }
    if (!draft || JSON.stringify(draft.f) === form._clean) return;
    const discard = () => { store.del(key); write(form, clean); };
    const when = " " + new Date(draft.t).toLocaleString(root.lang === "en" ? "en-GB" : "zh-CN", { dateStyle: "medium", timeStyle: "short" });
    const why = draft.sent ? "unsure" : draft.v !== (form.dataset.version || "") ? "stale" : "restored";
    if (why === "restored") { write(form, draft.f); form.prepend(notice(say(why) + when, [[say("discard"), discard]])); }
    else form.prepend(notice(say(why) + when, [[say("restore"), () => { write(form, draft.f); save(form); }], [say("discard"), discard]]));
  };
  const drafts = () => {
    const forms = $$("form[data-draft]"), here = forms.map(keyOf), saved = $("[data-saved]");
    store.keys().filter((k) => k.startsWith("quxin.draft:")).forEach((key) => {
      const draft = store.get(key);
      if (!draft || Date.now() - draft.t > WEEK) store.del(key); // a week is enough, and devices are shared
      else if (key === PREFIX + body.dataset.draftDone) store.del(key);
      else if (draft.sent && key.startsWith(PREFIX) && (saved || !here.includes(key))) store.del(key); // it arrived
    });
    forms.forEach(opened);
  };
  addEventListener("pagehide", () => $$("form[data-draft]").forEach((form) => form._flush?.()));
  doc.addEventListener("visibilitychange", () => { if (doc.hidden) $$("form[data-draft]").forEach((form) => form._flush?.()); });

  // ---- submits: once, and never into a dead line ---------------------------------------------------------------------
  const free = (form) => { delete form.dataset.busy; $$("[aria-disabled]", form).forEach((b) => b.removeAttribute("aria-disabled")); };
  doc.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.busy) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (form.dataset.draft) { clearTimeout(form._timer); form._timer = 0; save(form, navigator.onLine); }
    if (!navigator.onLine) {
      event.preventDefault(); event.stopImmediatePropagation();
      const box = notice(say("offline"), [], "error"); atTop(box); box.scrollIntoView({ block: "center" });
      return;
    }
    if (form.hasAttribute("data-logout")) store.keys().filter((k) => k.startsWith(PREFIX)).forEach(store.del);
    form.dataset.busy = "1";
    $$("button:not([type=button]), input[type=submit]", form).forEach((b) => b.setAttribute("aria-disabled", "true"));
    setTimeout(() => free(form), 15000);
  }, true);
  addEventListener("pageshow", (event) => { if (event.persisted) $$("form[data-busy]").forEach(free); });

  // ---- shares of a total: the sum and what is left, while numbers are typed -------------------------------------------
  doc.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-total]");
    if (!form || !form.dataset.total) return;
    const thousandths = (text) => Math.round(Number(String(text).replace(/[,，\s]/g, "")) * 1000) || 0;
    const print = (n) => (n / 1000).toLocaleString("en-US", { maximumFractionDigits: 3 });
    const sum = $$("input[name^=share-]", form).reduce((all, f) => all + thousandths(f.value), 0);
    const [total, left] = [$("[data-sum]", form), $("[data-left]", form)];
    if (total) total.textContent = print(sum);
    if (left) left.textContent = print(thousandths(form.dataset.total) - sum);
  });

  // ---- choices: older browsers have no :has() ------------------------------------------------------------------------
  const marks = (from) => $$(".choice", from).forEach((label) => label.classList.toggle("on", !!$("input:checked", label)));

  doc.addEventListener("change", (event) => { const box = event.target.closest(".choices"); if (box) marks(box); });
  doc.addEventListener("htmx:afterRequest", (event) => { const form = event.detail.elt?.closest?.("form"); if (form) free(form); });
  doc.addEventListener("htmx:load", (event) => {
    const part = event.detail.elt, form = part.closest?.("form[data-draft]");
    $$("form[data-draft]", part).forEach((one) => one._clean || opened(one)); finders(part); marks(part);
    if (form?._draft) { put(form, form._draft); form._draft = 0; }
  });

  // ---- long selects: a box above that narrows the options ------------------------------------------------------------
  const finder = (select) => {
    const options = $$("option", select).map((o) => [o, o.parentNode, (o.textContent + " " + (o.parentNode.label || "")).toLowerCase()]);
    if (options.length < 12 || select._find) return;
    const box = select._find = doc.createElement("input");
    box.type = "search"; box.className = "find"; box.placeholder = say("find");
    box.setAttribute("aria-label", (select.labels[0]?.textContent || "").trim() + " " + say("find"));
    box.setAttribute("aria-controls", select.id);
    box.addEventListener("input", (event) => {
      event.stopPropagation(); // a search is no answer
      const chosen = select.value, wanted = box.value.trim().toLowerCase();
      select.replaceChildren(); options.forEach(([, home]) => { if (home !== select) home.replaceChildren(); });
      options.forEach(([o, home, text]) => {
        if (o.value && o.value !== chosen && !text.includes(wanted)) return;
        if (home !== select && !home.isConnected) select.append(home);
        home.append(o);
      });
      select.value = chosen;
    });
    box.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); select.focus(); } });
    select.before(box);
  };
  const finders = (from) => $$("select[data-find]", from).forEach(finder);

  drafts(); marks(doc); finders(doc);
})();
