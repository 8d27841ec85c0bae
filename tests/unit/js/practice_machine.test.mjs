import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as m from "../../../static/beratung_xblock/js/practice/machine.js";

const read = (path) => JSON.parse(readFileSync(new URL(`../../../beratung_xblock/practice_data/${path}`, import.meta.url), "utf8"));
const DATA = read("tasks.json");
const WORDING = read("de/tasks.json");
const VARIANTS = ["computer", "phone"];

/** A repeatable stream of numbers below n (xorshift), so that a failure can be run again. */
function dice(seed) {
  let x = seed;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return Math.abs(x) % n;
  };
}

const TEXTS = ["", "M", "Maria S.", "maria@example.org", "0151 123456", "Hallo", "Frau Schneider hat angerufen.", "Ich könnte mir vorstellen, feste Zeiten zu vereinbaren."];
const withText = (event, text) => (["name", "chat"].includes(event.type) ? { ...event, text } : event);
const example = (run) => WORDING[m.taskOf(run)].example ?? "Eine Idee für alle.";

/** Follow "Show me" to the end of the task; answers how many steps it took. */
function follow(run) {
  let steps = 0;
  while (run.stage === "do") {
    const event = m.nextStep(run);
    assert.ok(m.actions(run).includes(m.keyOf(event)), `${m.taskOf(run)}: ${m.keyOf(event)} is not offered on ${run.world.screen}`);
    run = m.reduce(run, withText(event, example(run)));
    steps += 1;
    assert.ok(steps <= 8, `${m.taskOf(run)} on ${run.world.screen} is not solved after ${steps} steps`);
  }
  return steps;
}

test("the machine knows exactly the tasks of the shipped list", () => {
  assert.deepEqual([...m.TASK_IDS].sort(), [...DATA.order].sort());
  assert.deepEqual([...DATA.basic, ...DATA.further].sort(), [...DATA.order].sort());
});

for (const variant of VARIANTS) {
  test(`every task is reached and solved by its own guide (${variant})`, () => {
    let run = m.createRun({ tasks: DATA.order, variant });
    const seen = [];
    while (!run.finished) {
      seen.push(m.taskOf(run));
      while (run.stage === "do") run = m.reduce(run, withText(m.nextStep(run), example(run)));
      run = m.reduce(run, m.ev("next"));
    }
    assert.deepEqual(seen, DATA.order);
    assert.deepEqual(run.solved, DATA.order);
  });

  test(`every task can be started directly (${variant})`, () => {
    for (const id of DATA.order) assert.ok(follow(m.createRun({ tasks: DATA.order, variant, at: id })) >= 1, id);
  });

  test(`120,000 random steps: no dead end, the guide always fits the screen (${variant})`, () => {
    const roll = dice(variant === "phone" ? 20260101 : 424243);
    const visited = new Set();
    const solved = new Set();
    let run = m.createRun({ tasks: DATA.order, variant });
    let steps = 0;
    for (; steps < 120000; steps += 1) {
      const offered = m.actions(run);
      assert.equal(new Set(offered).size, offered.length, `a control appears twice: ${offered}`);
      const wild = roll(40);
      if (run.stage === "solved") {
        solved.add(m.taskOf(run));
        run = wild < 4 ? m.reduce(run, m.ev("again")) : m.reduce(run, m.ev("next"));
        if (run.finished) run = m.createRun({ tasks: DATA.order, variant, at: DATA.order[roll(DATA.order.length)] });
        continue;
      }
      assert.ok(offered.length > 0, `nothing to do in ${m.taskOf(run)} on ${run.world.screen}`);
      visited.add(`${m.taskOf(run)}/${run.world.screen}/${run.world.panel}`);
      follow(run);
      if (wild === 0) run = m.reduce(run, m.ev(`go:${DATA.order[roll(DATA.order.length)]}`));
      else if (wild === 1) run = m.reduce(run, m.ev("tip"));
      else run = m.reduce(run, withText(m.ev(offered[roll(offered.length)]), TEXTS[roll(TEXTS.length)]));
    }
    assert.equal(solved.size, 22);
    assert.ok(visited.size > 100, `only ${visited.size} places were visited`);
  });
}

