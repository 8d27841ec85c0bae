/* The regions of the companion: swaps what changed and keeps what belongs to the person (focus, open folds, text not sent yet). */

export const TEXT_FIELDS = "textarea, input[type=text]";

export class Regions {
  /** `texts` are the page's sentences; `refuse(message)` says what has no field of its own. */
  constructor(element, texts, refuse) {
    this.element = element;
    this.texts = texts;
    this.refuse = refuse;
    this.shown = new Map();
    this.pressed = false;
    this.held = null;
    element.querySelectorAll("[data-kb-region]").forEach((box) => this.shown.set(box.dataset.kbRegion, box.innerHTML));
    this.dirty = new Map();
    element.querySelectorAll("form[data-kb-text]").forEach((form) => {  // typed before this module was here
      const field = form.querySelector(TEXT_FIELDS);
      if (field && field.value !== field.defaultValue) { this.dirty.set(form.id, field.value); }
    });
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

  /** A finger or a mouse button is down: a button that is exchanged under it would never get its click. */
  press() {
    this.pressed = true;
    window.clearTimeout(this.releasing);
    this.releasing = window.setTimeout(() => this.release(), 2000);
  }

  release() {
    window.clearTimeout(this.releasing);
    this.pressed = false;
    const held = this.held;
    this.held = null;
    if (held) { this.show(held); }
  }

  show(regions) {
    if (this.pressed) { this.held = regions; return; }
    for (const [name, html] of Object.entries(regions)) {
      if (this.shown.get(name) === html) { continue; }
      this.shown.set(name, html);
      const box = this.element.querySelector(`[data-kb-region="${name}"]`);
      if (box) { this.swap(box, html); }
    }
    window.dispatchEvent(new Event("resize"));
  }

  /** Nothing of the session stays on the screen; text not sent yet is kept apart. */
  close() {
    this.show(Object.fromEntries([...this.shown.keys()].map((name) => [name, ""])));
  }

  /** Replace a region and keep what belongs to the person: focus, open folds, text not sent yet. */
  swap(box, html) {
    const active = box.contains(document.activeElement) ? document.activeElement : null;
    const focus = active && { id: active.id, start: active.selectionStart, end: active.selectionEnd };
    const open = [...box.querySelectorAll("details[open][id]")].map((part) => part.id);
    const choices = [...box.querySelectorAll("select[id], input[type=checkbox][id]")].map((field) => [field.id, field.type === "checkbox" ? field.checked : field.value]);
    const forms = [...box.querySelectorAll("form[data-kb-text]")].map((form) => [form.id, form.querySelector("[data-kb-error]:not([hidden])")?.textContent]);
    box.innerHTML = html;
    open.forEach((id) => { const part = document.getElementById(id); if (part) { part.open = true; } });
    choices.forEach(([id, value]) => {
      const field = document.getElementById(id);
      if (!field) { return; }
      if (field.type === "checkbox") { field.checked = value; } else if ([...field.options].some((option) => option.value === value)) { field.value = value; }
    });
    forms.forEach(([id, error]) => {
      const text = this.dirty.get(id);
      if (text === undefined) { return; }
      const form = document.getElementById(id);
      if (form) { form.querySelector(TEXT_FIELDS).value = text; } else if (text.trim()) { this.park(id, text); if (error) { this.refuse(error); } } else { this.dirty.delete(id); }
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

  fieldError(form, message) {
    const line = form.querySelector("[data-kb-error]");
    if (!line) { if (message) { this.refuse(message); } return; }
    line.textContent = message;
    line.hidden = !message;
    const field = form.querySelector(TEXT_FIELDS);
    if (field) { field.toggleAttribute("aria-invalid", Boolean(message)); }
  }

  declare(form, show) {
    const box = form.querySelector("[data-kb-declare]");
    if (!box) { return; }
    box.hidden = !show;
    if (!show) { box.querySelector("input").checked = false; }
  }
}
