/**
 * The practice meeting as a state machine: pure functions, no DOM, no clock, no texts.
 *
 * A run is plain data: {tasks, index, variant, world, stage, note, help, solved, finished}. `reduce(run, event)` answers a new run.
 * An event is {type, arg?, text?}; `keyOf(event)` ("mic", "mail:today") is also the name of the control that sends it.
 * `actions(run)` lists what the drawn screen offers now; anything else is refused, so screen and machine cannot drift apart.
 * `nextStep(run)` is the one way to the goal from wherever the learner is: it drives "Show me" and proves that no state is a dead end.
 */

export const ev = (key, text) => {
  const [type, arg] = key.split(":");
  return { type, ...(arg === undefined ? {} : { arg }), ...(text === undefined ? {} : { text }) };
};
export const keyOf = (event) => (event.arg === undefined ? event.type : `${event.type}:${event.arg}`);

const BLANK = {
  screen: "inbox", mail: null, permission: "prompt", siteOpen: false, siteMic: false, siteCam: false,
  mic: "off", cam: "off", blur: false, panel: null, micDevice: "builtin", speakerDevice: "builtin", tone: "silent", noCamera: false,
  name: "", hand: "down", captions: false, shared: null, sharing: false, showed: null, room: "main", visited: null, roomsOpen: false,
  second: "off", cover: "open", phase: "casting", asked: false, person: null, reported: null, answer: null, chat: [], refused: null,
};
const meeting = (patch) => ({ screen: "meeting", permission: "granted", ...patch });
const prejoin = (patch) => ({ screen: "prejoin", permission: "granted", ...patch });

/** Where each task begins. What a learner set up for himself (CARRY) stays from task to task. */
const SCENES = {
  S01: {}, S02: { screen: "choose" }, S03: { screen: "permission" }, S04: prejoin({ mic: "on", name: "" }), S05: prejoin({ mic: "on", micDevice: "builtin", speakerDevice: "builtin" }),
  S06: prejoin({ mic: "on", cam: "off", blur: false }), S07: prejoin({ mic: "on" }), S08: { screen: "lobby", permission: "granted" },
  S09: meeting({}), S10: meeting({ mic: "on" }), S11: meeting({ phase: "story" }), S12: meeting({ phase: "story", hand: "up" }), S13: meeting({ phase: "advice" }),
  S14: meeting({ phase: "advice" }), S15: meeting({ phase: "advice", captions: false }), S16: meeting({ phase: "advice", roomsOpen: true }), S17: meeting({ phase: "advice" }),
  S18: meeting({ phase: "advice", mic: "on", second: "on" }), S19: meeting({ phase: "advice", cam: "on", cover: "closed" }),
  S20: meeting({ phase: "advice", mic: "on", cam: "on", blur: false }), S21: meeting({ phase: "advice" }), S22: meeting({ phase: "closing" }),
};
const CARRY = ["name", "cam", "blur", "micDevice", "speakerDevice", "captions"];
export const TASK_IDS = Object.keys(SCENES);

const digits = (text) => (text.match(/\p{Nd}/gu) || []).length;
/** Enough to notice a slip in the exercise; the real hint service for cases is another part of the product. */
export const looksPersonal = (text) =>
  text.includes("@") || digits(text) >= 4 || /(^|[^\p{L}])(Herrn?|Frau|Familie|Mr|Mrs|Ms|Mister|Dr)\.?\s+\p{Lu}/u.test(text);

