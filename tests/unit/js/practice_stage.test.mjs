import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { browserOf, loudness, problemOf } from "../../../static/beratung_xblock/js/practice/devices.js";
import { h } from "../../../static/beratung_xblock/js/practice/dom.js";
import { makeDraw } from "../../../static/beratung_xblock/js/practice/draw.js";
import * as m from "../../../static/beratung_xblock/js/practice/machine.js";
import { makeStage } from "../../../static/beratung_xblock/js/practice/stage.js";

const BASE = new URL("../../../beratung_xblock/practice_data/", import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, BASE), "utf8"));
const DATA = read("tasks.json");
const LANGUAGES = readdirSync(BASE, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith("_")).map((entry) => entry.name);

function* walk(node) {
  if (node === null || node === undefined || node === false) return;
  if (Array.isArray(node)) for (const kid of node) yield* walk(kid);
  else if (typeof node === "object") {
    yield node;
    for (const kid of node.kids) yield* walk(kid);
  }
}
const text = (node) => (typeof node === "object" ? (node.tag === "svg" ? "" : node.kids.map(text).join("")) : String(node));

/** Wraps plain data so that every value that is read is remembered, and a missing one fails at once. */
function watched(data, used, missing, path = "") {
  return new Proxy(data, {
    get(target, name) {
      const value = target[name];
      if (typeof name === "symbol" || Array.isArray(target)) return value;
      const here = `${path}/${name}`;
      if (value === undefined) missing.add(here);
      else if (typeof value === "string" || Array.isArray(value)) used.add(here);
      return typeof value === "object" && value !== null && !Array.isArray(value) ? watched(value, used, missing, here) : value;
    },
  });
}
function leaves(data, path = "") {
  return Object.entries(data).flatMap(([name, value]) => (typeof value === "object" && !Array.isArray(value) ? leaves(value, `${path}/${name}`) : [`${path}/${name}`]));
}

function stageFor(scene) {
  const speech = (run) => {
    const [name] = m.speech(run);
    return name === undefined ? null : scene.speech[name] ?? scene.speech[name.split(".")[0]] ?? null;
  };
  return makeStage({ h, draw: makeDraw(h), scene, speech });
}

function dice(seed) {
  let x = seed;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return Math.abs(x) % n;
  };
}

for (const language of LANGUAGES)
  for (const variant of ["computer", "phone"])
    test(`the drawing offers what the machine allows, each control has words (${language}, ${variant})`, () => {
      const scene = read(`${language}/scene.json`);
      const used = new Set();
      const missing = new Set();
      const stage = stageFor(watched(scene, used, missing));
      const roll = dice(777);
      const TEXTS = ["", "Maria S.", "Feste Zeiten könnten helfen.", "Frau Schneider"];
      let run = m.createRun({ tasks: DATA.order, variant });
      for (let i = 0; i < 6000; i += 1) {
        const nodes = [...walk(stage(run, run.stage === "do" ? m.keyOf(m.nextStep(run)) : null))];
        const controls = nodes.filter((node) => node.props["data-act"]);
        const acts = controls.map((node) => node.props["data-act"]);
        if (run.stage === "do") {
          assert.deepEqual([...acts].sort(), [...m.actions(run)].sort(), `${m.taskOf(run)} on ${run.world.screen}, panel ${run.world.panel}`);
          assert.equal(nodes.filter((node) => node.props["data-here"] === "").length, 1, "exactly one control is marked");
        } else for (const node of controls) if (node.tag === "button") assert.equal(node.props["aria-disabled"], "true", `${node.props["data-act"]} looks active in a solved task`);
        for (const node of nodes.filter((one) => one.tag === "button")) {
          assert.match(text(node).trim(), /\p{L}{2}/u, `a button without words: ${node.props["data-act"]}`);
          assert.equal(node.props.type === "button" || node.props.type === "submit", true);
        }
        const keys = nodes.map((node) => node.props.key).filter((key) => key !== undefined);
        assert.equal(new Set(keys).size, keys.length, `a key is used twice: ${keys}`);
        if (run.stage !== "do") run = m.reduce(run, m.ev("next"));
        else if (roll(12) === 0) run = m.reduce(run, m.ev(`go:${DATA.order[roll(DATA.order.length)]}`));
        else {
          const key = m.actions(run)[roll(m.actions(run).length)];
          run = m.reduce(run, ["name", "chat"].includes(key) ? m.ev(key, TEXTS[roll(TEXTS.length)]) : m.ev(key));
        }
        if (run.finished) run = m.createRun({ tasks: DATA.order, variant });
      }
      const optional = /^\/(speech|chat)\//;
      assert.deepEqual([...missing].filter((path) => !optional.test(path)), []);
      const forThisDevice = variant === "computer" ? (path) => !/^\/(speech|notes|phone)\//.test(path) : (path) => path.startsWith("/phone/");
      assert.deepEqual(leaves(scene).filter((path) => !used.has(path) && forThisDevice(path)), [], "texts nobody sees");
    });

