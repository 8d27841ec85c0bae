/**
 * Draws a run as a believable, neutral meeting: described elements from (machine's run, wording), nothing else.
 *
 * Each control carries its machine key in `data-act`; the set of them equals `machine.actions(run)` (a test holds this).
 * `pointer` marks the control "Show me" speaks of.
 */

const PANELS = { devices: "devices", background: "blur", chat: "chat", people: "people", share: "share", more: "more", language: "language", windows: "window" };
const BESIDE = ["second", "volume", "cover", "screen_off"];

export function makeStage({ h, draw, scene, speech }) {
  const { people, mails } = scene;
  const { icon, picture, person } = draw;
  const over = (base, top = {}) => new Proxy(base, { get: (target, name) => (name in top ? top[name] : target[name]) });
  const onPhone = { controls: over(scene.controls, scene.phone.controls), words: over(scene.words, scene.phone.words) };

  return function stage(run, pointer = null) {
    const { world: w } = run;
    const task = run.tasks[run.index];
    const done = run.stage !== "do";
    const phone = run.variant === "phone";
    const { controls, words } = phone ? onPhone : scene;

    /** A button of the drawing. `state` is said and shown after the label. */
    function button(act, label, { kind = "plain", glyph = null, state = null, pressed = null, expanded = null, small = false } = {}) {
      return h("button", {
        type: "button", key: act, "data-act": act, class: `kb-p-b kb-p-b--${kind}${small ? " kb-p-b--small" : ""}`, "aria-disabled": done ? "true" : null,
        "aria-pressed": pressed === null ? null : String(pressed), "aria-expanded": expanded === null ? null : String(expanded), "data-here": pointer === act ? "" : null,
      }, glyph ? icon(glyph) : null, h("span", { class: "kb-p-b__label" }, label, state ? h("span", { class: "kb-p-b__state" }, ` ${state}`) : null));
    }
    const named = (act, options) => button(act, controls[act], options);
    const field = (act, label, value, key) => h("form", { key, "data-act": act, class: "kb-p-form", "data-here": pointer === act ? "" : null },
      h("label", { class: "kb-p-form__label" }, h("span", null, label), h("input", { class: "kb-p-input", name: "text", type: "text", autocomplete: "off", maxlength: act === "name" ? 60 : 300, value, dir: "auto", readonly: done ? true : null })),
      h("button", { type: "submit", class: "kb-p-b kb-p-b--main", "aria-disabled": done ? "true" : null }, controls[act]));
    const toggle = (act, on) => button(act, controls[act], { kind: "bar", glyph: on ? act : `${act}_off`, state: controls[`${act}_${on ? "on" : "off"}`], pressed: on });
    const opener = (name, kind = "bar") => named(`panel:${name}`, { kind, glyph: PANELS[name], expanded: w.panel === name });
    /** An address that breaks after its dots and slashes first. */
    const address = (text) => text.split(/(?<=[./])/u).flatMap((part, place) => (place ? [h("wbr"), part] : [part]));
    const heading = (text) => h("h4", { class: "kb-p-heading" }, text);

    const inbox = () => {
      if (w.mail === null)
        return [heading(scene.screens.inbox), h("ul", { class: "kb-p-mails" }, ["old", "phishing", "today"].map((id) => {
          const mail = mails[id];
          return h("li", { key: id }, h("button", { type: "button", "data-act": `mail:${id}`, class: "kb-p-mail", "aria-disabled": done ? "true" : null, "data-here": pointer === `mail:${id}` ? "" : null },
            icon("mail"), h("span", { class: "kb-p-mail__text" }, h("strong", null, mail.subject), h("span", null, ` ${words.from}: ${mail.from}`), h("span", null, ` ${mail.date}`))));
        }))];
      const mail = mails[w.mail];
      return [heading(mail.subject),
        h("dl", { class: "kb-p-facts" }, h("div", null, h("dt", null, words.from), h("dd", null, mail.from, " ", h("bdi", { dir: "ltr" }, mail.address))), h("div", null, h("dt", null, words.date), h("dd", null, mail.date))),
        mail.body.map((line) => h("p", null, line)),
        h("div", { class: "kb-p-choices" }, button("link", controls[`link:${w.mail}`], { kind: "main", glyph: "link" }), w.mail === "phishing" ? named("delete", { glyph: "bin" }) : null, named("back", { glyph: "back" }))];
    };

    const choose = () => [heading(scene.screens.choose), h("p", null, words.choose_text),
      h("div", { class: "kb-p-choices kb-p-choices--column" }, named("choose:app", { glyph: "app" }), named("choose:download", { glyph: "download" }), named("choose:browser", { glyph: "browser" }))];

    const download = () => [heading(scene.screens.download), h("p", null, words.download_text), h("div", { class: "kb-p-choices" }, button("back", controls.back_download, { glyph: "back" }))];

    const permission = () => {
      if (w.permission === "prompt")
        return [h("div", { key: "ask", class: "kb-p-ask", role: "group", "aria-label": words.permit_question },
          h("p", { class: "kb-p-ask__text" }, words.permit_question), h("p", { class: "kb-p-ask__icons" }, icon("mic"), icon("cam")),
          h("div", { class: "kb-p-choices" }, named("permit:allow", { kind: "main" }), named("permit:block"), named("permit:close", { glyph: "close" }))),
        heading(scene.screens.permission), h("p", null, words.opening)];
      const switches = w.siteOpen && h("div", { key: "site-panel", class: "kb-p-ask" }, h("p", { class: "kb-p-ask__text" }, words.site_title), h("div", { class: "kb-p-choices kb-p-choices--column" }, ["mic", "cam"].map((which) => {
        const on = which === "mic" ? w.siteMic : w.siteCam;
        return button(`site_${which}`, `${controls[which]}:`, { glyph: on ? which : `${which}_off`, pressed: on, state: on ? words.allowed : words.not_allowed, small: true });
      })));
      return [switches, heading(done ? scene.screens.permission : words.blocked)];
    };

    /** What the others see of the learner, in a picture and in words. */
    const ownNote = () => (w.cam === "off" ? words.cam_is_off : w.cover === "closed" ? words.black : w.blur ? words.blurred : words.sharp);
    const ownPicture = () => (w.cam === "on"
      ? picture("you", { blur: w.blur, black: w.cover === "closed", visitor: task === "S20" && !done, wall: "#dccfbd" })
      : h("svg", { class: "kb-p-picture kb-p-picture--off", viewBox: "0 0 160 90", "aria-hidden": "true", preserveAspectRatio: "xMidYMid meet" }, person("guest", 45, 20, 70)));

    const prejoin = () => [heading(scene.screens.prejoin),
      h("div", { class: "kb-p-prejoin" },
        h("div", { class: "kb-p-tile kb-p-tile--own" }, ownPicture(), h("p", { class: "kb-p-tile__note" }, h("span", { class: "kb-visually-hidden" }, `${words.your_picture}: `), ownNote())),
        h("div", { class: "kb-p-bar", role: "group", "aria-label": scene.screens.prejoin }, toggle("mic", w.mic === "on"), toggle("cam", w.cam === "on"), opener("background"), opener("devices")),
        w.panel && h("div", { key: `panel-${w.panel}`, class: "kb-p-panel" }, panel()),
        task === "S04" ? field("name", controls.name_field, w.name, "name-form") : w.name ? h("p", { key: "own-name" }, `${controls.name_field}: `, h("bdi", null, w.name)) : null,
        h("div", { class: "kb-p-choices" }, task === "S06" ? named("no_camera", { glyph: "cam_off" }) : null, named("join", { kind: "main", glyph: "door" })))];

    const lobby = () => [heading(scene.screens.lobby), h("div", { class: "kb-p-lobby" }, icon("door"), h("p", null, words.lobby_joined, " ", words.lobby_text)),
      h("div", { class: "kb-p-choices" }, task === "S08" ? [named("skip", { kind: "main", glyph: "skip" }), named("reload", { glyph: "reload" })] : null, toggle("mic", w.mic === "on"), named("leave_lobby", { glyph: "leave" }))];

    /** One face in the round, with words for what the picture shows. */
    function tile(who, { speaking = false, hand = false, muted = false, wall } = {}) {
      const black = w.cam === "on" && w.cover === "closed";
      const name = who === "you" ? (w.name ? `${w.name} (${words.you})` : words.you) : people[who];
      return h("li", { key: who, class: `kb-p-tile${speaking ? " kb-p-tile--speaking" : ""}` }, who === "you" ? ownPicture() : who === "guest" ? h("svg", { class: "kb-p-picture kb-p-picture--off", viewBox: "0 0 160 90", "aria-hidden": "true" }, person("guest", 45, 20, 70)) : picture(who, { wall }),
        h("span", { class: "kb-p-tile__name" }, h("bdi", null, name), who === "you" ? h("span", { class: black ? "" : "kb-visually-hidden" }, black ? ` ${ownNote()}` : `, ${ownNote()}`) : null, hand ? [icon("hand"), h("span", { class: "kb-visually-hidden" }, `, ${words.hand_is_up}`)] : null, muted ? [icon("mic_off"), h("span", { class: "kb-visually-hidden" }, `, ${words.muted}`)] : null, speaking ? h("span", { class: "kb-visually-hidden" }, `, ${words.speaking}`) : null));
    }

    const said = () => {
      const line = speech(run);
      const captioned = w.captions && w.screen === "meeting";
      return line && h("p", { key: captioned ? "captions-line" : "said", class: captioned ? "kb-p-captions" : "kb-p-said" },
        captioned ? h("span", { class: "kb-p-captions__title" }, words.captions_title) : null, h("strong", null, h("bdi", null, people[line[0]]), ": "), line[1]);
    };

    function panel() {
      const pick = (act, name, group) => button(`${act}:${name}`, [h("span", { class: "kb-visually-hidden" }, `${controls[act]}: `), controls[name]], { pressed: w[group] === name, glyph: name === "headset" ? "devices" : act === "micdev" ? "mic" : "tone" });
      switch (w.panel) {
        case "devices": return [heading(words.devices_title),
          h("div", { role: "group", "aria-label": controls.micdev, class: "kb-p-pick" }, h("p", null, controls.micdev), pick("micdev", "builtin", "micDevice"), pick("micdev", "headset", "micDevice")),
          h("div", { role: "group", "aria-label": controls.spkdev, class: "kb-p-pick" }, h("p", null, controls.spkdev), pick("spkdev", "builtin", "speakerDevice"), pick("spkdev", "headset", "speakerDevice")),
          h("div", { class: "kb-p-choices" }, named("tone", { glyph: "tone" }), w.tone !== "silent" ? [h("p", { key: "tone-text", class: "kb-p-tone" }, w.tone === "played" ? words.tone_playing : words.tone_done), named("heard", { kind: "main", glyph: "check" })] : null)];
        case "background": return [heading(words.background_title), h("div", { class: "kb-p-choices" }, named("bg:none", { pressed: !w.blur }), named("bg:blur", { glyph: "blur", pressed: w.blur }))];
        case "chat": return [heading(words.chat_title), messages(), task === "S21"
          ? h("div", { class: "kb-p-choices kb-p-choices--column" }, ["answer:ok", "answer:ignore", "answer:no"].map((act) => named(act)))
          : field("chat", controls.chat_field, "", `chat-${w.chat.length}`)];
        case "people": return [heading(words.people_title), h("div", { class: "kb-p-choices kb-p-choices--column" }, [...Object.keys(people).filter((id) => id !== "guest" || task === "S14").map((id) =>
          button(`person:${id}`, h("bdi", null, people[id]), { glyph: "people", pressed: w.person === id })), w.person && task === "S14" ? named("report", { kind: "main", glyph: "ask" }) : null])];
        case "more": return [heading(words.more_title), h("div", { class: "kb-p-choices kb-p-choices--column" }, phone ? [opener("people", "plain"), opener("share", "plain")] : null, opener("language", "plain"))];
        case "language": return [heading(words.language_title), h("div", { class: "kb-p-choices kb-p-choices--column" }, button("captions", controls[w.captions ? "captions_on" : "captions_off"], { glyph: "captions" }), named("transcript", { glyph: "transcript" }))];
        case "share": return [heading(words.share_title), h("div", { class: "kb-p-choices" }, w.sharing ? null : [named("share:screen", { glyph: "screen" }), opener("windows", "plain")])];
        default: return [heading(words.windows_title), h("div", { class: "kb-p-choices" }, named("share:mail", { glyph: "mail" }), named("share:leaflet", { glyph: "sheet" }))];
      }
    }

    function messages() {
      const first = scene.chat[task];
      const mine = [...w.chat, ...(done && w.answer ? [controls[`answer:${w.answer}`].replace(/^[„“«]|[“”»]$/gu, "")] : [])];
      const all = [...(first ? [[people[first[0]], first[1]]] : []), ...mine.map((text) => [words.you, text])];
      return all.length ? h("ul", { class: "kb-p-chat" }, all.map(([who, text]) => h("li", null, h("strong", null, h("bdi", null, who), ": "), h("span", { dir: "auto" }, text)))) : h("p", null, words.chat_empty);
    }

    const extras = () => {
      const list = [];
      if (task === "S09") list.push(named("say:hello", { kind: "say", glyph: "say" }));
      if (task === "S10" || (task === "S17" && w.sharing)) list.push(named("listen", { kind: "say", glyph: "ear" }));
      if (task === "S11" || (task === "S12" && !w.asked)) list.push(named("say:question", { kind: "say", glyph: "say" }));
      if (task === "S12" && !w.asked) list.push(named("say:advice", { kind: "say", glyph: "say" }));
      if (task === "S16") list.push(h("p", { key: "rooms" }, words.rooms_open), named("room:1", { glyph: "rooms" }), named("room:2", { glyph: "rooms" }));
      return list.length ? h("div", { key: "extras", class: "kb-p-choices kb-p-extras" }, list) : null;
    };

    const meeting = () => {
      const speaker = speech(run)?.[0];
      const muted = (id) => id !== speaker;
      return [h("h4", { class: "kb-visually-hidden" }, scene.screens.meeting),
        w.sharing ? h("div", { key: "shared", class: "kb-p-shared" }, icon(w.shared === "leaflet" ? "sheet" : w.shared), h("p", null, words[`sharing_${w.shared}`]), named("stop", { kind: "main", glyph: "close" })) : null,
        h("ul", { class: "kb-p-tiles" }, tile("mod", { speaking: speaker === "mod", muted: muted("mod"), wall: "#cfd8d3" }), tile("ali", { speaking: speaker === "ali", muted: muted("ali"), wall: "#d9d3e3" }), tile("olena", { speaking: speaker === "olena", muted: muted("olena"), wall: "#e5dcc7" }),
          tile("juergen", { speaking: speaker === "juergen", muted: muted("juergen"), wall: "#ccd9df" }), task === "S14" ? tile("guest", { muted: true }) : null, tile("you", { hand: w.hand === "up", muted: w.mic === "off" })),
        task === "S20" && !done ? h("p", { key: "visitor", class: "kb-p-event" }, words.visitor) : null,
        task === "S18" && !done ? h("p", { key: "echo", class: "kb-p-event" }, words.echo) : null,
        said(), extras(),
        w.panel && h("div", { key: `panel-${w.panel}`, class: "kb-p-panel kb-p-panel--side" }, panel(), named("close_panel", { glyph: "close", small: true })),
        h("div", { key: "bar", class: "kb-p-bar", role: "group", "aria-label": scene.screens.meeting }, toggle("mic", w.mic === "on"), toggle("cam", w.cam === "on"),
          button("hand", controls[`hand_${w.hand}`], { kind: "bar", glyph: "hand", pressed: w.hand === "up" }), opener("chat"), phone ? null : [opener("people"), w.sharing ? null : opener("share")], opener("more"), named("leave", { kind: "leave", glyph: "leave" }))];
    };

    const breakout = () => [heading(scene.screens.breakout.replace("{room}", w.room)), h("ul", { class: "kb-p-tiles kb-p-tiles--two" }, tile(w.room === "1" ? "juergen" : "olena", { speaking: true, wall: "#e5dcc7" }), tile("you", { muted: w.mic === "off" })), said(),
      h("div", { class: "kb-p-choices" }, named("back_main", { kind: "main", glyph: "back" })),
      h("div", { key: "bar", class: "kb-p-bar", role: "group", "aria-label": scene.screens.meeting }, toggle("mic", w.mic === "on"), toggle("cam", w.cam === "on"), named("leave", { kind: "leave", glyph: "leave" }))];

    const left = () => [heading(scene.screens.left), h("p", null, done ? words.left_text : words.left_text_early), done ? null : h("div", { class: "kb-p-choices" }, named("rejoin", { kind: "main", glyph: "door" }))];

    const screens = { inbox, choose, download, permission, prejoin, lobby, meeting, breakout, left };
    const mailing = w.screen === "inbox";
    const live = w.screen === "meeting";
    const closed = w.screen === "permission" && w.permission === "denied" && !done;
    const frame = h("div", { class: "kb-p-window" },
      h("div", { class: "kb-p-tabs" }, h("span", { class: "kb-p-tab" }, icon(mailing ? "mail" : "people"), h("span", null, mailing ? words.tab_mail : words.tab), task === "S22" && live && !done ? button("close_tab", h("span", { class: "kb-visually-hidden" }, controls.close_tab), { kind: "tab", glyph: "close" }) : null)),
      phone && !closed ? null : h("div", { key: "address", class: "kb-p-address" }, closed ? [named("site", { kind: "site", glyph: "site", expanded: w.siteOpen, small: true }), named("reload", { kind: "site", glyph: "reload", small: true })] : null, phone ? null : h("bdi", { class: "kb-p-url", dir: "ltr" }, address(mailing ? words.mail_address : words.address))),
      h("div", { key: w.screen, class: `kb-p-screen kb-p-screen--${w.screen}` }, screens[w.screen]()));

    const things = BESIDE.filter((act) => live && !done && ((task === "S18" && ["second", "volume"].includes(act)) || (task === "S19" && act === "cover") || (task === "S22" && act === "screen_off")));
    const table = things.length || ((task === "S18" || task === "S19") && live) ? h("div", { key: "beside", class: "kb-p-beside", role: "group", "aria-label": words.outside },
      task === "S18" ? [draw.beside("phone", w.second === "on"), w.second === "on" ? h("p", null, words.second_on) : null] : null,
      task === "S19" ? [draw.beside("camera", w.cover === "open"), w.cover === "closed" ? h("p", null, words.cover_closed) : null] : null,
      h("div", { class: "kb-p-choices" }, things.map((act) => named(act, { glyph: { second: "power", volume: "volume", cover: "cover", screen_off: "screen" }[act] })))) : null;

    return [h("div", { class: `kb-p-device kb-p-device--${run.variant}` }, frame), table];
  };
}