/** success(world, key) ends the task; mistake(world, key) names a feedback text; plan(world, phone) names the next control on the way. */
const RULES = {
  S01: {
    success: (w, k) => k === "link" && w.mail === "today",
    mistake: (w, k) => (k === "link" && w.mail === "old" && "old") || (k === "link" && w.mail === "phishing" && "phishing") || (k === "delete" && "deleted"),
    plan: (w) => (w.mail === null ? "mail:today" : w.mail === "today" ? "link" : "back"),
  },
  S02: {
    success: (w, k) => k === "choose:browser" || k === "choose:app",
    mistake: (w, k) => k === "choose:download" && "download",
    plan: (w, phone) => (w.screen === "download" ? "back" : phone ? "choose:app" : "choose:browser"),
  },
  S03: {
    success: (w) => w.permission === "granted",
    mistake: (w, k) => (k === "permit:close" && "dismissed") || (k === "reload" ? "still_blocked" : "denied"),
    plan: (w) => {
      if (w.permission === "prompt") return "permit:allow";
      if (w.siteMic && w.siteCam) return "reload";
      if (!w.siteOpen) return "site";
      return w.siteMic ? "site_cam" : "site_mic";
    },
  },
  S04: {
    success: (w, k) => k === "name" && w.name.length >= 2 && !w.name.includes("@") && digits(w.name) < 3,
    mistake: (w, k) => {
      if (k === "join") return w.name ? "press_enter" : "empty";
      if (k !== "name") return null;
      if (w.name.includes("@")) return "email";
      if (digits(w.name) >= 3) return "phone";
      return w.name ? "short" : "empty";
    },
    plan: () => "name",
  },
  S05: {
    success: (w) => w.micDevice === "headset" && w.speakerDevice === "headset" && w.tone === "heard",
    mistake: (w, k) => {
      if (k === "micdev:builtin" || (k === "heard" && w.micDevice === "builtin")) return "builtin";
      if (k === "heard" && w.speakerDevice === "builtin") return "speaker";
      return (k === "join" || (k === "panel:devices" && w.panel === null)) && "tone";
    },
    plan: (w) => {
      if (w.panel !== "devices") return "panel:devices";
      if (w.micDevice !== "headset") return "micdev:headset";
      if (w.speakerDevice !== "headset") return "spkdev:headset";
      return w.tone === "silent" ? "tone" : "heard";
    },
  },
  S06: {
    success: (w) => (w.cam === "on" && w.blur) || w.noCamera,
    mistake: (w, k) => (w.cam === "on" && !w.blur && (k === "cam" || k === "bg:none" || k === "join") && "room_visible") || (k === "join" && "later"),
    plan: (w) => (w.cam === "off" ? "cam" : w.panel === "background" ? "bg:blur" : "panel:background"),
  },
  S07: {
    success: (w) => w.mic === "off" && w.screen === "lobby",
    mistake: (w, k) => k === "join" && "mic_on",
    plan: (w) => (w.mic === "on" ? "mic" : "join"),
  },
  S08: {
    success: (w) => w.screen === "meeting",
    mistake: (w, k) => (k === "leave_lobby" && "left_lobby") || (k === "reload" && "reload"),
    plan: (w) => (w.screen === "prejoin" ? "join" : "skip"),
  },
  S09: {
    success: (w, k) => k === "say:hello" && w.mic === "on",
    mistake: (w, k) => k === "say:hello" && "muted",
    plan: (w) => (w.mic === "off" ? "mic" : "say:hello"),
  },
  S10: {
    success: (w) => w.mic === "off" && w.screen === "meeting",
    mistake: (w, k) => k === "listen" && "dog",
    plan: () => "mic",
  },
  S11: {
    success: (w) => w.hand === "up" && w.mic === "off",
    mistake: (w, k) => (w.mic === "on" && (k === "mic" || k === "hand" || k === "say:question")) ? "interrupt" : k === "say:question" && "wait",
    plan: (w) => (w.mic === "on" ? "mic" : "hand"),
  },
  S12: {
    success: (w) => w.asked && w.hand === "down" && w.mic === "off",
    mistake: (w, k) => {
      if (k === "say:advice") return "advice";
      if (k === "say:question" && !w.asked) return "muted";
      return k === "mic" && w.mic === "off" && w.asked && w.hand === "up" && "hand_up";
    },
    plan: (w) => {
      if (w.asked) return w.hand === "up" ? "hand" : "mic";
      return w.mic === "off" ? "mic" : "say:question";
    },
  },
  S13: {
    success: (w, k) => k === "chat" && w.refused === null,
    mistake: () => null,
    plan: (w) => (w.panel === "chat" ? "chat" : "panel:chat"),
  },
  S14: {
    success: (w) => w.reported === "guest",
    mistake: (w, k) => k === "report" && "known",
    plan: (w, phone) => (w.panel !== "people" ? open("people", w, phone) : w.person === "guest" ? "report" : "person:guest"),
  },
  S15: {
    success: (w) => w.captions,
    mistake: (w, k) => k === "transcript" && "transcript",
    plan: (w) => (w.panel === "language" ? "captions" : w.panel === "more" ? "panel:language" : "panel:more"),
  },
  S16: {
    success: (w) => w.visited === "2" && w.room === "main" && w.screen === "meeting",
    mistake: (w, k) => (k === "leave" && "left") || (k === "room:1" && "room_one"),
    plan: (w) => (w.screen === "breakout" ? "back_main" : "room:2"),
  },
  S17: {
    success: (w) => w.showed === "leaflet" && !w.sharing,
    mistake: (w, k) => (k === "share:screen" && "screen") || (k === "share:mail" && "mail") || (k === "listen" && "still_sharing"),
    plan: (w, phone) => {
      if (w.sharing) return "stop";
      return w.panel === "windows" ? "share:leaflet" : w.panel === "share" ? "panel:windows" : open("share", w, phone);
    },
  },
  S18: {
    success: (w) => w.second === "off" || w.mic === "off",
    mistake: (w, k) => k === "volume" && "volume",
    plan: () => "second",
  },
  S19: {
    success: (w) => w.cover === "open",
    mistake: (w, k) => (k === "leave" && "leave") || (k === "cam" && "cam_again"),
    plan: () => "cover",
  },
  S20: {
    success: (w) => w.mic === "off" && w.cam === "off",
    mistake: (w, k) => (k === "mic" && w.mic === "off" && "only_mic") || (k === "cam" && w.cam === "off" && "only_cam"),
    plan: (w) => (w.mic === "on" ? "mic" : "cam"),
  },
  S21: {
    success: (w) => w.answer === "no",
    mistake: (w, k) => (k === "answer:ok" && "ok") || (k === "answer:ignore" && "ignore"),
    plan: (w) => (w.panel === "chat" ? "answer:no" : "panel:chat"),
  },
  S22: {
    success: (w, k) => k === "leave",
    mistake: (w, k) => (k === "screen_off" && "screen_off") || (k === "close_tab" && "tab_closed"),
    plan: () => "leave",
  },
};

