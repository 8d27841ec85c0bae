/* The companion in the browser: asks the server what is new, shows the clock of the server, swaps regions, keeps what is
 * typed. Nothing is stored in the browser; unsent text lives in this page only and is sent again when the network is back.
 */

const STAY_EVERY = 55000;

class Companion {
  constructor(element, { csrfToken, announce, hints }, { clock, regions, sending }) {
    this.element = element;
    this.arithmetic = clock;
    this.client = JSON.parse(element.dataset.kbClient);
    this.texts = this.client.texts;
    this.csrfToken = csrfToken;
    this.announceTo = announce;
    this.hints = hints;
    this.etag = "";
    this.failures = 0;
    this.acted = 0;
    this.inCall = false;
    this.running = null;
    this.timer = 0;
    this.stopped = false;
    this.regions = new regions.Regions(element, this.texts, (message) => this.refuse(message));
    this.sending = new sending.Sending(this, this.regions, regions.TEXT_FIELDS);
    this.stop = new AbortController();
    this.take(this.client.state, performance.now(), true);
    this.listen();
    this.tick();
    this.ticking = window.setInterval(() => this.tick(), 250);
    this.sending.send("join", new URLSearchParams(), { quiet: true });
  }

  // --- hearing -----------------------------------------------------------------------------------------------------

