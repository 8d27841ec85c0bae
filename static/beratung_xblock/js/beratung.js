/* Classic loader of the `beratung` block: the only script the page includes. It imports the modules the server names.
 * web-fragments emits classic scripts only, and hashed static files do not rewrite ES imports: so every module address comes
 * from the server in `args.modules`. Loading is guarded, because a course page may hold the block twice.
 */
(function () {
  "use strict";
  function start(runtime, element, args) {
    var host = element && element.jquery ? element[0] : element;
    var root = host && (host.matches && host.matches(".kb-root") ? host : host.querySelector(".kb-root"));
    var url = args.modules && (args.modules[args.kind] || args.modules.page);
    if (!root || !url || root.dataset.kbStarted) { return; }
    root.dataset.kbStarted = "1";
    // A click that comes before the modules are here is kept and done as soon as they are: a native submit would reload the page.
    var early = null;
    function keep(event) {
      event.preventDefault();
      early = { form: event.target, button: event.submitter };
    }
    root.addEventListener("submit", keep);
    import(url).then(function (module) { return module.start(root, args, runtime); }).then(function () {
      root.removeEventListener("submit", keep);
      if (early && early.form.isConnected) { early.form.requestSubmit(early.button); }
      root.dataset.kbStarted = "ready";
    }).catch(function () {
      root.dataset.kbStarted = "";
      var live = root.querySelector(".kb-live");
      if (live) { live.textContent = args.texts.not_loaded; }
    });
  }
  window.BeratungXBlock = function (runtime, element, args) { start(runtime, element, args); };
})();