function open(panel, w, phone) {
  return phone && w.panel !== "more" ? "panel:more" : `panel:${panel}`;
}

const BAR = ["mic", "cam", "hand", "panel:chat", "panel:people", "panel:share", "panel:more", "leave"];
const BAR_PHONE = ["mic", "cam", "hand", "panel:chat", "panel:more", "leave"];
const EXTRAS = {
  S09: () => ["say:hello"], S10: () => ["listen"], S11: () => ["say:question"], S12: (w) => (w.asked ? [] : ["say:question", "say:advice"]),
  S16: () => ["room:1", "room:2"], S17: (w) => (w.sharing ? ["listen"] : []), S18: () => ["second", "volume"], S19: () => ["cover"],
  S22: () => ["screen_off", "close_tab"],
};
const PEOPLE = ["mod", "ali", "olena", "juergen"];

function panelActions(w, task, phone) {
  switch (w.panel) {
    case "chat": return task === "S21" ? ["answer:ok", "answer:ignore", "answer:no"] : ["chat"];
    case "people": return [...PEOPLE, ...(task === "S14" ? ["guest"] : [])].map((id) => `person:${id}`).concat(task === "S14" && w.person ? ["report"] : []);
    case "more": return [...(phone ? ["panel:people", "panel:share"] : []), "panel:language"];
    case "language": return ["captions", "transcript"];
    case "share": return w.sharing ? [] : ["share:screen", "panel:windows"];
    case "windows": return w.sharing ? [] : ["share:mail", "share:leaflet"];
    case "devices": return ["micdev:builtin", "micdev:headset", "spkdev:builtin", "spkdev:headset", "tone", ...(w.tone === "silent" ? [] : ["heard"])];
    case "background": return ["bg:none", "bg:blur"];
    default: return [];
  }
}