/** [task, events as keys or [key, text], expected note, expected stage] from the mistakes of the course outline. */
const MISTAKES = [
  ["S01", ["mail:old", "link"], "old", "do"],
  ["S01", ["mail:phishing", "link"], "phishing", "do"],
  ["S01", ["mail:phishing", "delete"], "deleted", "do"],
  ["S01", ["mail:today"], null, "do"],
  ["S01", ["mail:today", "link"], null, "solved"],
  ["S02", ["choose:download"], "download", "do"],
  ["S02", ["choose:app"], "app", "solved"],
  ["S02", ["choose:browser"], null, "solved"],
  ["S03", ["permit:block"], "denied", "do"],
  ["S03", ["permit:close"], "dismissed", "do"],
  ["S03", ["permit:block", "site"], "denied", "do"],
  ["S03", ["permit:block", "reload"], "still_blocked", "do"],
  ["S03", ["permit:block", "site", "site_mic", "reload"], "still_blocked", "do"],
  ["S03", ["permit:block", "site", "site_mic", "site_cam", "reload"], null, "solved"],
  ["S03", ["permit:allow"], null, "solved"],
  ["S04", [["name", "a@b.example"]], "email", "do"],
  ["S04", [["name", "Maria 0171"]], "phone", "do"],
  ["S04", [["name", "   "]], "empty", "do"],
  ["S04", [["name", "M"]], "short", "do"],
  ["S04", ["join"], "empty", "do"],
  ["S04", [["name", " Maria S. "]], null, "solved"],
  ["S04", [["name", "Maria 12"]], null, "solved"],
  ["S05", ["panel:devices", "micdev:builtin"], "builtin", "do"],
  ["S05", ["panel:devices", "micdev:headset", "tone", "heard"], "speaker", "do"],
  ["S05", ["panel:devices", "micdev:headset", "spkdev:headset", "panel:devices"], "tone", "do"],
  ["S05", ["panel:devices", "micdev:headset", "spkdev:headset", "tone"], null, "do"],
  ["S05", ["panel:devices", "micdev:headset", "spkdev:headset", "tone", "heard"], null, "solved"],
  ["S06", ["cam"], "room_visible", "do"],
  ["S06", ["cam", "panel:background", "bg:blur"], null, "solved"],
  ["S06", ["no_camera"], "no_camera", "solved"],
  ["S07", ["join"], "mic_on", "do"],
  ["S07", ["join", "mic"], null, "solved"],
  ["S07", ["mic", "join"], null, "solved"],
  ["S08", ["leave_lobby"], "left_lobby", "do"],
  ["S08", ["reload"], "reload", "do"],
  ["S08", ["leave_lobby", "join", "skip"], null, "solved"],
  ["S09", ["say:hello"], "muted", "do"],
  ["S09", ["mic", "say:hello"], null, "solved"],
  ["S10", ["listen"], "dog", "do"],
  ["S10", ["mic"], null, "solved"],
  ["S11", ["mic"], "interrupt", "do"],
  ["S11", ["mic", "hand"], "interrupt", "do"],
  ["S11", ["say:question"], "wait", "do"],
  ["S11", ["hand"], null, "solved"],
  ["S12", ["say:question"], "muted", "do"],
  ["S12", ["mic", "say:advice"], "advice", "do"],
  ["S12", ["mic", "say:question", "mic"], "hand_up", "do"],
  ["S12", ["mic", "say:question", "mic", "hand"], null, "solved"],
  ["S12", ["mic", "say:question", "hand", "mic"], null, "solved"],
  ["S12", ["panel:chat", ["chat", "Ich habe eine gute Idee."]], "no_ideas_yet", "do"],
  ["S13", ["panel:chat", ["chat", "Frau Schneider soll kommen."]], "personal", "do"],
  ["S13", ["panel:chat", ["chat", "Rufen Sie 02331 4455 an."]], "personal", "do"],
  ["S13", ["panel:chat", ["chat", "Ja"]], "short", "do"],
  ["S13", ["panel:chat", ["chat", "Feste Zeiten helfen."]], null, "solved"],
  ["S14", ["panel:people", "person:ali", "report"], "known", "do"],
  ["S14", ["panel:people", "person:guest", "report"], null, "solved"],
  ["S15", ["panel:more", "panel:language", "transcript"], "transcript", "do"],
  ["S15", ["panel:more", "panel:language", "captions"], null, "solved"],
  ["S16", ["leave"], "left", "do"],
  ["S16", ["room:1"], "room_one", "do"],
  ["S16", ["room:2"], null, "do"],
  ["S16", ["room:2", "back_main"], null, "solved"],
  ["S17", ["panel:share", "share:screen"], "screen", "do"],
  ["S17", ["panel:share", "share:screen", "stop"], null, "do"],
  ["S17", ["panel:share", "panel:windows", "share:leaflet", "listen"], "still_sharing", "do"],
  ["S17", ["panel:share", "panel:windows", "share:leaflet", "stop"], null, "solved"],
  ["S18", ["volume"], "volume", "do"],
  ["S18", ["second"], null, "solved"],
  ["S18", ["mic"], null, "solved"],
  ["S19", ["leave"], "leave", "do"],
  ["S19", ["cover"], null, "solved"],
  ["S20", ["mic"], "only_mic", "do"],
  ["S20", ["cam"], "only_cam", "do"],
  ["S20", ["cam", "mic"], null, "solved"],
  ["S21", ["panel:chat", "answer:ok"], "ok", "do"],
  ["S21", ["panel:chat", "answer:ignore"], "ignore", "do"],
  ["S21", ["panel:chat", "answer:no"], null, "solved"],
  ["S22", ["screen_off"], "screen_off", "do"],
  ["S22", ["close_tab"], "tab_closed", "do"],
  ["S22", ["leave"], null, "solved"],
];

