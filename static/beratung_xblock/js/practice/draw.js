/** Icons, faces and rooms as described SVG: one line width, few colours, nothing borrowed from any product. */

/** Paths on a 24 x 24 field, drawn as lines. */
const ICONS = {
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6",
  mic_off: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6M4 3l16 18",
  cam: "M4 7h10a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1zM15 11l6-3v8l-6-3",
  cam_off: "M4 7h10a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1zM15 11l6-3v8l-6-3M4 3l16 18",
  hand: "M8 12V6a1.5 1.5 0 0 1 3 0V4.5a1.5 1.5 0 0 1 3 0V6a1.5 1.5 0 0 1 3 0v8c0 4-2.5 7-6 7-3 0-4.5-1.5-6-4.5L3.5 13c-.7-1.3 1-2.5 2-1.5L8 14M11 6v5M14 6v5",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.5 2.5-6 6-6s6 2.5 6 6zM16 5a3 3 0 0 1 0 6M17 14c2.5.5 4 2.800 4 6",
  more: "M5 11a1 1 0 1 0 .01 0zM12 11a1 1 0 1 0 .01 0zM19 11a1 1 0 1 0 .01 0z",
  share: "M3 5h18v12H3zM8 21h8M12 14V8M9 11l3-3 3 3",
  leave: "M3 14c5-5 13-5 18 0l-2.5 3-3.5-1.5v-2.5c-2-.7-4-.7-6 0v2.5L5.5 17z",
  language: "M4 6h9M8.5 4v2M11 6c-1 4-3.5 6.5-7 8M6 9c1 2.5 3 4 6 5M12 20l4-9 4 9M13.5 17h5",
  captions: "M3 6h18v12H3zM7 11h4M13 11h4M7 14h6M15 14h2",
  transcript: "M6 3h9l4 4v14H6zM9 11h7M9 15h7",
  window: "M3 5h18v14H3zM3 9h18",
  screen: "M3 4h18v12H3zM8 20h8M12 16v4",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  sheet: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h4",
  blur: "M12 12a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 20c0-3.5 2.5-6 6-6s6 2.5 6 6M3 5h2M3 9h2M19 5h2M19 9h2",
  devices: "M4 14v-2a8 8 0 0 1 16 0v2M4 14h3v6H5a1 1 0 0 1-1-1zM20 14h-3v6h2a1 1 0 0 0 1-1z",
  tone: "M4 10v4h3l5 4V6L7 10zM15 9a4 4 0 0 1 0 6M17.5 6.5a8 8 0 0 1 0 11",
  site: "M4 8h8M18 8h2M4 16h2M12 16h8M15 5.5v5M9 13.5v5",
  reload: "M19 12a7 7 0 1 1-2-5M19 4v4h-4",
  close: "M6 6l12 12M18 6L6 18",
  back: "M19 12H5M11 6l-6 6 6 6",
  bin: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v6M14 11v6",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  app: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  download: "M12 4v11M8 11l4 4 4-4M5 20h14",
  browser: "M3 5h18v14H3zM3 9h18M6 7h.01M9 7h.01",
  skip: "M5 6l7 6-7 6zM13 6l7 6-7 6z",
  door: "M6 3h10v18H6zM13 12h.01M3 21h18",
  rooms: "M3 4h8v7H3zM13 4h8v7h-8zM8 14h8v7H8z",
  say: "M4 5h16v10H11l-4 4v-4H4zM8 10h8",
  ear: "M8 10a4.5 4.5 0 0 1 9 0c0 4-4 4-4 7.5 0 2-3.5 3-4.5.5M10.5 10a2 2 0 0 1 4 0c0 1.5-1.5 2-2 3",
  power: "M12 4v8M7 7a7 7 0 1 0 10 0",
  volume: "M4 10v4h3l5 4V6L7 10zM16 12h5",
  cover: "M3 8h18v8H3zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM15 5h6",
  check: "M5 12l5 5L20 7",
  ask: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .9-1 1.7M12 16.5h.01",
};

/** [skin, hair, clothes, hair style] */
const FACES = {
  mod: ["#d9a07a", "#7d756c", "#2f6b73", "bob"],
  ali: ["#a86f4a", "#2b2320", "#7a5a9c", "short"],
  olena: ["#f0c9a8", "#b98a3c", "#a6503c", "long"],
  juergen: ["#efc4a6", "#9a9188", "#4d6f3f", "short"],
  you: ["#c98f68", "#5c4033", "#36548f", "bob"],
  visitor: ["#f0c9a8", "#4a3b32", "#566072", "short"],
  guest: null,
};
const HAIR = {
  bob: "M26 46c-2-22 8-32 24-32s26 10 24 32c-2 8-6 12-8 12V40c-10 0-18-3-24-10-2 6-4 9-8 10v18c-2 0-6-4-8-12z",
  short: "M29 38c-1-16 8-24 21-24s22 8 21 24c-3-6-6-9-8-10-8 3-20 3-27 0-2 1-5 4-7 10z",
  long: "M24 78c2-10-4-40 6-54 8-12 32-12 40 0 10 14 4 44 6 54-6 0-10-4-10-10V38c-10 0-20-4-25-11-2 6-4 9-7 11v30c0 6-4 10-10 10z",
};