for (const language of LANGUAGES)
  test(`every note, mistake and spoken line of the machine has words (${language})`, () => {
    const scene = read(`${language}/scene.json`);
    const wording = read(`${language}/tasks.json`);
    const notes = new Map();
    const lines = new Set();
    const roll = dice(99);
    const TEXTS = ["", "M", "a@b.de", "0171 2222", "Maria S.", "Ja", "Frau Schneider war da.", "Feste Zeiten könnten helfen."];
    let run = m.createRun({ tasks: DATA.order });
    for (let i = 0; i < 60000; i += 1) {
      m.speech(run).forEach((name) => lines.add(name));
      if (run.note && run.stage === "do") notes.set(`${m.taskOf(run)}/${run.note}`, [m.taskOf(run), run.note]);
      if (run.stage !== "do" || roll(12) === 0) run = m.reduce(run, m.ev(`go:${DATA.order[roll(DATA.order.length)]}`));
      else {
        const key = m.actions(run)[roll(m.actions(run).length)];
        run = m.reduce(run, ["name", "chat"].includes(key) ? m.ev(key, TEXTS[roll(TEXTS.length)]) : m.ev(key));
      }
    }
    for (const [task, note] of notes.values()) assert.ok(wording[task].mistakes[note] ?? scene.notes[note], `${task}: no words for ${note}`);
    for (const [task, own] of Object.entries(wording)) for (const note of Object.keys(own.mistakes)) assert.ok(notes.has(`${task}/${note}`), `${task}: nobody ever reads "${note}"`);
    for (const name of Object.keys(scene.speech)) assert.ok(lines.has(name), `nobody ever says ${name}`);
    for (const name of Object.keys(scene.notes)) assert.ok([...notes.values()].some(([, note]) => note === name), `nobody ever reads the note ${name}`);
  });

const strings = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(strings));

for (const language of LANGUAGES)
  test(`every button, name and message that a task quotes exists in the drawing (${language})`, () => {
    const scene = read(`${language}/scene.json`);
    const wording = read(`${language}/tasks.json`);
    let found = 0;
    const bare = (one) => one.replace(/[„“”«».,:]/g, "").toLowerCase();
    for (const [task, own] of Object.entries(wording)) {
      const shown = bare([...strings(scene), own.example ?? ""].join(" | "));
      const quotes = strings(own).flatMap((one) => [...one.matchAll(/[„“«]([^“”»]+)[“”»]/g)].map((match) => match[1].trim()));
      for (const quote of quotes) assert.ok(shown.includes(bare(quote)), `${task} quotes "${quote}"`);
      found += quotes.length;
    }
    assert.ok(found > 50, `only ${found} quotes were found`);
  });

for (const language of LANGUAGES)
  test(`the phone shows an app, the computer a browser with an address (${language})`, () => {
    const stage = stageFor(read(`${language}/scene.json`));
    const address = (run) => [...walk(stage(run))].filter((node) => node.props.class === "kb-p-url").length;
    for (const at of DATA.order) {
      assert.equal(address(m.createRun({ tasks: DATA.order, variant: "computer", at })), 1, at);
      assert.equal(address(m.createRun({ tasks: DATA.order, variant: "phone", at })), 0, at);
    }
  });

test("the right answer stands in the chat once it is given", () => {
  const scene = read("de/scene.json");
  let run = m.createRun({ tasks: DATA.order, at: "S21" });
  for (const key of ["panel:chat", "answer:ok"]) run = m.reduce(run, m.ev(key));
  const messages = () => [...walk(stageFor(scene)(run))].filter((node) => node.props.class === "kb-p-chat").flatMap((node) => node.kids.map(text));
  assert.deepEqual(messages(), [`Jürgen: ${scene.chat.S21[1]}`]);
  run = m.reduce(run, m.ev("answer:no"));
  assert.deepEqual(messages(), [`Jürgen: ${scene.chat.S21[1]}`, "Sie: Bitte nicht aufnehmen. Ich erzähle Ihnen später gern das Wichtigste."]);
});

test("browsers are told apart by their names for themselves", () => {
  const agents = {
    chrome: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    edge: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    firefox: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    safari: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    android: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
    ios: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
  };
  for (const [name, agent] of Object.entries(agents)) assert.equal(browserOf(agent), name);
  assert.equal(browserOf(agents.safari, 5), "ios", "an iPad calls itself a Mac with touch");
});

test("each failure of a device has a name and, in every language and browser, something to do", () => {
  const named = ["NotAllowedError", "SecurityError", "NotFoundError", "OverconstrainedError", "NotReadableError", "AbortError", "TypeError"].map((name) => problemOf({ name }));
  assert.deepEqual(named, ["blocked", "blocked", "none", "none", "busy", "busy", "insecure"]);
  for (const language of LANGUAGES) {
    const devices = read(`${language}/devices.json`);
    for (const problem of new Set(named)) for (const browser of Object.keys(devices.browsers)) assert.ok(devices.problems[problem][browser].length >= 1, `${language}/${problem}/${browser}`);
  }
});

test("loudness is told in four words", () => {
  assert.deepEqual([0, 0.01, 0.1, 0.5].map((level) => loudness(new Float32Array(64).fill(level)).word), ["silent", "quiet", "good", "loud"]);
});
