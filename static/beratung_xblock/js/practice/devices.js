/**
 * The real device check: level of the microphone, picture of the camera, a test tone. Loaded only when somebody opens it.
 *
 * Asks for a device only after a click, keeps sound and picture on this page, and stops every track when the check ends, the section is
 * closed, the page is left or hidden, or an error happens.
 */

const PROBLEMS = { NotAllowedError: "blocked", SecurityError: "blocked", NotFoundError: "none", OverconstrainedError: "none", NotReadableError: "busy", AbortError: "busy" };

/** chrome, edge, firefox, safari, android or ios: which instructions fit this browser. */
export function browserOf(agent, touchPoints = 0) {
  if (/Android/.test(agent)) return "android";
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return "ios";
  if (/Edg\//.test(agent)) return "edge";
  if (/Firefox\//.test(agent)) return "firefox";
  return /Chrome\/|Chromium\//.test(agent) ? "chrome" : "safari";
}

/** blocked, none, busy or insecure, from the error a browser throws. */
export const problemOf = (error) => PROBLEMS[error?.name] ?? "insecure";

/** A loudness word from the root mean square of samples between -1 and 1. */
export function loudness(samples) {
  const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / Math.max(samples.length, 1));
  if (rms < 0.005) return { rms, word: "silent" };
  if (rms < 0.03) return { rms, word: "quiet" };
  return { rms, word: rms < 0.35 ? "good" : "loud" };
}

export function start(place, texts, { h, patch }) {
  const here = browserOf(navigator.userAgent, navigator.maxTouchPoints);
  let view = { name: "idle", note: null, problem: null, kind: null, word: "silent" };
  let stream = null;
  let sound = null;
  let timer = null;

  function stop(note = null) {
    clearInterval(timer);
    stream?.getTracks().forEach((track) => track.stop());
    sound?.close();
    stream = null;
    sound = null;
    view = { name: "idle", note, problem: null, kind: null, word: "silent" };
  }

  const button = (key, label, main = false) => h("button", { type: "button", key, "data-device": key, class: `kb-button${main ? " kb-button--primary" : ""}` }, label);
  const steps = (problem, browser) => h("ol", null, texts.problems[problem][browser].map((line) => h("li", null, line)));

  function help(problem) {
    return h("div", { key: "problem", class: "kb-notice kb-notice--warn" }, h("p", { class: "kb-notice__title" }, texts.problems[problem].title), h("p", null, h("strong", null, texts.browsers[here])), steps(problem, here),
      h("details", { key: "others" }, h("summary", null, texts.other_browsers), Object.keys(texts.browsers).filter((name) => name !== here).map((name) => h("div", { key: name }, h("p", null, h("strong", null, texts.browsers[name])), steps(problem, name)))));
  }

  function draw() {
    const running = view.name === "running";
    patch(place, [
      h("ul", { key: "explain" }, texts.explain.map((line) => h("li", null, line))),
      running && view.kind === "mic" ? h("div", { key: "level", class: "kb-practice__level" }, h("p", null, texts.speak), h("label", null, texts.level, " ", h("meter", { key: "meter", min: 0, max: 100, "aria-hidden": "true" }))) : null,
      running && view.kind === "cam" ? h("figure", { key: "picture", class: "kb-practice__picture" }, h("video", { key: "video", muted: true, playsinline: true, autoplay: true, "aria-label": texts.picture }), h("figcaption", null, texts.picture, " ", texts.picture_black)) : null,
      h("div", { key: "status", role: "status" }, running && view.kind === "mic" ? h("p", { key: "word", class: "kb-practice__word" }, texts[view.word]) : null, view.name === "asking" ? h("p", { key: "wait" }, texts.waiting) : null, view.note ? h("p", { key: view.note }, texts[view.note]) : null, view.problem ? help(view.problem) : null),
      h("div", { key: "buttons", class: "kb-actions" }, running ? button("stop", texts.stop, true) : [button("mic", texts.mic), button("cam", texts.cam), button("tone", texts.tone)]),
    ].filter(Boolean));
    const video = place.querySelector("video");
    if (video && stream && video.srcObject !== stream) {
      video.muted = true;
      video.srcObject = stream;
    }
  }

  function listen() {
    sound = new AudioContext();
    const analyser = sound.createAnalyser();
    sound.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let lasting = 0;
    timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const { rms, word } = loudness(samples);
      const meter = place.querySelector("meter");
      if (meter) meter.value = Math.min(100, rms * 300);
      lasting = word === view.word ? 0 : lasting + 1;
      if (lasting >= 5) {
        lasting = 0;
        view = { ...view, word };
        draw();
      }
    }, 150);
  }

  async function open(kind) {
    stop();
    view = { ...view, name: "asking" };
    draw();
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new Error("insecure");
      const asked = await navigator.mediaDevices.getUserMedia(kind === "mic" ? { audio: true } : { video: true });
      if (view.name !== "asking") return asked.getTracks().forEach((track) => track.stop());
      stream = asked;
      view = { ...view, name: "running", kind };
      if (kind === "mic") listen();
    } catch (error) {
      stop();
      view = { ...view, problem: problemOf(error) };
    }
    draw();
    return place.querySelector("[data-device=stop]")?.focus();
  }

  async function tone() {
    stop();
    const context = new AudioContext();
    const volume = context.createGain();
    const voice = context.createOscillator();
    volume.gain.setValueAtTime(0, context.currentTime);
    volume.gain.linearRampToValueAtTime(0.15, context.currentTime + 0.05);
    volume.gain.linearRampToValueAtTime(0, context.currentTime + 1);
    voice.frequency.value = 440;
    voice.connect(volume).connect(context.destination);
    voice.start();
    voice.stop(context.currentTime + 1);
    voice.onended = () => context.close();
    view = { ...view, note: "tone_played" };
    draw();
  }

  function end(note) {
    if (view.name === "idle" && !view.problem) return;
    stop(note);
    draw();
  }

  place.addEventListener("click", (event) => {
    const key = event.target.closest("[data-device]")?.dataset.device;
    if (key === "mic" || key === "cam") open(key);
    else if (key === "tone") tone();
    else if (key === "stop") {
      end("stopped");
      place.querySelector("[data-device=mic]")?.focus();
    }
  });
  window.addEventListener("pagehide", () => end(null));
  document.addEventListener("visibilitychange", () => document.hidden && end("stopped"));
  draw();
  return { stop: () => end(null) };
}
