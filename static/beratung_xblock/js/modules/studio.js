/* The editor in Studio: saves, shows messages at the fields, shows the timeline of the chosen process. */

const cookie = (name) => (document.cookie.split("; ").find((part) => part.startsWith(name + "=")) || "").slice(name.length + 1);

export function start(root, args, runtime) {
  const notify = (name, data) => { if (runtime && typeof runtime.notify === "function") { runtime.notify(name, data); } };
  root.addEventListener("submit", (event) => { event.preventDefault(); save(root, args, notify); });
  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-kb-cancel]")) { event.preventDefault(); notify("cancel", {}); }
    const jump = event.target.closest("[data-kb-jump]");
    if (jump) { event.preventDefault(); show(document.getElementById(jump.hash.slice(1))); }
    if (event.target.closest("[data-kb-own-add]")) { addRow(root); }
    const move = event.target.closest("[data-kb-move]");
    if (move) { moveRow(root, move.closest("[data-kb-own-row]"), Number(move.dataset.kbMove)); }
  });
  root.addEventListener("change", () => timelines(root));
  root.addEventListener("input", (event) => { if (event.target.closest("[data-kb-own-row]")) { ownLine(root); } });
  timelines(root);
  fewRows(root);
}

/* --- rows of an own process: as many as are used, a button for one more, and their order ------------------------------- */

const rowsOf = (root) => [...root.querySelectorAll("[data-kb-own-row]")];
const nameOf = (row) => row.querySelector("[name$='.name']");
const used = (row) => nameOf(row).value.trim() !== "" || row.querySelector("[name$='.minutes']").value.trim() !== "";

/** Rows after the last used one are hidden; three are always there. */
function fewRows(root) {
  const rows = rowsOf(root);
  const last = rows.reduce((found, row, index) => (used(row) ? index : found), 2);
  rows.forEach((row, index) => { row.hidden = index > last; });
  addable(root);
}

function addable(root) {
  const button = root.querySelector("[data-kb-own-add]");
  if (button) { button.hidden = rowsOf(root).every((row) => !row.hidden); }
}

function addRow(root) {
  const row = rowsOf(root).find((one) => one.hidden);
  if (!row) { return; }
  row.hidden = false;
  addable(root);
  nameOf(row).focus();
}

/** Two rows change places: what is typed and ticked moves, the rows keep their numbers. */
function moveRow(root, row, by) {
  const rows = rowsOf(root).filter((one) => !one.hidden);
  const other = rows[rows.indexOf(row) + by];
  if (!other) { return; }
  const mine = [...row.querySelectorAll("[name]")];
  const theirs = [...other.querySelectorAll("[name]")];
  mine.forEach((field, index) => {
    const twin = theirs[index];
    if (field.type === "checkbox") { [field.checked, twin.checked] = [twin.checked, field.checked]; } else { [field.value, twin.value] = [twin.value, field.value]; }
  });
  const [fold, there] = [row.querySelector("details"), other.querySelector("details")];
  [fold.open, there.open] = [there.open, fold.open];
  there.open = true;
  other.querySelector(`[data-kb-move="${by}"]`).focus();
  ownLine(root);
}

function show(target) {
  if (!target) { return; }
  for (let node = target.closest("details"); node; node = node.parentElement.closest("details")) { node.open = true; }
  target.focus();
  target.scrollIntoView({ block: "center" });
}

function timelines(root) {
  const chosen = root.querySelector("[data-kb-template]")?.value;
  root.querySelectorAll("[data-kb-timeline]").forEach((line) => { line.hidden = line.dataset.kbTimeline !== chosen; });
  ownLine(root);
}

function ownLine(root) {
  const line = root.querySelector("[data-kb-own-line]");
  if (!line) { return; }
  line.replaceChildren(...[...root.querySelectorAll("[data-kb-own-row]")].flatMap((row) => {
    const name = row.querySelector("[name$='.name']").value.trim();
    const minutes = parseInt(row.querySelector("[name$='.minutes']").value, 10) || 0;
    if (!name) { return []; }
    const item = document.createElement("li");
    item.style.setProperty("--kb-minutes", String(Math.max(1, minutes)));
    const label = document.createElement("span");
    label.className = "kb-phases__name";
    label.textContent = name;
    const time = document.createElement("span");
    time.className = "kb-phases__minutes";
    time.textContent = minutes ? String(minutes) : "";
    item.append(label, time);
    return [item];
  }));
}

async function save(root, args, notify) {
  const form = root.querySelector("form");
  if (form.dataset.kbBusy) { return; }
  form.dataset.kbBusy = "1";
  notify("save", { state: "start" });
  try {
    const answer = await fetch(args.saveUrl, {
      method: "POST", credentials: "same-origin", body: new URLSearchParams(new FormData(form)),
      headers: { "X-CSRFToken": decodeURIComponent(cookie(args.csrfCookie || "csrftoken")) },
    });
    if (answer.ok) { notify("save", { state: "end" }); return; }
    if (answer.status === 422) {
      form.outerHTML = await answer.text();
      timelines(root);
      fewRows(root);
      show(root.querySelector("[data-kb-focus]"));
      notify("error", { title: args.texts.title, message: root.querySelector(".kb-errors .kb-notice__title").textContent });
      return;
    }
    const refused = await answer.json().catch(() => ({}));
    fail(root, args, notify, refused.message || args.texts.failed);
  } catch (error) {
    fail(root, args, notify, args.texts.failed);
  } finally {
    delete form.dataset.kbBusy;
  }
}

function fail(root, args, notify, text) {
  root.querySelector(".kb-live").textContent = text;
  notify("error", { title: args.texts.title, message: text });
}