export function makeDraw(h) {
  const icon = (name) => h("svg", { class: ["back", "skip"].includes(name) ? "kb-p-icon kb-p-icon--turns" : "kb-p-icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, h("path", { d: ICONS[name] }));

  /** Head and shoulders; `who` without a face (an unknown guest) is only a shape. */
  function person(who, x = 0, y = 0, size = 100) {
    const face = FACES[who];
    const frame = { x, y, width: size, height: size, viewBox: "0 0 100 100" };
    if (!face) return h("svg", frame, h("circle", { cx: 50, cy: 40, r: 18, fill: "#8a8f98" }), h("path", { d: "M16 100c0-22 14-34 34-34s34 12 34 34z", fill: "#8a8f98" }));
    const [skin, hair, clothes, style] = face;
    const smile = h("path", { d: "M42 52q8 7 16 0", fill: "none", stroke: "#4b2e20", "stroke-width": 2.5, "stroke-linecap": "round" });
    const head = h("path", { d: "M33 36c0-14 34-14 34 0v10c0 12-8 19-17 19s-17-7-17-19z", fill: skin });
    return h("svg", frame,
      style === "long" ? h("path", { d: HAIR.long, fill: hair }) : null,
      h("path", { d: "M14 100c0-20 14-30 36-30s36 10 36 30z", fill: clothes }),
      h("path", { d: "M42 60h16v12q-8 7-16 0z", fill: skin }), head,
      h("circle", { cx: 43, cy: 42, r: 2.4, fill: "#2b1d15" }), h("circle", { cx: 57, cy: 42, r: 2.4, fill: "#2b1d15" }), smile,
      style === "long" ? h("path", { d: "M33 38c0-12 6-17 17-17s17 5 17 17c-8-1-15-4-19-9-3 5-8 8-15 9z", fill: hair }) : h("path", { d: HAIR[style], fill: hair }));
  }

  /** A tile's picture: wall, window and shelf behind somebody. `blur` softens the room only; `visitor` puts somebody in the door. */
  function picture(who, { blur = false, black = false, wall = "#cfd8d3", visitor = false } = {}) {
    if (black) return h("svg", { class: "kb-p-picture", viewBox: "0 0 160 90", "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice" }, h("rect", { width: 160, height: 90, fill: "#0b0b0d" }));
    return h("svg", { class: "kb-p-picture", viewBox: "0 0 160 90", "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice" },
      h("g", { class: blur ? "kb-p-blurred" : "" },
        h("rect", { width: 160, height: 90, fill: wall }),
        h("rect", { x: 10, y: 10, width: 34, height: 34, fill: "#e9f2f7", stroke: "#7c6a55", "stroke-width": 2 }),
        h("path", { d: "M27 10v34M10 27h34", stroke: "#7c6a55", "stroke-width": 1.5 }),
        h("rect", { x: 112, y: 14, width: 40, height: 3, fill: "#7c6a55" }),
        h("path", { d: "M115 14V5h5v9M121 14V3h4v11M127 14V6h6v8", fill: "#9a5b45" }),
        h("path", { d: "M142 14q-5-8 0-12q5 4 0 12", fill: "#56824c" }),
        visitor ? h("rect", { x: 112, y: 22, width: 34, height: 68, fill: "#6d5b47" }) : h("rect", { x: 118, y: 40, width: 30, height: 50, fill: "#8d7a63" }),
        visitor ? person("visitor", 104, 34, 50) : null),
      person(who, 45, 20, 70));
  }

  /** A device lying beside the window: a second phone, or a camera with its cover. */
  function beside(kind, on) {
    if (kind === "phone")
      return h("svg", { class: "kb-p-thing", viewBox: "0 0 60 100", "aria-hidden": "true" },
        h("rect", { x: 8, y: 4, width: 44, height: 92, rx: 7, fill: "#2b2f36" }), h("rect", { x: 12, y: 12, width: 36, height: 74, fill: on ? "#d7ecf2" : "#14161a" }),
        on ? h("path", { d: "M22 49l8 6V37l-8 6h-5v6zM36 40a8 8 0 0 1 0 12M40 36a14 14 0 0 1 0 20", fill: "none", stroke: "#2b2f36", "stroke-width": 2.5 }) : null);
    return h("svg", { class: "kb-p-thing kb-p-thing--wide", viewBox: "0 0 120 70", "aria-hidden": "true" },
      h("rect", { x: 4, y: 8, width: 112, height: 58, rx: 6, fill: "#2b2f36" }), h("rect", { x: 12, y: 22, width: 96, height: 38, fill: "#d7ecf2" }),
      h("circle", { cx: 60, cy: 15, r: 5, fill: "#10151c", stroke: "#8fb4c4", "stroke-width": 1.5 }), h("rect", { x: on ? 74 : 50, y: 9, width: 20, height: 12, rx: 2, fill: "#b4572f" }));
  }

  return { icon, person, picture, beside };
}
