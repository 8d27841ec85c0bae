// The companion's arithmetic: clock, pace, notices. Run with `node --test tests/unit/js/session/`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, dueNotice, nextDelay, remainingNow } from "../../../../static/beratung_xblock/js/session/clock.js";
import { Regions } from "../../../../static/beratung_xblock/js/session/regions.js";
import { mark, write } from "../../../../static/beratung_xblock/js/session/session.js";

test("the clock reads in minutes and seconds, overtime upwards", () => {
  assert.deepEqual([600, 425, 59.2, 0.4, 0, -1, -65.9].map(clockText), ["10:00", "7:05", "1:00", "0:01", "0:00", "0:01", "1:05"]);
});

test("time left follows our own steady clock, and stands while the clock stands", () => {
  assert.equal(remainingNow({ running: true, remaining: 300 }, 1000, 61000), 240);
  assert.equal(remainingNow({ running: false, remaining: 300 }, 1000, 61000), 300);
});

test("each notice is due once, when its border is crossed", () => {
  assert.equal(dueNotice(121, 120, 600), "two_minutes");
  assert.equal(dueNotice(120, 119, 600), "");
  assert.equal(dueNotice(0.2, -0.1, 600), "time_up");
  assert.equal(dueNotice(-1, -2, 600), "");
  assert.equal(dueNotice(121, 119, 120), "", "a phase of two minutes gives no notice at its start");
});

test("a running session is asked within three seconds, a failing server ever slower", () => {
  const delay = (more) => nextDelay({ every: 3, failures: 0, random: 0.5, ...more });
  assert.equal(delay({}), 2550);
  assert.ok(delay({ random: 0.999 }) <= 3000);
  assert.equal(delay({ random: 0 }), 2100);
  const slower = [1, 2, 3, 4, 5, 6, 20].map((failures) => delay({ failures }));
  assert.deepEqual(slower, [1000, 2000, 4000, 8000, 16000, 20000, 20000]);
});

test("the clock changes text inside its node and an attribute only when it differs: page watchers count every new node and every setting", () => {
  const element = { childNodes: [{ nodeType: 3, data: "9:59" }], get firstChild() { return this.childNodes[0]; }, get textContent() { return this.childNodes[0].data; }, set textContent(_) { assert.fail("a new node"); } };
  write(element, "9:58");
  assert.equal(element.childNodes[0].data, "9:58");
  const states = [];
  const dataset = { set state(value) { states.push(value); }, get state() { return states.at(-1); } };
  for (const state of ["", "", "soon", "soon", "over"]) { mark({ dataset }, state); }
  assert.deepEqual(states, ["", "soon", "over"]);
});

test("nothing is exchanged under a finger: what came meanwhile shows when it is lifted, the newest only", () => {
  globalThis.window = { dispatchEvent() {}, setTimeout: () => 7, clearTimeout() {} };
  const regions = new Regions({ querySelectorAll: () => [], querySelector: () => ({}) }, {}, () => {});
  const swapped = [];
  regions.swap = (_box, html) => swapped.push(html);
  regions.show({ steer: "one" });
  regions.press();
  regions.show({ steer: "two" });
  regions.show({ steer: "three" });
  assert.deepEqual(swapped, ["one"]);
  regions.release();
  assert.deepEqual(swapped, ["one", "three"]);
  regions.show({ steer: "three" });
  regions.show({ steer: "four" });
  assert.deepEqual(swapped, ["one", "three", "four"]);
});

test("who is not in the session any more sees nothing of it, and keeps the text that was not sent", () => {
  const asked = new Map();
  const forms = { case: [], ideas: [{ id: "f-idea", querySelector: () => ({ textContent: "Das geht in dieser Phase nicht." }) }] };
  const said = [];
  const boxes = Object.keys(forms).map((name) => ({
    dataset: { kbRegion: name }, innerHTML: `${name}: Geheimnis`, contains: () => false,
    querySelectorAll: (what) => (what === "form[data-kb-text]" ? forms[name] : []),
  }));
  globalThis.document = { activeElement: null, getElementById: () => null };
  globalThis.window = { dispatchEvent: () => {} };
  globalThis.Event ??= class {};
  const element = {
    querySelectorAll: (what) => (what === "[data-kb-region]" ? boxes : []),
    querySelector: (what) => boxes.find((box) => what.includes(`"${box.dataset.kbRegion}"`)),
  };
  const regions = new Regions(element, {}, (message) => said.push(message));
  regions.park = (id, text) => asked.set(id, text);
  regions.dirty.set("f-idea", "Noch nicht gesendet");
  regions.close();
  assert.deepEqual(boxes.map((box) => box.innerHTML), ["", ""]);
  assert.deepEqual([...asked], [["f-idea", "Noch nicht gesendet"]]);
  assert.deepEqual(said, ["Das geht in dieser Phase nicht."], "why it was not sent does not go with the form");
  regions.show({ case: "wieder da" });
  assert.equal(boxes[0].innerHTML, "wieder da", "who comes back sees it again");
  delete globalThis.document;
  delete globalThis.window;
});
