/* What the platform's page does for blocks: finds them, calls their init function with (runtime, element, args). Runs deferred, after
 * the blocks' own classic scripts. In Studio the element comes as a jQuery-like list, as there. */
(() => {
  const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const isStudio = document.body.classList.contains("is-studio");
  const editor = document.querySelector("[data-studio-edit]");

  // Small screens show the tools behind the name; wide ones always. Without script they stay open.
  const menu = document.querySelector(".menu");
  const small = window.matchMedia("(max-width: 72rem)");
  const fold = () => {
    if (!menu) return;
    menu.open = !small.matches;
    menu.querySelector("summary").tabIndex = small.matches ? 0 : -1;
  };
  small.addEventListener("change", fold);
  fold();

  const shown = (text) => {
    const box = document.getElementById("studio-error");
    if (!box) return;
    box.textContent = text;
    box.hidden = !text;
  };

  const runtime = {
    handlerUrl(element, handler, suffix = "", query = "") {
      const node = element.dataset ? element : element[0];
      const root = node.closest(".xblock-v1");
      const base = `/handler/${isStudio ? "studio" : "lms"}/${encodeURIComponent(root.dataset.usage)}/${handler}`;
      return base + (suffix ? `/${suffix}` : "") + (query ? `?${query}` : "");
    },
    notify(name, data = {}) {
      if (name === "error") shown([data.title, data.message].filter(Boolean).join(": "));
      if (name === "save" && data.state === "start") shown("");
      if (!editor) return;
      if (name === "save" && data.state === "end") {
        sessionStorage.setItem("demo-saved", "1");
        location.assign(editor.dataset.back);
      }
      if (name === "cancel") location.assign(editor.dataset.back);
    },
  };

  const saved = document.getElementById("studio-saved");
  if (saved && sessionStorage.getItem("demo-saved")) {
    sessionStorage.removeItem("demo-saved");
    saved.textContent = saved.dataset.text;
  }

  window.demoCsrfToken = () => cookie("csrftoken");
  for (const element of document.querySelectorAll(".xblock-v1[data-init]")) {
    const init = window[element.dataset.init];
    if (typeof init !== "function") continue;
    const args = element.querySelector(":scope > script.xblock_json_init_args, :scope > .xblock_json_init_args");
    const handed = isStudio ? Object.assign([element], { jquery: "demo" }) : element;
    init(runtime, handed, args ? JSON.parse(args.textContent) : {});
  }
})();
