/* Quxin: a witness signs, or makes his key, in the page. The key and the passphrase never leave it: what is sent is a signature. */
import { available, newKey, openKey, sign, WitnessError } from "./witness.js";

const SHORTEST = 12; // as kernel/signing.py asks for

/** The words of a section, and how it tells a problem and that it is at work. */
function tell(section) {
  const words = Object.fromEntries(Array.from(section.querySelector("template[data-words]").content.querySelectorAll("[data-w]"), (one) => [one.dataset.w, one.textContent]));
  const problem = section.querySelector("[data-problem]"), button = section.querySelector("[data-go]"), label = button.textContent;
  return {
    problem(name) { problem.textContent = words[name] || words.file || name; problem.hidden = !name; },
    busy(is) { button.disabled = is; button.textContent = is ? words.busy : label; },
    go(act) {
      button.addEventListener("click", async () => {
        this.problem("");
        this.busy(true);
        try { await act(); } catch (error) {
          if (!(error instanceof WitnessError)) throw error;
          this.problem(error.code);
        } finally { this.busy(false); }
      });
    },
  };
}

const here = document.querySelector("[data-sign]");
if (here) {
  const says = tell(here), file = here.querySelector("[type=file]"), passphrase = here.querySelector("[type=password]");
  here.hidden = false;
  available().then((can) => { if (!can) says.problem("unsupported"); });
  says.go(async () => {
    if (!file.files.length) return says.problem("nofile");
    const key = await openKey(await file.files[0].text(), passphrase.value);
    if (!here.dataset.keys.split(" ").includes(key.public)) return says.problem("stranger");
    const form = document.querySelector("form textarea[name=signature]").form;
    form.elements.file.value = "";
    form.elements.signature.value = await sign(key, JSON.parse(document.getElementById("statement").textContent));
    passphrase.value = "";
    form.requestSubmit();
  });
}

const make = document.querySelector("[data-make-key]");
if (make) {
  const says = tell(make), [first, again] = make.querySelectorAll("[type=password]"), made = make.querySelector("[data-made]");
  make.hidden = false;
  available().then((can) => { if (!can) says.problem("unsupported"); });
  says.go(async () => {
    if (Array.from(first.value).length < SHORTEST) return says.problem("weak");
    if (first.value !== again.value) return says.problem("differ");
    const key = await newKey(first.value), save = made.querySelector("[data-save]");
    first.value = again.value = "";
    save.href = URL.createObjectURL(new Blob([key.pem], { type: "application/x-pem-file" }));
    made.querySelector("[data-public]").textContent = key.public;
    made.hidden = false;
    made.focus();
    save.click();
  });
}
