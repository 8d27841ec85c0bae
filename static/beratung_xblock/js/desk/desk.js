/* The desk in the browser: everything of the page module, and dragging people on the board. Dragging only presses the buttons that
 * are there for the keyboard, so whatever it does can be done without it.
 */

export async function start(root, args) {
  const page = await import(args.modules.base);
  await page.start(root, args);
  root.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".kb-grip");
    if (grip && event.button === 0) { event.preventDefault(); drag(root, grip.closest("[data-kb-person]"), event); }
  });
  root.addEventListener("change", (event) => {
    if (event.target.matches("select[data-kb-submit]")) { event.target.form.requestSubmit(); }
  });
}

const START = 6;

/** Follow one pointer from the grip to a group; letting go elsewhere, or Escape, changes nothing. */
function drag(root, seat, first) {
  if (!seat) { return; }
  const select = seat.querySelector("select[name=to]");
  let ghost = null;
  let target = null;

  const optionFor = (place) => place && select && [...select.options].find((option) => option.value === place.dataset.kbDrop);
  function mark(place) {
    if (target === place) { return; }
    target?.classList.remove("is-target", "is-target--warn");
    target = optionFor(place) ? place : null;
    target?.classList.add("is-target");
    if (target && optionFor(target).dataset.kbFits === "no") { target.classList.add("is-target--warn"); }
  }
  function move(event) {
    if (!ghost) {
      if (Math.hypot(event.clientX - first.clientX, event.clientY - first.clientY) < START) { return; }
      ghost = document.createElement("div");
      ghost.className = "kb-ghost";
      ghost.textContent = seat.querySelector(".kb-people__name").textContent;
      root.append(ghost);
      seat.classList.add("is-dragged");
    }
    const box = root.getBoundingClientRect();
    // The root is a container, so "fixed" counts from its corner; in a right-to-left page from the right one.
    const x = event.clientX - (getComputedStyle(root).direction === "rtl" ? box.right - ghost.offsetWidth : box.left);
    ghost.style.transform = `translate(${x + 14}px, ${event.clientY - box.top + 10}px)`;
    mark(document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-kb-drop]"));
    if (event.clientY < 60) { window.scrollBy(0, -14); }
    if (event.clientY > window.innerHeight - 60) { window.scrollBy(0, 14); }
  }
  function end() {
    ghost?.remove();
    seat.classList.remove("is-dragged");
    target?.classList.remove("is-target", "is-target--warn");
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("pointercancel", end);
    window.removeEventListener("keydown", escape);
  }
  function drop() {
    const chosen = ghost && optionFor(target);
    end();
    if (chosen) { select.value = chosen.value; select.form.requestSubmit(); }
  }
  function escape(event) {
    if (event.key === "Escape") { end(); }
  }
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", drop);
  window.addEventListener("pointercancel", end);
  window.addEventListener("keydown", escape);
}