  listen() {
    const options = { signal: this.stop.signal };
    const wake = () => {
      if (document.visibilityState === "visible") { this.link("waking"); this.ask(); } else { this.later(); }
    };
    document.addEventListener("visibilitychange", wake, options);
    window.addEventListener("online", wake, options);
    window.addEventListener("pageshow", wake, options);
    window.addEventListener("offline", () => this.link("lost"), options);
    window.addEventListener("pagehide", () => this.say({}), options);
    window.addEventListener("beforeunload", (event) => {
      if (this.element.isConnected && (this.regions.hasUnsent() || this.sending.waiting.length)) { event.preventDefault(); }
    }, options);
    this.element.addEventListener("submit", (event) => { event.preventDefault(); this.sending.submit(event.target, event.submitter); }, options);
    this.element.addEventListener("pointerdown", () => this.regions.press(), options);
    for (const up of ["pointerup", "pointercancel"]) {
      window.addEventListener(up, () => window.setTimeout(() => this.regions.release(), 0), options);  // after the click it makes
    }
    this.element.querySelector("[data-kb-reload]").addEventListener("click", () => window.location.reload(), options);
    this.element.addEventListener("click", (event) => { if (event.target.closest("[data-kb-join] a, [data-kb-joined]")) { this.enteredCall(event.target); } }, options);
    this.element.addEventListener("input", (event) => this.regions.typed(event.target), options);
    this.element.addEventListener("focusin", (event) => this.hint(event.target), options);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) { event.target.form.requestSubmit(); }
    }, options);
    this.element.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), { capture: true, ...options });
  }

  /** Hints about names at a text field, with the rules of the case form; they load when somebody begins to write. */
  hint(field) {
    const form = field.closest("form[data-kb-text]");
    if (!form || form.dataset.kbHinted || !this.hints) { return; }
    form.dataset.kbHinted = "1";
    this.hints(form, ["text"]);
  }

  // --- asking the server ---------------------------------------------------------------------------------------------

  /** Ask again after a while. A hidden page asks nothing; it only says once a minute that it is still there. */
  later() {
    window.clearTimeout(this.timer);
    if (this.stopped || this.state.over) { return; }
    if (document.visibilityState === "hidden" && !this.sending.waiting.length) {
      this.timer = window.setTimeout(() => { this.say({ stay: "1" }); this.later(); }, STAY_EVERY);
      return;
    }
    const delay = this.arithmetic.nextDelay({ every: this.state.every, failures: this.failures, random: Math.random() });
    this.timer = window.setTimeout(() => this.ask(), delay);
  }

  /** A word about this page itself, without an answer: it closes, or it is still there behind another window. */
  say(what) {
    fetch(this.client.bye, {
      method: "POST", keepalive: true, credentials: "same-origin", body: new URLSearchParams(what),
      headers: { "X-CSRFToken": this.csrfToken() },
    }).catch(() => {});
  }

  async ask() {
    if (!this.element.isConnected) { this.end(); return; }
    if (this.running || this.stopped) { return; }
    this.running = new AbortController();
    const begun = performance.now();
    const giveUp = window.setTimeout(() => this.running && this.running.abort(), 8000);
    const slow = window.setTimeout(() => { if (!this.failures) { this.link("waking"); } }, 4000);
    try {
      const headers = { Accept: "application/json" };
      if (this.etag) { headers["If-None-Match"] = this.etag; }
      const answer = await fetch(this.client.poll, { headers, cache: "no-store", credentials: "same-origin", redirect: "error", signal: this.running.signal });
      await this.answered(answer, begun);
    } catch {
      this.failed();
    } finally {
      window.clearTimeout(giveUp);
      window.clearTimeout(slow);
      this.running = null;
      this.later();
      this.sending.flush();
    }
  }

  async answered(answer, begun) {
    if (answer.status === 404 || answer.status === 403) {
      const body = await answer.json().catch(() => ({}));
      this.shutOut(body.code === "undertaking_needed" ? this.texts.promise : this.texts.gone);
      this.failures += 1;
      return;
    }
    if (answer.status !== 304 && !answer.ok) { throw new Error(String(answer.status)); }
    const body = answer.status === 304 ? null : await answer.json();
    const received = performance.now();
    const said = received - Math.min((received - begun) / 2, 2000);
    if (body && body.regions) {
      if (begun < this.acted && body.state.version < this.state.version) { return; }  // asked before an own action was done, answered after it
      this.etag = answer.headers.get("ETag") || "";
      this.regions.show(body.regions);
      this.take(body.state, said, false);
    } else if (!body) {
      this.correct(Number(answer.headers.get("X-Kb-Now")), said);
    }
    this.failures = 0;
    this.shutOut("");
    this.link("connected");
  }

  /** What stands around the regions and is for people of the session only: how to get into the call. */
  inside(shown) {
    this.element.querySelectorAll("[data-kb-join], [data-kb-inside]").forEach((part) => { part.hidden = !shown; });
    if (shown) { this.offerCall(); }
  }

  /** The way into the call stays on top until this person has taken it, also for who comes late; before the start it stays anyway. */
  offerCall() {
    const join = this.element.querySelector("[data-kb-join]");
    if (!join) { return; }
    const waiting = this.state.place.startsWith("waiting");
    join.hidden = this.state.over || (this.inCall && !waiting);
    join.toggleAttribute("data-running", !waiting);  // from the start on it is one line: what else it says stands further down
    join.querySelector("[data-kb-joined]").hidden = waiting;
  }

  failed() {
    this.failures += 1;
    this.link(this.failures > 1 || !navigator.onLine ? "lost" : "waking");
  }

  /** The session is not (or no longer) ours: says so for as long as it is so, with the button that helps. What it showed leaves the screen. */
  shutOut(message) {
    const box = this.element.querySelector("[data-kb-gone]");
    if (box.hidden === !message && (!message || box.firstElementChild.textContent === message)) { return; }
    box.hidden = !message;
    box.firstElementChild.textContent = message;
    this.inside(!message && !this.state.over);
    if (!message) { return; }
    this.etag = "";
    this.regions.close();
    this.link("lost");
    this.announce(message);
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
    this.left = this.arithmetic.remainingNow(state.clock, said, performance.now());
    this.arrived = performance.now();
    this.offerCall();
    if (moved) { this.announce(state.announce); }
    if (state.over) {
      this.inside(false);
      this.element.dispatchEvent(new CustomEvent("kb:over"));
    }
  }

  enteredCall(pressed) {
    this.inCall = true;
    this.offerCall();
    if (pressed.matches("[data-kb-joined]")) { this.element.querySelector("[data-kb-focus-now]")?.focus({ preventScroll: true }); }
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
    const left = this.arithmetic.remainingNow(clock, this.said, performance.now());
    const due = clock.running ? this.arithmetic.dueNotice(this.left, left, clock.total) : "";
    this.left = left;
    if (due && !this.quiet()) { this.announce(this.texts[due]); }
    const box = this.element.querySelector("[data-kb-clock]");
    if (box) {
      if (box.hidden === Boolean(clock.shown)) { box.hidden = !clock.shown; }
      mark(box, left <= 0 ? "over" : left <= 120 && clock.total > 120 ? "soon" : "");
      write(box.querySelector("[data-kb-time]"), this.arithmetic.clockText(left));
      write(box.querySelector("[data-kb-left]"), clock.running ? (left <= 0 ? this.texts.over : this.texts.left) : this.texts.paused);
    }
    this.element.querySelectorAll("[data-kb-after]").forEach((part) => {
      if (part.hidden && performance.now() - this.arrived >= Number(part.dataset.kbAfter) * 1000) { part.hidden = false; }
    });
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

  end() {
    if (!this.stopped) { this.say({}); }  // the page goes on without us: others need not wait for this person
    this.stopped = true;
    window.clearInterval(this.ticking);
    window.clearTimeout(this.timer);
    this.stop.abort();
  }
}

/* The clock moves several times a second. The learning app's page watches the document for changed nodes and attributes, and at
 * each it adds one more listener to every link. So text is changed inside its node, and an attribute only when it differs. */

export function write(element, text) {
  if (!element || element.textContent === text) { return; }
  const only = element.childNodes.length === 1 ? element.firstChild : null;
  if (only && only.nodeType === 3) { only.data = text; } else { element.textContent = text; }
}

export function mark(element, state) {
  if (element.dataset.state !== state) { element.dataset.state = state; }
}

/** Begin. `csrfToken()` gives the current token, `announce(text)` speaks through the page's one live region, `hints(form, fields)` loads hints. */
export async function start(element, helpers) {
  const { clock, regions, sending } = JSON.parse(element.dataset.kbClient).modules;
  const [a, b, c] = await Promise.all([import(clock), import(regions), import(sending)]);
  return new Companion(element, helpers, { clock: a, regions: b, sending: c });
}
