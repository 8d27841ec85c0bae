/* Hints while a case is written: what could tell who somebody is, below the field it stands in, with one click to replace it.
 * Everything happens in the browser; no text and no find leaves it from here.
 */

const FIELDS = ["title", "situation", "tried", "key_question"];
const MOST = 8;
let loading = null;

function load(args) {
  loading ||= Promise.all([
    import(args.modules.anonymise),
    fetch(args.rules, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error("rules")))),
  ]).then(([module, data]) => ({ check: module.createChecker(data.rules, data.names).findings, why: data.why }));
  loading.catch(() => { loading = null; });
  return loading;
}

/** Show hints at the `fields` of a form from now on: when a field is left, and when the writer pauses. */
export async function attach(form, args, fields = FIELDS) {
  const { check, why } = await load(args);
  for (const name of fields) {
    const field = form.elements.namedItem(name);
    if (!field) { continue; }
    const list = document.createElement("ul");
    list.className = "kb-hints";
    list.setAttribute("aria-label", args.texts.hint);
    list.hidden = true;
    (field.closest(".kb-field") || form).append(list);
    let timer = 0;
    const look = () => draw(field, list, check(field.value), why, args.texts, look);
    field.addEventListener("blur", () => window.setTimeout(look, 300));  // after the click that took the focus: nothing may move below it
    field.addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(look, 1200); });
    if (field.value) { look(); }
  }
}

function draw(field, list, found, why, texts, look) {
  const seen = new Set();
  const wanted = found.filter((one) => {
    const text = field.value.slice(one.from, one.to);
    return !seen.has(text) && seen.add(text);
  }).slice(0, MOST);
  const state = wanted.map((one) => `${one.kind}:${field.value.slice(one.from, one.to)}`).join("|");
  if (list.dataset.state === state) { return; }
  list.dataset.state = state;
  list.hidden = wanted.length === 0;
  list.replaceChildren(...wanted.map((one) => row(field, one, why, texts, look)));
}

function row(field, one, why, texts, look) {
  const text = field.value.slice(one.from, one.to);
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
      field.value = field.value.split(text).join(one.replacement);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      look();
      field.focus();
    });
    item.append(button);
  }
  return item;
}
