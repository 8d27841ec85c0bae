/* The volunteer's page and the desk in the browser: partial updates by htmx, autosave, a warning before unsent text is lost,
 * characters left, hints about names. Nothing of what people type is kept in the browser's storage.
 */

const cookie = (name) => (document.cookie.split("; ").find((part) => part.startsWith(name + "=")) || "").slice(name.length + 1);
export const csrfToken = (args) => decodeURIComponent(cookie(args.csrfCookie || "csrftoken")) || args.csrfToken || "";

let htmxReady = null;

function loadHtmx(args) {
  htmxReady ||= import(args.modules.htmx).then((module) => {
    const htmx = module.default;
    // No pause between showing a page and listening on it: a key in between would be lost, a click would send the form by the address.
    Object.assign(htmx.config, {
      defaultSwapDelay: 0, defaultSettleDelay: 0,
      historyEnabled: false, historyCacheSize: 0, refreshOnHistoryMiss: false, allowEval: false, allowScriptTags: false,
      includeIndicatorStyles: false, selfRequestsOnly: true, scrollIntoViewOnBoost: false, timeout: 20000,
    });
    return htmx;
  });
  return htmxReady;
}

/** Say something once to screen readers. What the page does not show itself (a lost connection) is `visible`, too. */
export function announce(root, text, visible = false) {
  const live = root.querySelector(":scope > .kb-live");
  if (!live) { return; }
  live.classList.toggle("kb-visually-hidden", !visible);
  live.textContent = "";
  window.setTimeout(() => { live.textContent = text; }, 50);
}

/** Tell the frame around us (the learning app) to measure again. */
function resized() {
  window.dispatchEvent(new Event("resize"));
}

export async function start(root, args) {
  const htmx = await loadHtmx(args);
  const isOurs = (event) => root.contains(event.target) || event.target === root;

  document.body.addEventListener("htmx:configRequest", (event) => {
    if (isOurs(event)) { event.detail.headers["X-CSRFToken"] = csrfToken(args); }
  });
  root.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest("form");
    if (form && form.dataset.kbBusy) { event.preventDefault(); return; }
    announce(root, "");
    if (form) { form.dataset.kbBusy = "1"; autosaves.get(form)?.stop(); }
  });
  root.addEventListener("htmx:afterRequest", (event) => { event.target.closest("form")?.removeAttribute("data-kb-busy"); });
  // A message at a field comes with status 4xx and our own header: show it. A page of the platform (log-in, error) is never swapped in.
  root.addEventListener("htmx:beforeSwap", (event) => {
    const ours = event.detail.xhr.getResponseHeader("X-Beratung") === "1";
    event.detail.shouldSwap = ours;
    event.detail.isError = !ours;
    if (!ours) { announce(root, args.texts.failed, true); }
  });
  root.addEventListener("htmx:sendError", () => announce(root, args.texts.offline, true));
  root.addEventListener("htmx:timeout", () => announce(root, args.texts.offline, true));
  root.addEventListener("htmx:afterSettle", (event) => {
    const page = root.querySelector(".kb-volunteer, .kb-desk") || root;
    prepare(root, args);
    const focus = page.querySelector("[data-kb-focus]");
    if (focus) { focus.focus({ preventScroll: true }); focus.scrollIntoView({ block: "center" }); }
    if (page.dataset.kbAnnounce) { announce(root, page.dataset.kbAnnounce); }
    resized();
    event.stopPropagation();
  });
  // Heard at the root, so that not even the first key after a swap is missed.
  root.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-kb-guard], form[data-kb-autosave]");
    if (form) { form.dataset.kbDirty = "1"; }
    if (form?.matches("[data-kb-autosave]")) { autosaveOf(form, args).later(2000); }
  });
  root.addEventListener("click", (event) => onClick(root, event));
  root.addEventListener("toggle", resized, true);
  window.addEventListener("beforeunload", (event) => {
    if (root.isConnected && root.querySelector("form[data-kb-dirty]")) { event.preventDefault(); }
  });
  htmx.process(root);
  prepare(root, args);
}

function onClick(root, event) {
  const jump = event.target.closest("[data-kb-jump]");
  if (jump) {
    const target = document.getElementById(jump.hash.slice(1));
    if (target) { event.preventDefault(); openAround(target); target.focus(); target.scrollIntoView({ block: "center" }); }
  }
  if (event.target.closest("[data-kb-print]")) { window.print(); }
}

function openAround(element) {
  for (let node = element.closest("details"); node; node = node.parentElement.closest("details")) { node.open = true; }
}

