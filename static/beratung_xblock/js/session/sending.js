/* What a person does: one write after the other. A text is sent again until it arrives, and lands once; a click that got lost is said so. */

export class Sending {
  constructor(companion, regions, fields) {
    this.companion = companion;
    this.regions = regions;
    this.fields = fields;
    this.waiting = [];
    this.flushing = false;
  }

  submit(form, submitter) {
    const act = form.dataset.kbAct;
    if (!act || form.dataset.kbBusy) { return; }
    if (form.dataset.kbConfirm && !form.dataset.kbArmed) { this.arm(form, submitter || form.querySelector("button")); return; }
    const data = new URLSearchParams(new FormData(form));
    const isText = form.dataset.kbText !== undefined;
    if (isText && act === "add_idea") { data.set("key", form.dataset.kbKey ||= newKey()); }
    this.companion.refuse("");
    form.dataset.kbBusy = "1";
    this.send(act, data, { form: form.id, text: isText });
  }

  /** Ask once more in place, without a window: a sentence, the same button as "yes", and a way back. It stays until one of them is pressed. */
  arm(form, button) {
    form.dataset.kbArmed = "1";
    const line = Object.assign(document.createElement("p"), { className: "kb-small", textContent: form.dataset.kbConfirm });
    const label = button.textContent;
    button.textContent = `${this.companion.texts.yes} ${label.trim()}`;
    const no = Object.assign(document.createElement("button"), { className: "kb-button kb-button--quiet", type: "button", textContent: this.companion.texts.no });
    const back = () => { delete form.dataset.kbArmed; line.remove(); no.remove(); button.textContent = label; };
    no.addEventListener("click", () => { back(); button.focus(); });
    form.addEventListener("kb:answered", back, { once: true });
    form.prepend(line);
    button.after(" ", no);
    this.companion.announce(form.dataset.kbConfirm);
  }

  send(act, data, about) {
    data.set("act", act);
    this.waiting.push({ data, about, act });
    this.flush();
  }

  async flush() {
    if (this.flushing || !this.waiting.length || this.companion.stopped) { return; }
    this.flushing = true;
    const item = this.waiting[0];
    const begun = performance.now();
    const control = new AbortController();
    const giveUp = window.setTimeout(() => control.abort(), 10000);
    try {
      const answer = await fetch(this.companion.client.act, {
        method: "POST", body: item.data, credentials: "same-origin", redirect: "error", signal: control.signal,
        headers: { "X-CSRFToken": this.companion.csrfToken(), Accept: "application/json" },
      });
      if (answer.status >= 500 || answer.status === 429) { throw new Error(String(answer.status)); }
      this.waiting.shift();
      this.free(item);
      if (answer.ok) { this.done(item); await this.companion.answered(answer, begun); this.companion.acted = performance.now(); } else { await this.notDone(item, answer); }
    } catch {
      this.companion.failed();
      this.keepOrDrop(item);
    } finally {
      window.clearTimeout(giveUp);
      this.flushing = false;
    }
    if (this.waiting.length && !this.companion.failures) { this.flush(); } else { this.companion.later(); }
  }

  /** Texts are sent again until they arrive (each lands once); a click that got lost is dropped and said so. */
  keepOrDrop(item) {
    if (item.about.text) {
      if (!item.told) { item.told = true; this.companion.refuse(this.companion.texts.waiting); }
      return;
    }
    this.waiting.shift();
    this.free(item);
    if (!item.about.quiet) { this.companion.refuse(this.companion.texts.failed); }
  }

  free(item) {
    const form = item.about.form && document.getElementById(item.about.form);
    if (form) { delete form.dataset.kbBusy; form.dispatchEvent(new CustomEvent("kb:answered")); }
  }

  done(item) {
    if (item.about.quiet) { return; }
    this.companion.refuse("");
    const form = item.about.form && document.getElementById(item.about.form);
    if (item.about.text) {
      const sent = item.data.get("text");
      const field = form && form.querySelector(this.fields);
      if (!field || field.value === sent) { this.regions.dirty.delete(item.about.form); }
      if (form) {
        delete form.dataset.kbKey;
        this.regions.declare(form, false);
        this.regions.fieldError(form, "");
        if (field && field.value === sent && form.dataset.kbText !== "keep") { field.value = ""; }
      }
      if (item.about.form.endsWith("-parked")) { this.regions.unpark(); }
    }
    if (!this.companion.quiet()) { this.companion.announce(item.act === "add_idea" ? this.companion.texts.idea_sent : this.companion.texts.sent); }
  }

  async notDone(item, answer) {
    const body = await answer.json().catch(() => ({}));
    const message = body.message || this.companion.texts.failed;
    if (item.about.quiet) { return; }
    const form = item.about.form && document.getElementById(item.about.form);
    if (form && item.about.text) {
      if (body.reason === "direct" || body.reason === "name") { this.regions.declare(form, true); }
      this.regions.fieldError(form, message);
      this.companion.announce(message);
    } else if (item.about.text && item.data.get("text")) {
      this.regions.park(item.about.form, item.data.get("text"));
      this.companion.refuse(message);
    } else {
      this.companion.refuse(message);
    }
    this.companion.etag = "";
    this.companion.ask();
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
