/* The one classic script of the practice block: loads the ES modules the server names and starts the exercise. */
(function () {
  "use strict";

  window.BeratungPractice = function (runtime, element, args) {
    var host = element.nodeType ? element : element[0];
    var root = host.querySelector(".kb-practice");
    if (!root || root.dataset.started) return;
    root.dataset.started = "yes";
    var names = ["machine", "dom", "draw", "stage", "app"];
    Promise.all(names.map(function (name) { return import(args.modules[name]); }))
      .then(function (loaded) {
        var modules = {};
        names.forEach(function (name, index) { modules[name] = loaded[index]; });
        modules.app.start(root, args, modules);
      })
      .catch(function () {
        delete root.dataset.started;
        root.querySelector(".kb-practice__problem").hidden = false;
      });
  };
})();
