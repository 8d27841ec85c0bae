/** Joins machine, drawing and page: the instruction above, the meeting, the feedback and help below; saves solved tasks. */

const LOBBY_SECONDS = 8;

const cookie = (name) => decodeURIComponent(document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** What to say for a task on this device: the phone wording lies over the common one. */
const wordingFor = (tasks, id, variant) => ({ ...tasks[id], ...(variant === "phone" ? tasks[id].phone ?? {} : {}) });

export function start(root, args, { machine, dom, draw, stage }) {
  const { h, patch } = dom;
  const texts = JSON.parse(args.texts);
  const { ui, scene, tasks: wording } = texts;
  const speech = (run) => {
    const [name] = machine.speech(run);
    return scene.speech[name] ?? scene.speech[name?.split(".")[0]] ?? null;
  };
  const drawing = draw.makeDraw(h);
  const drawStage = stage.makeStage({ h, draw: drawing, scene, speech });
  const content = { lang: texts.lang, dir: texts.dir };
  const page = { lang: root.lang, dir: root.dir };
  const place = root.querySelector(".kb-practice__app");
  const guess = window.matchMedia("(max-width: 640px)").matches ? "phone" : "computer";
  const app = { view: "start", variant: args.variant === "auto" ? guess : args.variant, run: null, list: args.tasks, solved: [...args.solved], unsaved: false, said: "" };
  let lobbyTimer = null;

  const voluntary = (id) => app.list === args.tasks && !args.required.includes(id);
  const required = () => args.required.filter((id) => app.solved.includes(id)).length;
  const button = (key, label, { main = false, quiet = false } = {}) =>
    h("button", { type: "button", key, "data-do": key, class: `kb-button${main ? " kb-button--primary" : ""}${quiet ? " kb-button--quiet" : ""}` }, label);
  const own = (tag, props, ...kids) => h(tag, { ...props, ...content }, ...kids);

  /* ---- saving: task ids only; what failed is sent again with the next task, on reconnect or on request ---- */
  async function save() {
    if (!args.saveUrl) return;
    try {
      const answer = await fetch(args.saveUrl, {
        method: "POST", credentials: "same-origin", keepalive: true, headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") }, body: JSON.stringify({ tasks: app.solved }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      app.unsaved = false;
    } catch {
      app.unsaved = true;
    }
    render();
  }

  /* ---- what is shown ---- */
  const progress = () => h("div", { class: "kb-practice__progress" }, h("p", null, fill(ui.progress, { done: required(), total: args.required.length })),
    h("span", { class: "kb-meter", "aria-hidden": "true" }, h("span", { style: `--kb-share: ${Math.round((100 * required()) / args.required.length)}%` })));

  const variants = () => args.variant !== "auto" ? null : h("div", { class: "kb-practice__variants", role: "group", "aria-label": ui.device },
    h("p", { class: "kb-label" }, ui.device), h("div", { class: "kb-row" }, ["computer", "phone"].map((name) =>
      h("button", { type: "button", "data-do": `variant:${name}`, key: name, class: `kb-button kb-button--quiet${app.variant === name ? " is-chosen" : ""}`, "aria-pressed": String(app.variant === name) }, ui[name]))));

  const hello = () => h("div", { class: "kb-practice__hello", "aria-hidden": "true" }, ["mod", "ali", "olena", "juergen"].map((who) => h("span", null, drawing.person(who))));

  /** Who knows everything is offered the short version first: that is what they come back for. */
  function ways(label, all) {
    const short = args.refresher.length ? button("refresher", ui.refresher, all ? { main: true } : { quiet: true }) : null;
    const whole = button("begin", label, short && all ? { quiet: true } : { main: true });
    return all ? [short, whole] : [whole, short];
  }

  function startView() {
    const begun = args.tasks.some((id) => app.solved.includes(id));
    const all = required() === args.required.length;
    const open = args.tasks.some((id) => !app.solved.includes(id));
    return [h("div", { key: "start", class: "kb-card kb-card--now" }, hello(), h("h3", { tabindex: "-1" }, all ? ui.all_done : begun ? ui.welcome_back : ui.welcome), h("p", null, all ? ui.all_done_text : ui.nothing_wrong), all || begun ? null : h("p", null, ui.not_real),
      progress(), variants(),
      h("div", { class: "kb-actions" }, ways(!begun ? ui.start : open ? ui.go_on : ui.start_again, all))),
    overview()];
  }

  function overview() {
    return h("details", { key: "overview", class: "kb-details" }, h("summary", null, ui.overview), h("div", { class: "kb-details__body" }, own("ol", { class: "kb-practice__list" }, args.tasks.map((id) =>
      h("li", { key: id }, h("button", { type: "button", "data-do": `go:${id}`, class: "kb-link-button" }, wording[id].title), app.solved.includes(id) ? h("span", { class: "kb-badge kb-badge--ok", ...page }, ui.done) : args.required.includes(id) ? null : h("span", { class: "kb-badge", ...page }, ui.voluntary))))));
  }

  /** Feedback in words: success, the tips so far, or a kind note. */
  function feedback() {
    const { run } = app;
    const id = machine.taskOf(run);
    const text = wordingFor(wording, id, run.variant);
    if (run.stage === "solved") {
      const praise = (run.note && text[`success_${run.note}`]) || text.success;
      return h("div", { key: "ok", class: "kb-notice kb-notice--ok" }, h("p", { class: "kb-notice__title" }, ui.solved), own("p", null, praise), text.keys && run.variant !== "phone" ? h("p", null, `${ui.keys} `, own("kbd", null, text.keys)) : null);
    }
    const note = run.note && (text.mistakes?.[run.note] ?? scene.notes[run.note]);
    const tips = run.help ? text.hints.slice(0, Math.min(run.help, 3)) : [];
    return [note ? h("div", { key: `note-${run.note}`, class: "kb-notice kb-notice--warn" }, own("p", null, note)) : null,
      tips.length && run.help < 4 ? h("div", { key: "tips", class: "kb-notice kb-notice--info" }, h("p", { class: "kb-notice__title" }, fill(ui.tips, { count: tips.length })), own("ol", { class: "kb-practice__tips" }, tips.map((tip) => h("li", null, tip)))) : null,
      run.help === 4 ? h("div", { key: "shown", class: "kb-notice kb-notice--info" }, h("p", { class: "kb-notice__title" }, ui.next_step), h("p", null, own("strong", null, nextLabel())), h("p", null, ui.marked)) : null];
  }

  function nextLabel() {
    const key = machine.keyOf(machine.nextStep(app.run));
    const nodes = drawStage(app.run);
    const text = (node) => (typeof node === "object" ? (node.tag === "svg" ? "" : node.kids.map(text).join("")) : String(node));
    const search = (node) => typeof node === "object" && (node.props["data-act"] === key ? node : node.kids.map(search).find(Boolean));
    const found = nodes.filter(Boolean).map(search).find(Boolean);
    const strong = (node) => typeof node === "object" && (node.tag === "strong" ? node : node.kids.map(strong).find(Boolean));
    return text(found.tag === "form" ? found.kids[0] : strong(found) || found).trim();
  }

  function coach() {
    const { run } = app;
    if (run.stage === "solved") return h("div", { key: "solved", class: "kb-actions" }, button("next", ui.next, { main: true }), button("again", ui.again, { quiet: true }), button("home", ui.home, { quiet: true }));
    const count = Math.min(wordingFor(wording, machine.taskOf(run), run.variant).hints.length, 3);
    const [deed, label] = run.help >= 4 ? ["perform", ui.perform] : run.help >= count ? ["show", ui.show] : ["tip", run.help ? ui.more_tips : ui.tip];
    const help = h("button", { type: "button", key: "help", "data-do": deed, class: `kb-button${deed === "perform" ? " kb-button--primary" : ""}` }, label);
    const pass = voluntary(machine.taskOf(run)) ? button("pass", ui.pass, { quiet: true }) : null;
    return h("div", { key: "help", class: "kb-actions" }, help, pass, run.index > 0 ? button("previous", ui.previous, { quiet: true }) : null, button("again", ui.restart, { quiet: true }), button("home", ui.home, { quiet: true }));
  }

  function runView() {
    const { run } = app;
    const id = machine.taskOf(run);
    const text = wordingFor(wording, id, run.variant);
    const pointer = run.help === 4 && run.stage === "do" ? machine.keyOf(machine.nextStep(run)) : null;
    return [h("div", { key: "run", class: "kb-practice__grid" },
      h("div", { class: "kb-practice__task kb-card kb-card--now" }, h("p", { class: "kb-eyebrow" }, fill(ui.step, { number: run.index + 1, total: run.tasks.length }), voluntary(id) ? [" ", h("span", { class: "kb-badge" }, ui.voluntary)] : null), own("h3", { key: `h-${id}`, tabindex: "-1" }, text.title), own("p", { class: "kb-practice__benefit" }, text.benefit), own("p", { class: "kb-practice__instruction" }, text.instruction)),
      own("div", { class: "kb-practice__stage", role: "group", "aria-label": ui.picture, tabindex: "-1" }, drawStage(run, pointer)),
      h("div", { class: "kb-practice__coach" }, h("div", { key: "live", class: "kb-practice__live", role: "status" }, feedback(), app.said ? own("p", { key: `said-${app.said}`, class: "kb-visually-hidden" }, app.said) : null), coach())),
    unsaved(), progress()];
  }

  const unsaved = () => (app.unsaved ? h("div", { key: "unsaved", class: "kb-notice kb-notice--warn", role: "status" }, h("p", null, ui.unsaved), button("save", ui.save, { quiet: true })) : null);

  function endView() {
    const all = required() === args.required.length;
    return [h("div", { key: "end", class: "kb-card kb-card--now" }, h("h3", { tabindex: "-1" }, all ? ui.all_done : ui.end), h("p", null, all ? ui.all_done_text : ui.end_text), progress(),
      h("div", { class: "kb-actions" }, button("begin", args.tasks.every((id) => app.solved.includes(id)) ? ui.start_again : ui.go_on, { main: true }), args.refresher.length ? button("refresher", ui.refresher, { quiet: true }) : null)), unsaved(), overview()];
  }

  function render() {
    const held = document.activeElement;
    const inside = place.contains(held);
    patch(place, [app.view === "start" ? startView() : app.view === "end" ? endView() : runView()].flat(Infinity).filter(Boolean));
    if (inside && !place.contains(document.activeElement)) focusAfterLoss();
  }

  /** The control in use has gone (a panel closed, a question answered): go to the marked or next sensible place instead of losing the place. */
  function focusAfterLoss() {
    const wanted = app.run?.stage === "solved" ? ["[data-do=next]"] : [".kb-p-panel :is(button, input)", ".kb-practice__stage"];
    const next = [...wanted, "h3"].map((one) => place.querySelector(one)).find(Boolean);
    next?.focus({ preventScroll: next.matches(".kb-practice__stage") });
  }

  /** Own navigation: the new heading gets the focus. */
  function arrive() {
    render();
    const heading = place.querySelector("h3");
    heading?.focus({ preventScroll: true });
    bringIntoView(heading?.parentElement, "start");
  }

  function begin(list, at = null) {
    app.list = list;
    const open = list.some((id) => !app.solved.includes(id)) && list !== args.refresher;
    app.run = machine.createRun({ tasks: list, solved: app.solved, variant: app.variant, at: at ?? (open ? null : list[0]) });
    app.view = "run";
    afterStep(null);
    arrive();
  }

  function afterStep(before) {
    clearTimeout(lobbyTimer);
    const { run } = app;
    if (run.stage === "do" && run.world.screen === "lobby" && machine.taskOf(run) === "S08") lobbyTimer = setTimeout(() => send(machine.ev("skip")), LOBBY_SECONDS * 1000);
    const line = speech(run);
    const lineBefore = before && speech(before);
    app.said = line && before && line !== lineBefore ? `${scene.people[line[0]]}: ${line[1]}` : app.said;
    if (run.stage === "solved" && before?.stage === "do") {
      app.solved = [...new Set([...app.solved, ...run.solved])];
      save();
    }
  }

  function send(event) {
    const before = app.run;
    app.run = machine.reduce(before, event);
    if (app.run === before) return;
    afterStep(before);
    render();
    if (app.run.stage === "solved" || app.run.note) bringIntoView(place.querySelector(".kb-practice__coach .kb-notice"), "end");
  }

  function perform() {
    const event = machine.nextStep(app.run);
    const text = wording[machine.taskOf(app.run)].example ?? "";
    send(["name", "chat"].includes(event.type) ? { ...event, text } : event);
  }

  function move(event) {
    app.said = "";
    const before = app.run;
    app.run = machine.reduce(before, event);
    if (app.run.finished) app.view = "end";
    else afterStep(null);
    arrive();
  }

  const commands = {
    begin: () => begin(args.tasks),
    refresher: () => begin(args.refresher),
    go: (id) => begin(args.tasks, id),
    next: () => move(machine.ev("next")),
    again: () => move(machine.ev("again")),
    pass: () => {
      const after = app.run.tasks[app.run.index + 1];
      if (after) return move(machine.ev(`go:${after}`));
      app.view = "end";
      return arrive();
    },
    previous: () => move(machine.ev(`go:${app.run.tasks[app.run.index - 1]}`)),
    home: () => {
      clearTimeout(lobbyTimer);
      app.view = "start";
      arrive();
    },
    tip: () => send(machine.ev("tip")),
    show: () => send(machine.ev("show")),
    perform,
    save,
    variant: (name) => {
      app.variant = name;
      render();
    },
  };

  place.addEventListener("click", (event) => {
    const target = event.target.closest("button[data-act], button[data-do]");
    if (!target) return;
    if (target.dataset.do) {
      const [name, arg] = target.dataset.do.split(":");
      commands[name](arg);
    } else if (target.getAttribute("aria-disabled") !== "true") send(machine.ev(target.dataset.act));
  });
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target.closest("form[data-act]");
    if (form && app.run.stage === "do") send(machine.ev(form.dataset.act, form.elements.text.value));
  });
  window.addEventListener("online", () => app.unsaved && save());
  if (args.devices) offerDevices(root.querySelector(".kb-practice__devices"), args, content, dom);
  render();
}

/**
 * Scroll to something that cannot be seen as a whole. The learning page shows units in a frame as high as its content, from another origin, and scrolls
 * only when it is told the offset.
 */
function bringIntoView(target, block) {
  if (!target) return;
  const watch = new IntersectionObserver(([entry]) => {
    watch.disconnect();
    if (entry.intersectionRatio > 0.98) return;
    target.scrollIntoView({ block });
    const { top, bottom } = target.getBoundingClientRect();
    const offset = (block === "start" ? top : bottom - window.screen.availHeight * 0.6) + window.scrollY;
    if (window.parent !== window) window.parent.postMessage({ offset: Math.max(1, Math.round(offset)) }, "*");
  }, { rootMargin: "0px 0px -40px 0px" }); // what comes next begins to show, too
  watch.observe(target);
}

/** The real check stands apart from the exercise; its code comes only when somebody opens it, and closing it stops every device. */
function offerDevices(place, args, content, dom) {
  const { h, patch } = dom;
  patch(place, [h("details", { class: "kb-details" }, h("summary", content, args.devices.title), h("div", { class: "kb-details__body", ...content }))]);
  const details = place.querySelector("details");
  let check = null;
  details.addEventListener("toggle", async () => {
    if (!details.open) check?.stop();
    else if (!check) {
      const { start: startDevices } = await import(args.modules.devices);
      check ??= startDevices(details.querySelector(".kb-details__body"), args.devices, dom);
    }
  });
}
