/* The companion in the browser: asks the server what is new, shows the clock of the server, swaps regions, keeps what is
 * typed. Nothing is stored in the browser; unsent text lives in this page only and is sent again when the network is back.
 */

/** "7:05" for 425 seconds; overtime is counted upwards. */
export function clockText(seconds) {
  const whole = seconds < 0 ? Math.floor(-seconds) : Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Milliseconds until the next question: spread a little, slow when hidden, slower after each failure (at most 20 s). */
export function nextDelay({ every, failures, hidden, random }) {
  if (failures > 0) { return Math.min(20000, 1000 * 2 ** Math.min(failures - 1, 5)) * (0.7 + 0.6 * random); }
  return 1000 * (hidden ? Math.max(20, every) : every) * (0.85 + 0.3 * random);
}

/** Seconds left now, from what the server said and how long ago it was said by our own steady clock. */
export function remainingNow(clock, said, now) {
  return clock.running ? clock.remaining - (now - said) / 1000 : clock.remaining;
}

/** Which notice has just become due. */
export function dueNotice(before, after, total) {
  if (before > 0 && after <= 0) { return "time_up"; }
  if (before > 120 && after <= 120 && total > 120) { return "two_minutes"; }
  return "";
}

const TEXT_FIELDS = "textarea, input[type=text]";

export class Companion {
  constructor(element, { csrfToken, announce }) {
    this.element = element;
    this.client = JSON.parse(element.dataset.kbClient);
    this.texts = this.client.texts;
    this.csrfToken = csrfToken;
    this.announceTo = announce;
    this.etag = "";
    this.failures = 0;
    this.sending = [];
    this.running = null;
    this.timer = 0;
    this.stopped = false;
    this.regions = new Map();
    element.querySelectorAll("[data-kb-region]").forEach((box) => this.regions.set(box.dataset.kbRegion, box.innerHTML));
    this.dirty = new Map();
    this.stop = new AbortController();
    this.take(this.client.state, performance.now(), true);
    this.listen();
    this.tick();
    this.ticking = window.setInterval(() => this.tick(), 250);
    this.send("join", new URLSearchParams(), { quiet: true });
  }

  // --- hearing -----------------------------------------------------------------------------------------------------

  listen() {
    const options = { signal: this.stop.signal };
    const wake = () => { if (document.visibilityState === "visible") { this.link("waking"); this.ask(); } };
    document.addEventListener("visibilitychange", wake, options);
    window.addEventListener("online", wake, options);
    window.addEventListener("pageshow", wake, options);
    window.addEventListener("offline", () => this.link("lost"), options);
    window.addEventListener("pagehide", () => {
      fetch(this.client.bye, { method: "POST", keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": this.csrfToken() } }).catch(() => {});
    }, options);
    window.addEventListener("beforeunload", (event) => {
      if (this.element.isConnected && (this.hasUnsent() || this.sending.length)) { event.preventDefault(); }
    }, options);
    this.element.addEventListener("submit", (event) => { event.preventDefault(); this.submit(event.target, event.submitter); }, options);
    this.element.addEventListener("input", (event) => this.typed(event.target), options);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) { event.target.form.requestSubmit(); }
    }, options);
    this.element.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), { capture: true, ...options });
  }

  hasUnsent() {
    return [...this.dirty.values()].some((text) => text.trim());
  }

  typed(field) {
    const form = field.closest("form[data-kb-text]");
    if (!form || !field.matches(TEXT_FIELDS)) { return; }
    this.dirty.set(form.id, field.value);
    this.fieldError(form, "");
  }

  // --- asking the server ---------------------------------------------------------------------------------------------

  later() {
    window.clearTimeout(this.timer);
    if (this.stopped || this.state.over) { return; }
    const delay = nextDelay({
      every: this.state.every, failures: this.failures, hidden: document.visibilityState === "hidden", random: Math.random(),
    });
    this.timer = window.setTimeout(() => this.ask(), delay);
  }

  async ask() {
    if (!this.element.isConnected) { this.end(); return; }
    if (this.running || this.stopped) { return; }
    this.running = new AbortController();
    const begun = performance.now();
    const giveUp = window.setTimeout(() => this.running && this.running.abort(), 8000);
    try {
      const headers = { Accept: "application/json" };
      if (this.etag) { headers["If-None-Match"] = this.etag; }
      const answer = await fetch(this.client.poll, { headers, cache: "no-store", credentials: "same-origin", redirect: "error", signal: this.running.signal });
      await this.answered(answer, begun);
    } catch {
      this.failed();
    } finally {
      window.clearTimeout(giveUp);
      this.running = null;
      this.later();
      this.flush();
    }
  }

  async answered(answer, begun) {
    if (answer.status === 404 || answer.status === 403) {
      this.link("lost");
      this.refuse(this.texts.gone);
      this.failures += 1;
      return;
    }
    if (answer.status !== 304 && !answer.ok) { throw new Error(String(answer.status)); }
    const body = answer.status === 304 ? null : await answer.json();
    const received = performance.now();
    const said = received - Math.min((received - begun) / 2, 2000);
    if (body && body.regions) {
      this.etag = answer.headers.get("ETag") || "";
      this.show(body.regions);
      this.take(body.state, said, false);
    } else if (!body) {
      this.correct(Number(answer.headers.get("X-Kb-Now")), said);
    }
    this.failures = 0;
    this.link("connected");
  }

  failed() {
    this.failures += 1;
    if (this.failures > 1 || !navigator.onLine) { this.link("lost"); }
  }

  /** Sleep may hold our steady clock: the server's time of a bare 304 sets it right. */
  correct(serverNow, said) {
    if (!serverNow) { return; }
    const expected = this.state.now + (said - this.said);
    if (Math.abs(serverNow - expected) > 300) { this.said -= serverNow - expected; }
  }

  // --- showing -------------------------------------------------------------------------------------------------------

  link(state) {
    const line = this.element.querySelector("[data-kb-link]");
    if (!line || line.dataset.state === state) { return; }
    line.dataset.state = state;
    line.querySelector("[data-kb-link-text]").textContent = { connected: this.texts.connected, lost: this.texts.reconnecting, waking: this.texts.waking }[state];
  }

  take(state, said, first) {
    const moved = !first && (state.place !== this.state.place || state.held !== this.state.held);
    this.state = state;
    this.said = said;
    this.left = remainingNow(state.clock, said, performance.now());
    this.arrived = performance.now();
    const join = this.element.querySelector("[data-kb-join]");
    if (join) { join.hidden = !state.place.startsWith("waiting"); }
    if (moved) { this.announce(state.announce); }
    if (state.over) { this.element.dispatchEvent(new CustomEvent("kb:over")); }
  }

  announce(text) {
    this.announceTo(text);
  }

  quiet() {
    const box = this.element.querySelector("[data-kb-quiet]");
    return Boolean(box && box.checked);
  }

  tick() {
    if (!this.element.isConnected) { this.end(); return; }
    const clock = this.state.clock;
    const left = remainingNow(clock, this.said, performance.now());
    const due = clock.running ? dueNotice(this.left, left, clock.total) : "";
    this.left = left;
    if (due && !this.quiet()) { this.announce(this.texts[due]); }
    const box = this.element.querySelector("[data-kb-clock]");
    if (box) {
      box.hidden = !clock.shown;
      box.dataset.state = left <= 0 ? "over" : left <= 120 && clock.total > 120 ? "soon" : "";
      write(box.querySelector("[data-kb-time]"), clockText(left));
      write(box.querySelector("[data-kb-left]"), clock.running ? (left <= 0 ? this.texts.over : this.texts.left) : this.texts.paused);
    }
    this.element.querySelectorAll("[data-kb-after]").forEach((part) => {
      if (part.hidden && performance.now() - this.arrived >= Number(part.dataset.kbAfter) * 1000) { part.hidden = false; }
    });
  }

  show(regions) {
    for (const [name, html] of Object.entries(regions)) {
      if (this.regions.get(name) === html) { continue; }
      this.regions.set(name, html);
      const box = this.element.querySelector(`[data-kb-region="${name}"]`);
      if (box) { this.swap(box, html); }
    }
    window.dispatchEvent(new Event("resize"));
  }

  /** Replace a region and keep what belongs to the person: focus, open folds, text not sent yet. */
  swap(box, html) {
    const active = box.contains(document.activeElement) ? document.activeElement : null;
    const focus = active && { id: active.id, start: active.selectionStart, end: active.selectionEnd };
    const open = [...box.querySelectorAll("details[open][id]")].map((part) => part.id);
    const choices = [...box.querySelectorAll("select[id], input[type=checkbox][id]")].map((field) => [field.id, field.type === "checkbox" ? field.checked : field.value]);
    const forms = [...box.querySelectorAll("form[data-kb-text]")].map((form) => form.id);
    box.innerHTML = html;
    open.forEach((id) => { const part = document.getElementById(id); if (part) { part.open = true; } });
    choices.forEach(([id, value]) => {
      const field = document.getElementById(id);
      if (!field) { return; }
      if (field.type === "checkbox") { field.checked = value; } else if ([...field.options].some((option) => option.value === value)) { field.value = value; }
    });
    forms.forEach((id) => {
      const text = this.dirty.get(id);
      if (text === undefined) { return; }
      const form = document.getElementById(id);
      if (form) { form.querySelector(TEXT_FIELDS).value = text; } else if (text.trim()) { this.park(id, text); } else { this.dirty.delete(id); }
    });
    if (focus && focus.id) {
      const again = document.getElementById(focus.id);
      if (again) {
        again.focus({ preventScroll: true });
        if (again.matches(TEXT_FIELDS) && focus.start !== null) { again.setSelectionRange(focus.start, focus.end); }
      }
    }
  }

  /** The form of a text is gone (the group moved on): the text stays on the page until it is sent or given up. */
  park(id, text) {
    const box = this.element.querySelector("[data-kb-parked]");
    if (box.dataset.form === id) { return; }
    box.dataset.form = id;
    box.hidden = false;
    box.replaceChildren();
    const line = document.createElement("p");
    line.textContent = this.texts.parked;
    const form = document.createElement("form");
    form.id = `${id}-parked`;
    form.dataset.kbText = "";
    form.dataset.kbAct = id.endsWith("f-question") ? "set_question" : "add_idea";
    const field = document.createElement("textarea");
    field.className = "kb-textarea";
    field.name = "text";
    field.value = text;
    field.setAttribute("aria-label", this.texts.parked);
    const error = Object.assign(document.createElement("p"), { className: "kb-error", hidden: true });
    error.dataset.kbError = "";
    const button = Object.assign(document.createElement("button"), { className: "kb-button", textContent: this.texts.send });
    const away = Object.assign(document.createElement("button"), { className: "kb-button kb-button--quiet", type: "button", textContent: this.texts.discard });
    away.addEventListener("click", () => this.unpark());
    form.append(field, error, button, " ", away);
    box.append(line, form);
    this.dirty.delete(id);
    this.dirty.set(form.id, text);
  }

  unpark() {
    const box = this.element.querySelector("[data-kb-parked]");
    this.dirty.delete(`${box.dataset.form}-parked`);
    delete box.dataset.form;
    box.hidden = true;
    box.replaceChildren();
  }

  refuse(message) {
    const box = this.element.querySelector("[data-kb-refused]");
    box.textContent = message;
    box.hidden = !message;
    window.clearTimeout(this.refusing);
    if (message) {
      this.announce(message);
      this.refusing = window.setTimeout(() => { box.hidden = true; }, 15000);
    }
  }

  fieldError(form, message) {
    const line = form.querySelector("[data-kb-error]");
    if (!line) { if (message) { this.refuse(message); } return; }
    line.textContent = message;
    line.hidden = !message;
    const field = form.querySelector(TEXT_FIELDS);
    if (field) { field.toggleAttribute("aria-invalid", Boolean(message)); }
  }

  // --- acting --------------------------------------------------------------------------------------------------------

  submit(form, submitter) {
    const act = form.dataset.kbAct;
    if (!act || form.dataset.kbBusy) { return; }
    if (form.dataset.kbConfirm && !form.dataset.kbArmed) { this.arm(form, submitter || form.querySelector("button")); return; }
    const data = new URLSearchParams(new FormData(form));
    const isText = form.dataset.kbText !== undefined;
    if (isText && act === "add_idea") { data.set("key", form.dataset.kbKey ||= newKey()); }
    this.refuse("");
    form.dataset.kbBusy = "1";
    this.send(act, data, { form: form.id, text: isText });
  }

  /** Ask once more in place, without a window: the same button, a sentence beside it, ten seconds. */
  arm(form, button) {
    form.dataset.kbArmed = "1";
    const line = Object.assign(document.createElement("p"), { className: "kb-small", textContent: form.dataset.kbConfirm });
    const label = button.textContent;
    button.textContent = `${this.texts.yes} ${label.trim()}`;
    form.prepend(line);
    this.announce(form.dataset.kbConfirm);
    window.setTimeout(() => { delete form.dataset.kbArmed; line.remove(); button.textContent = label; }, 10000);
  }

  send(act, data, about) {
    data.set("act", act);
    this.sending.push({ data, about, act });
    this.flush();
  }

  async flush() {
    if (this.flushing || !this.sending.length || this.stopped) { return; }
    this.flushing = true;
    const item = this.sending[0];
    const begun = performance.now();
    const control = new AbortController();
    const giveUp = window.setTimeout(() => control.abort(), 10000);
    try {
      const answer = await fetch(this.client.act, {
        method: "POST", body: item.data, credentials: "same-origin", redirect: "error", signal: control.signal,
        headers: { "X-CSRFToken": this.csrfToken(), Accept: "application/json" },
      });
      if (answer.status >= 500 || answer.status === 429) { throw new Error(String(answer.status)); }
      this.sending.shift();
      this.free(item);
      if (answer.ok) { this.done(item); await this.answered(answer, begun); } else { await this.notDone(item, answer); }
    } catch {
      this.failed();
      this.keepOrDrop(item);
    } finally {
      window.clearTimeout(giveUp);
      this.flushing = false;
    }
    if (this.sending.length && !this.failures) { this.flush(); } else { this.later(); }
  }

  /** Texts are sent again until they arrive (each lands once); a click that got lost is dropped and said so. */
  keepOrDrop(item) {
    if (item.about.text) {
      if (!item.told) { item.told = true; this.refuse(this.texts.waiting); }
      return;
    }
    this.sending.shift();
    this.free(item);
    if (!item.about.quiet) { this.refuse(this.texts.failed); }
  }

  free(item) {
    const form = item.about.form && document.getElementById(item.about.form);
    if (form) { delete form.dataset.kbBusy; delete form.dataset.kbArmed; }
  }

  done(item) {
    if (item.about.quiet) { return; }
    this.refuse("");
    const form = item.about.form && document.getElementById(item.about.form);
    if (item.about.text) {
      const sent = item.data.get("text");
      const field = form && form.querySelector(TEXT_FIELDS);
      if (!field || field.value === sent) { this.dirty.delete(item.about.form); }
      if (form) {
        delete form.dataset.kbKey;
        this.declare(form, false);
        this.fieldError(form, "");
        if (field && field.value === sent && form.dataset.kbText !== "keep") { field.value = ""; }
      }
      if (item.about.form.endsWith("-parked")) { this.unpark(); }
    }
    if (!this.quiet()) { this.announce(item.act === "add_idea" ? this.texts.idea_sent : this.texts.sent); }
  }

  async notDone(item, answer) {
    const body = await answer.json().catch(() => ({}));
    const message = body.message || (answer.status === 404 ? this.texts.gone : this.texts.failed);
    if (item.about.quiet) { return; }
    const form = item.about.form && document.getElementById(item.about.form);
    if (form && item.about.text) {
      if (body.reason === "direct") { this.declare(form, true); }
      this.fieldError(form, message);
      this.announce(message);
    } else if (item.about.text && item.data.get("text")) {
      this.park(item.about.form, item.data.get("text"));
      this.refuse(message);
    } else {
      this.refuse(message);
    }
    this.etag = "";
    this.ask();
  }

  declare(form, show) {
    const box = form.querySelector("[data-kb-declare]");
    if (!box) { return; }
    box.hidden = !show;
    if (!show) { box.querySelector("input").checked = false; }
  }

  end() {
    this.stopped = true;
    window.clearInterval(this.ticking);
    window.clearTimeout(this.timer);
    this.stop.abort();
  }
}

function write(element, text) {
  if (element && element.textContent !== text) { element.textContent = text; }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Begin. `csrfToken()` gives the current token, `announce(text)` speaks through the page's one live region. */
export function start(element, helpers) {
  return new Companion(element, helpers);
}
