/* The editor of the practice block in Studio: collects the form, saves it, puts each message at its field. */
(function () {
  "use strict";

  function cookie(name) {
    var part = document.cookie.split("; ").find(function (item) { return item.startsWith(name + "="); });
    return part ? decodeURIComponent(part.slice(name.length + 1)) : "";
  }

  window.BeratungPracticeStudio = function (runtime, element, args) {
    var host = element.nodeType ? element : element[0];
    var form = host.querySelector(".kb-practice-studio form");
    var summary = form.querySelector(".kb-errors");

    function tell(name, detail) {
      if (runtime && runtime.notify) runtime.notify(name, detail);
    }

    function collect() {
      var wording = {};
      form.querySelectorAll("[data-task]").forEach(function (part) {
        var own = {};
        part.querySelectorAll("[data-word]").forEach(function (field) {
          var text = field.value.trim();
          if (!text) return;
          own[field.dataset.word] = field.dataset.word === "hints" ? text.split("\n").map(function (line) { return line.trim(); }).filter(Boolean) : text;
        });
        if (Object.keys(own).length) wording[part.dataset.task] = own;
      });
      var choice = form.elements.choice.value;
      var ticked = Array.from(form.querySelectorAll("input[name=task]:checked")).map(function (box) { return box.value; });
      return {
        display_name: form.elements.display_name.value, tasks: choice === "own" ? ticked.join(",") : choice, variant: form.elements.variant.value,
        device_check: form.elements.device_check.checked, weight: form.elements.weight.value, wording: wording,
      };
    }

    function show(errors) {
      form.querySelectorAll(".kb-error").forEach(function (old) { old.remove(); });
      form.querySelectorAll("[data-field]").forEach(function (field) {
        var text = errors[field.dataset.field];
        field.classList.toggle("kb-field--bad", Boolean(text));
        if (!text) return;
        var message = document.createElement("p");
        message.className = "kb-error";
        message.textContent = text;
        field.append(message);
      });
      var all = Object.values(errors);
      summary.hidden = all.length === 0;
      summary.textContent = all.join(" ");
      var first = form.querySelector(".kb-field--bad :is(input, textarea)");
      if (first) first.focus();
    }

    function fail(message) {
      show({ "": message });
      tell("error", { title: "", message: message });
    }

    form.addEventListener("change", function (event) {
      if (event.target.name === "task") form.elements.choice.value = "own";
    });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      tell("save", { state: "start" });
      fetch(args.saveUrl, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") }, body: JSON.stringify(collect()) })
        .then(function (answer) {
          return answer.json().then(function (body) {
            if (!answer.ok) return fail(body.error || args.failed);
            show(body.errors);
            if (Object.keys(body.errors).length) return tell("error", { title: "", message: Object.values(body.errors).join(" ") });
            return tell("save", { state: "end" });
          });
        })
        .catch(function () { fail(args.failed); });
    });
    form.querySelector("[data-do=cancel]").addEventListener("click", function () { tell("cancel", {}); });
  };
})();