/** Control names the current screen offers, without repetition; empty once the task is solved (then only "next" and "again" go on). */
export function actions(run) {
  if (run.stage !== "do") return [];
  const { world: w } = run;
  const task = taskOf(run);
  const phone = run.variant === "phone";
  const panel = panelActions(w, task, phone);
  const close = w.panel ? ["close_panel"] : [];
  switch (w.screen) {
    case "inbox": return w.mail === null ? ["mail:old", "mail:phishing", "mail:today"] : ["back", "link", ...(w.mail === "phishing" ? ["delete"] : [])];
    case "choose": return ["choose:browser", "choose:app", "choose:download"];
    case "download": return ["back"];
    case "permission":
      if (w.permission === "prompt") return ["permit:allow", "permit:block", "permit:close"];
      return ["site", "reload", ...(w.siteOpen ? ["site_mic", "site_cam"] : [])];
    case "prejoin": return [...(task === "S04" ? ["name"] : []), "mic", "cam", "panel:background", "panel:devices", "join", ...(task === "S06" ? ["no_camera"] : []), ...panel];
    case "lobby": return ["mic", ...(task === "S08" ? ["skip", "reload"] : []), "leave_lobby"];
    case "breakout": return ["mic", "cam", "back_main", "leave"];
    case "left": return ["rejoin"];
    default: {
      const bar = (phone ? BAR_PHONE : BAR).filter((key) => !(w.sharing && key === "panel:share"));
      return [...bar, ...(w.sharing ? ["stop"] : []), ...(EXTRAS[task]?.(w) ?? []), ...panel, ...close];
    }
  }
}

const flip = (value, a, b) => (value === a ? b : a);

/** The world after one allowed event. */
function step(w, event, task) {
  const { type, arg } = event;
  switch (type) {
    case "mail": return { ...w, mail: arg };
    case "back": return w.screen === "download" ? { ...w, screen: "choose" } : { ...w, mail: null };
    case "link": return w;
    case "delete": return { ...w, mail: null };
    case "choose": return arg === "download" ? { ...w, screen: "download" } : w;
    case "permit": return { ...w, permission: arg === "allow" ? "granted" : "denied" };
    case "site": return { ...w, siteOpen: !w.siteOpen };
    case "site_mic": return { ...w, siteMic: !w.siteMic };
    case "site_cam": return { ...w, siteCam: !w.siteCam };
    case "reload": return w.screen === "permission" && w.siteMic && w.siteCam ? { ...w, permission: "granted", siteOpen: false } : { ...w, siteOpen: false };
    case "name": return { ...w, name: (event.text ?? "").trim().slice(0, 60) };
    case "mic": return { ...w, mic: flip(w.mic, "on", "off") };
    case "cam": return { ...w, cam: flip(w.cam, "on", "off") };
    case "hand": return { ...w, hand: flip(w.hand, "up", "down") };
    case "panel": return { ...w, panel: w.panel === arg ? null : arg, person: null };
    case "close_panel": return { ...w, panel: null, person: null };
    case "micdev": return { ...w, micDevice: arg };
    case "spkdev": return { ...w, speakerDevice: arg, tone: w.speakerDevice === arg ? w.tone : "silent" };
    case "tone": return { ...w, tone: "played" };
    case "heard": return { ...w, tone: "heard" };
    case "bg": return { ...w, blur: arg === "blur" };
    case "no_camera": return { ...w, cam: "off", noCamera: true };
    case "join": return task === "S07" || task === "S08" ? { ...w, screen: "lobby", panel: null } : w;
    case "leave_lobby": return { ...w, screen: "prejoin" };
    case "skip": return { ...w, screen: "meeting" };
    case "chat": return chat(w, (event.text ?? "").trim().slice(0, 300));
    case "say": return { ...w, asked: w.asked || (task === "S12" && arg === "question" && w.mic === "on") };
    case "person": return { ...w, person: arg };
    case "report": return { ...w, reported: w.person };
    case "captions": return { ...w, captions: !w.captions };
    case "room": return { ...w, screen: "breakout", room: arg, visited: arg === "2" ? "2" : w.visited, panel: null };
    case "back_main": return { ...w, screen: "meeting", room: "main" };
    case "share": return { ...w, sharing: true, shared: arg, panel: null };
    case "stop": return { ...w, sharing: false, showed: w.shared, shared: null };
    case "second": return { ...w, second: "off" };
    case "cover": return { ...w, cover: "open" };
    case "answer": return { ...w, answer: arg };
    case "leave": return task === "S19" ? w : { ...w, screen: "left", sharing: false, shared: null, panel: null, room: "main", mic: task === "S22" ? "off" : w.mic, cam: task === "S22" ? "off" : w.cam };
    case "rejoin": return { ...w, screen: "meeting" };
    default: return w;
  }
}