for (const [task, keys, note, stage] of MISTAKES) {
  test(`${task}: ${keys.map((k) => (Array.isArray(k) ? k.join("=") : k)).join(", ")} -> ${note ?? "-"} (${stage})`, () => {
    let run = m.createRun({ tasks: DATA.order, at: task });
    for (const key of keys) {
      const event = Array.isArray(key) ? m.ev(...key) : m.ev(key);
      assert.ok(m.actions(run).includes(m.keyOf(event)), `${m.keyOf(event)} is not offered`);
      run = m.reduce(run, event);
    }
    assert.deepEqual([run.note, run.stage], [note, stage]);
  });
}

for (const [variant, guided, note] of [["computer", "choose:browser", null], ["computer", "choose:app", "app"], ["phone", "choose:app", null], ["phone", "choose:browser", "browser"]])
  test(`S02 on the ${variant}: ${guided} is right, the guide shows the way this device is made for`, () => {
    const run = m.createRun({ tasks: DATA.order, variant, at: "S02" });
    assert.equal(m.keyOf(m.nextStep(run)) === guided, note === null);
    const after = m.reduce(run, m.ev(guided));
    assert.deepEqual([after.stage, after.note], ["solved", note]);
    const words = variant === "phone" ? { ...WORDING.S02, ...WORDING.S02.phone } : WORDING.S02;
    assert.ok(note === null || words[`success_${note}`], "praise of its own");
  });

test("progress is kept, repeated tasks count once, and the start is the first open task", () => {
  let run = m.createRun({ tasks: DATA.basic, solved: ["S01", "S02"] });
  assert.equal(m.taskOf(run), "S03");
  run = m.reduce(run, m.ev("permit:allow"));
  assert.deepEqual(run.solved, ["S01", "S02", "S03"]);
  run = m.reduce(m.reduce(run, m.ev("again")), m.ev("permit:allow"));
  assert.deepEqual(run.solved, ["S01", "S02", "S03"]);
});

test("controls that are not on the screen do nothing; nothing goes on before a task is solved", () => {
  const run = m.createRun({ tasks: DATA.basic });
  for (const key of ["mic", "link", "leave", "next", "nonsense", "go:S99"]) assert.equal(m.reduce(run, m.ev(key)), run, key);
});

test("tips come one after another, at most three, and showing comes after them", () => {
  let run = m.createRun({ tasks: ["S22"] });
  const help = [];
  for (let i = 0; i < 4; i += 1) {
    run = m.reduce(run, m.ev("tip"));
    help.push(run.help);
  }
  assert.deepEqual([...help, m.reduce(run, m.ev("show")).help], [1, 2, 3, 3, 4]);
});

test("what learners set up for themselves stays from task to task", () => {
  let run = m.createRun({ tasks: DATA.basic, at: "S04" });
  run = m.reduce(m.reduce(run, m.ev("name", "Maria S.")), m.ev("next"));
  assert.deepEqual([m.taskOf(run), run.world.name], ["S05", "Maria S."]);
});
