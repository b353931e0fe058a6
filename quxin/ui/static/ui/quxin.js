/* Quxin: the few things a page does by itself. No inline code, no dependency; every page works without it.
   figure panel · dialogs · keyboard · theme · filters · progress. What forms do is in forms.js. */
(() => {
  "use strict";
  const doc = document, root = doc.documentElement, body = doc.body;
  const $ = (css, from = doc) => from.querySelector(css);
  const $$ = (css, from = doc) => [...from.querySelectorAll(css)];
  const store = { // storage may be full, or refused by the browser: nothing here may break the page
    get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } },
    del(key) { try { localStorage.removeItem(key); } catch { /* as above */ } },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };
  const words = $("#words");
  const say = (name) => (words && $(`[data-w="${name}"]`, words.content)?.textContent) || "";
  const el = (tag, css, text) => { const node = doc.createElement(tag); node.className = css; node.textContent = text || ""; return node; };
  root.classList.add("js");

  const notice = (text, buttons = [], tone = "warn") => {
    const box = el("div", "notice " + tone), inner = el("div");
    box.setAttribute("role", "status");
    box.append(el("span", "shape " + (tone === "error" ? "late" : "due")), inner);
    inner.append(el("p", "", text));
    if (buttons.length) {
      const row = el("p", "acts");
      buttons.forEach(([label, act]) => {
        const button = el("button", "btn small", label);
        button.type = "button";
        button.onclick = () => { box.remove(); act(); };
        row.append(button);
      });
      inner.append(row);
    }
    return box;
  };
  const atTop = (box) => { $$("[data-passing]").forEach((old) => old.remove()); box.dataset.passing = ""; ($("main") || body).prepend(box); };

  window.quxin = { $, $$, store, say, notice, atTop };

  // ---- the figure panel: opens beside the number, gives the focus back -----------------------------------------------
  const panel = $("#panel");
  let opener = null;
  const shown = (open) => { $(".frame")?.classList.toggle("open", open); $$("a.fig[aria-expanded]").forEach((a) => a.removeAttribute("aria-expanded")); };
  const closePanel = () => {
    if (!panel || !panel.firstElementChild) return false;
    panel.replaceChildren(); shown(false);
    opener?.isConnected && opener.focus(); opener = null;
    return true;
  };
  if (panel) {
    if (panel.firstElementChild) shown(true); else panel.replaceChildren(); // white space would keep it from :empty
    doc.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target !== panel) return;
      const link = event.detail.requestConfig?.elt;
      shown(true);
      if (link && !panel.contains(link)) { opener = link; link.setAttribute("aria-expanded", "true"); }
      $("[data-panel-title], h2", panel)?.focus({ preventScroll: true });
      panel.scrollTop = 0;
    });
  }
  // A new tab stays a new tab: htmx would take the click
  doc.addEventListener("click", (event) => { if ((event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest?.("a[hx-get]")) event.stopPropagation(); }, true);
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => doc.addEventListener(name, (event) => {
    const link = event.detail.elt;
    if (link?.matches?.("a[href]")) location.href = link.href; // the page itself says what is wrong
    else if (!link?.dataset.poll) atTop(notice(say("failed"), [], "error"));
  }));

  // ---- clicks --------------------------------------------------------------------------------------------------------
  doc.addEventListener("click", (event) => {
    const on = (css) => event.target.closest?.(css);
    let hit;
    if (on("[data-close-panel]")) { closePanel(); }
    else if (on("[data-close-toast]")) { on("[data-toast]").remove(); }
    else if ((hit = on("[data-dialog]"))) {
      const dialog = doc.getElementById(hit.dataset.dialog);
      if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
    }
    else if ((hit = on("[data-close]"))) { hit.closest("dialog")?.close(); }
    else if (on("[data-print]")) { print(); }
    else if (on("[data-theme-toggle]")) {
      const dark = matchMedia("(prefers-color-scheme: dark)").matches, now = root.dataset.theme || (dark ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
      doc.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax` + (location.protocol === "https:" ? ";secure" : "");
    }
    $$("details.drop[open], details.help[open]").forEach((d) => { if (!d.contains(event.target)) d.open = false; });
  });
  doc.addEventListener("change", (event) => {
    const f = event.target;
    if (f.matches("[data-keys-on]")) store.set("quxin.keys", f.checked);
    if (f.form?.hasAttribute("data-auto") && /^(select-one|select-multiple|checkbox|radio)$/.test(f.type)) f.form.requestSubmit();
  });

  // ---- keyboard ------------------------------------------------------------------------------------------------------
  let went = 0;
  doc.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !$("dialog[open]")) {
      const drop = $("details.drop[open], details.help[open]");
      if (drop) { drop.open = false; $("summary", drop).focus(); } else closePanel();
      return;
    }
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (event.target.closest("input, select, textarea, [contenteditable]") || store.get("quxin.keys") === false) return;
    if (event.key === "/") { const q = $("form.search input"); if (q) { event.preventDefault(); q.focus(); q.select(); } }
    else if (event.key === "?") { $("#keys")?.showModal?.(); }
    else if (event.key === "g") { went = Date.now(); return; }
    else if (Date.now() - went < 1500 && /^[a-z]$/.test(event.key)) { const link = $(`[data-go="${event.key}"]`); if (link) location.href = link.href; }
    went = 0;
  });

  // ---- progress without htmx -----------------------------------------------------------------------------------------
  const poll = async () => {
    const box = $("[data-poll]");
    if (!box || window.htmx) return;
    try {
      const answer = await fetch(box.dataset.poll, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.ok) { const made = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild; if (made) box.replaceWith(made); }
    } catch { /* the line is down: try again */ }
    setTimeout(poll, 2000);
  };

  const keysOn = $("[data-keys-on]");
  if (keysOn) keysOn.checked = store.get("quxin.keys") !== false;
  $("[data-focus]")?.focus();
  setTimeout(poll, 1500);
})();