/** Give life to what htmx has just put in. Safe to call again: each element is prepared once. */
function prepare(root, args) {
  const once = (selector, act) => root.querySelectorAll(selector).forEach((element) => {
    const done = (element.kbPrepared ||= new Set());
    if (!done.has(selector)) { done.add(selector); act(element); }
  });
  once("form[data-kb-guard]", (form) => {
    if (form.dataset.kbGuard === "dirty" || touched(form)) { form.dataset.kbDirty = "1"; }
  });
  once("[data-kb-reveals]", (box) => {
    const part = document.getElementById(box.dataset.kbReveals);
    const show = () => { part.hidden = !box.checked; };
    box.addEventListener("change", show);
    show();
  });
  once("[data-kb-counter-for]", (line) => {
    const field = document.getElementById(line.dataset.kbCounterFor);
    const limit = Number(line.dataset.kbLimit);
    const least = Number(line.dataset.kbLeast) || 0;
    const count = () => {
      const written = Array.from(field.value.replace(/\r\n/g, "\n").trim()).length;
      const left = limit - written;
      const few = written < least;
      line.textContent = (few ? args.texts.too_few : left < 0 ? args.texts.too_many : args.texts.left).replace("{n}", few ? least - written : Math.abs(left));
      line.classList.toggle("is-over", left < 0);
    };
    field.addEventListener("input", count);
    count();
  });
  if (companion && !companion.element.isConnected) { companion.end(); companion = null; }
  once("[data-kb-session]", (element) => {
    element.addEventListener("kb:over", () => root.querySelectorAll("[data-kb-after]").forEach((form) => { form.hidden = false; }));
    import(element.dataset.kbModule).then(async (module) => {
      if (element.isConnected) {
        const hints = (form, fields) => args.modules.hints && import(args.modules.hints).then((found) => found.attach(form, args, fields)).catch(() => {});
        companion = await module.start(element, { csrfToken: () => csrfToken(args), announce: (text) => announce(root, text), hints });
      }
    }).catch(() => announce(root, args.texts.not_loaded, true));
  });
  once("form[data-kb-autosave]", (form) => autosaveOf(form, args));
  once("form[data-kb-anonymise]", (form) => {
    if (args.modules.hints) { import(args.modules.hints).then((module) => module.attach(form, args)).catch(() => {}); }
  });
}

/** Was something typed before the modules were here? */
function touched(form) {
  return Array.from(form.elements).some((field) => (
    /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked : /^(text|textarea|email|number|tel|url)/.test(field.type) && field.value !== field.defaultValue));
}

const autosaves = new WeakMap();
let companion = null;

function autosaveOf(form, args) {
  if (!autosaves.has(form)) {
    autosaves.set(form, new Autosave(form, args));
    if (form.dataset.kbDirty) { autosaves.get(form).later(2000); }
  }
  return autosaves.get(form);
}

/** Sends the draft two seconds after the last key, one request at a time; what fails is kept in the page and sent again. */
class Autosave {
  constructor(form, args) {
    this.form = form;
    this.args = args;
    this.timer = 0;
    this.sending = null;
    this.again = false;
    this.wait = 2000;
    this.stopped = false;
    this.line = form.querySelector("[data-kb-saved]");
    window.addEventListener("online", () => { if (form.isConnected && form.dataset.kbDirty) { this.later(100); } });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && form.isConnected && form.dataset.kbDirty) { this.save(true); }
    });
  }

  read() {
    const data = new FormData(this.form);
    return Object.fromEntries(["title", "situation", "tried", "key_question", "method", "urgency"].map((name) => [name, data.get(name) ?? ""]));
  }

  later(ms) {
    if (this.stopped) { return; }
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save(false), ms);
  }

  stop() {
    this.stopped = true;
    window.clearTimeout(this.timer);
    this.sending?.abort();
    window.setTimeout(() => {
      this.stopped = false;
      if (this.form.isConnected && this.form.dataset.kbDirty) { this.later(100); }  // the submission did not get through
    }, 1500);
  }

  async save(keepalive) {
    if (this.stopped || !this.form.isConnected) { return; }
    if (this.sending) { this.again = true; return; }
    this.sending = new AbortController();
    const draft = this.read();
    const { round, version } = this.form.elements;
    const body = JSON.stringify({ round: round.value, version: Number(version.value) || null, draft });
    try {
      const answer = await fetch(this.form.dataset.kbAutosave, {
        method: "POST", body, keepalive: keepalive && body.length < 60000, credentials: "same-origin", signal: this.sending.signal,
        headers: { "X-CSRFToken": csrfToken(this.args), "Content-Type": "application/json", Accept: "application/json" },
      });
      if (answer.status >= 500 || answer.status === 429) { throw new Error("busy"); }
      const result = await answer.json();
      if (!answer.ok) {
        this.say(result.reason === "stale" ? this.args.texts.stale : this.args.texts.not_saved, true);
        return;
      }
      version.value = result.version;
      this.form.elements.case.value = result.uid;
      if (JSON.stringify(draft) === JSON.stringify(this.read())) { delete this.form.dataset.kbDirty; }
      this.wait = 2000;
      this.say(this.args.texts.saved, false);
    } catch (error) {
      if (error.name === "AbortError") { return; }
      this.wait = Math.min(this.wait * 2, 30000);
      this.say(this.args.texts.not_saved, true);
      this.sending = null;
      this.later(this.wait + Math.random() * 1000);
    } finally {
      this.sending = null;
      if (this.again) { this.again = false; this.later(200); }
    }
  }

  say(text, failed) {
    if (!this.line) { return; }
    this.line.classList.toggle("is-failed", failed);
    if (this.line.textContent !== text) { this.line.textContent = text; }
  }
}
