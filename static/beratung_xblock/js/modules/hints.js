/* Hints while a case is written: what could tell who somebody is, below the field it stands in, with one click to replace it.
 * The fields share one table of names: who is "B." in one field is "B." in all. Everything happens in the browser; no text
 * and no find leaves it from here, and what was replaced is remembered in the page only.
 */

const FIELDS = ["title", "situation", "tried", "key_question"];
const MOST = 8;
let loading = null;

function load(args) {
  loading ||= Promise.all([
    import(args.modules.anonymise),
    fetch(args.rules, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error("rules")))),
  ]).then(([module, data]) => ({ check: module.createChecker(data.rules, data.names).findingsOf, why: data.why }));
  loading.catch(() => { loading = null; });
  return loading;
}

/** Show hints at the `fields` of a form from now on: when a field is left, and when the writer pauses. */
export async function attach(form, args, fields = FIELDS) {
  const { check, why } = await load(args);
  const places = fields.map((name) => form.elements.namedItem(name)).filter(Boolean).map((field) => ({ field, list: listFor(field, form, args.texts) }));
  const page = { places, why, texts: args.texts, replaced: new Map(), finds: () => check(places.map(({ field }) => field.value)) };
  page.look = () => {
    const found = page.finds();
    places.forEach((place, at) => draw(page, place, found[at]));
  };
  let timer = 0;
  for (const { field } of places) {
    field.addEventListener("blur", () => window.setTimeout(page.look, 300));  // after the click that took the focus: nothing may move below it
    field.addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(page.look, 1200); });
  }
  if (places.some(({ field }) => field.value)) { page.look(); }
}

function listFor(field, form, texts) {
  const list = document.createElement("ul");
  list.className = "kb-hints";
  list.setAttribute("aria-label", texts.hint);
  list.hidden = true;
  (field.closest(".kb-field") || form).append(list);
  return list;
}

const words = (field, one) => field.value.slice(one.from, one.to);

function draw(page, { field, list }, found) {
  const seen = new Set();
  const wanted = found.filter((one) => !seen.has(words(field, one)) && seen.add(words(field, one)))
    .map((one) => ({ ...one, replacement: page.replaced.get(words(field, one)) ?? one.replacement }));
  const state = wanted.map((one) => `${one.kind}:${words(field, one)}:${one.replacement}`).join("|");
  if (list.dataset.state === state) { return; }
  list.dataset.state = state;
  list.hidden = wanted.length === 0;
  list.replaceChildren(...wanted.slice(0, MOST).map((one) => row(page, field, one)));
  if (wanted.length > MOST) {
    const more = document.createElement("li");
    more.textContent = page.texts.more_hints.replace("{n}", wanted.length - MOST);
    list.append(more);
  }
}

function row(page, field, one) {
  const { why, texts } = page;
  const text = words(field, one);
  const item = document.createElement("li");
  const said = document.createElement("span");
  const mark = document.createElement("mark");
  mark.textContent = text;
  mark.dir = "auto";
  said.append(mark, " ", why[one.kind] || "", one.replacement ? " " + texts.better.replace("{replacement}", one.replacement) : "");
  item.append(said);
  if (one.replacement) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "kb-button kb-button--small";
    button.textContent = texts.replace;
    button.setAttribute("aria-label", `${texts.replace}: ${text}`);
    button.addEventListener("click", () => {
      replaceAll(page, field, text);
      page.look();
      field.focus();
    });
    item.append(button);
  }
  return item;
}

/** Put the proposed words in place of one find, in every field, wherever the same person or the same words stand. */
function replaceAll(page, home, text) {
  const all = page.finds();
  const one = all[page.places.findIndex(({ field }) => field === home)].find((other) => words(home, other) === text);
  if (!one) { return; }  // changed since the hint was drawn
  page.places.forEach(({ field }, at) => {
    const same = all[at].filter((other) => other.replacement && (one.group ? other.group === one.group : words(field, other) === text));
    if (!same.length) { return; }
    let value = field.value;
    for (const other of same.reverse()) {
      const found = value.slice(other.from, other.to);
      const put = page.replaced.get(found) ?? (found === text ? one.replacement : other.replacement);
      page.replaced.set(found, put);
      value = value.slice(0, other.from) + put + value.slice(other.to);
    }
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