const listening = (w) => w.phase === "casting" || w.phase === "story";

/** A message with personal details, or an idea before its phase, is not sent; `refused` says why. */
function chat(w, text) {
  const refused = looksPersonal(text) ? "personal" : listening(w) ? "no_ideas_yet" : text.length < 10 ? "short" : null;
  return { ...w, refused, chat: refused || !text ? w.chat : [...w.chat, text] };
}

/** Feedback that is true in every task, when the task itself has nothing to say. */
function common(run, key, w) {
  const task = taskOf(run);
  if (key === "leave" && w.screen === "left") return "left";
  if (key === "chat") return w.refused;
  if (key === "join") return "later";
  return task !== "S15" && key === "transcript" ? "transcript" : null;
}

export const taskOf = (run) => run.tasks[run.index];

/** A run over the given task ids. `solved` are ids solved earlier; it starts at the first one still open, else at the first. */
export function createRun({ tasks, solved = [], variant = "computer", at = null }) {
  const known = tasks.filter((id) => id in SCENES);
  const first = at !== null && known.includes(at) ? at : known.find((id) => !solved.includes(id)) ?? known[0];
  return enter({ tasks: known, solved: [...solved], variant, world: BLANK, finished: false }, known.indexOf(first));
}

function enter(run, index) {
  const kept = Object.fromEntries(CARRY.map((field) => [field, run.world[field]]));
  return { ...run, index, world: { ...BLANK, ...kept, ...SCENES[run.tasks[index]] }, stage: "do", note: null, help: 0, finished: false };
}

/** The control to use next on the way to the goal, as an event; null when the task is solved. Text controls carry no text: the example comes from the wording. */
export function nextStep(run) {
  if (run.stage !== "do") return null;
  const { world: w } = run;
  if (w.screen === "left") return ev("rejoin");
  if (w.screen === "breakout" && taskOf(run) !== "S16") return ev("back_main");
  return ev(RULES[taskOf(run)].plan(w, run.variant === "phone"));
}

/** Joining by the other way than the one the device is made for: right as well, praised in other words. */
const otherWay = (run, key) => (key === (run.variant === "phone" ? "choose:browser" : "choose:app") ? key.split(":")[1] : null);

/** Every event the learner, the clock or the helper can send. Unknown or impossible events leave the run as it is. */
export function reduce(run, event) {
  const key = keyOf(event);
  switch (event.type) {
    case "go": return run.tasks.includes(event.arg) ? enter(run, run.tasks.indexOf(event.arg)) : run;
    case "again": return enter(run, run.index);
    case "next":
      if (run.stage !== "solved") return run;
      return run.index + 1 < run.tasks.length ? enter(run, run.index + 1) : { ...run, finished: true };
    case "tip": return run.stage === "do" ? { ...run, help: Math.min(run.help + 1, 3) } : run;
    case "show": return run.stage === "do" ? { ...run, help: 4 } : run;
    case "variant": return ["computer", "phone"].includes(event.arg) ? enter({ ...run, variant: event.arg }, run.index) : run;
    default:
  }
  if (!actions(run).includes(key)) return run;
  const task = taskOf(run);
  const world = step(run.world, event, task);
  const rule = RULES[task];
  if (rule.success(world, key)) {
    return { ...run, world, stage: "solved", note: otherWay(run, key) ?? (world.noCamera ? "no_camera" : null), solved: run.solved.includes(task) ? run.solved : [...run.solved, task] };
  }
  return { ...run, world, note: rule.mistake(world, key) || common(run, key, world) };
}

/** Names of the lines people speak now; the wording decides which of them exist. */
export function speech(run) {
  const task = taskOf(run);
  const { world: w } = run;
  if (w.screen === "breakout") return [`room${w.room}`];
  if (w.screen === "lobby" || w.screen === "meeting") return [run.stage === "solved" ? `${task}.solved` : w.asked ? `${task}.asked` : task];
  return [];
}
