"""What can go wrong with text on a page, measured in the browser: overlaps, text cut off or outside, sideways scrolling, arrows that point the wrong way."""

from __future__ import annotations

from playwright.sync_api import Page

MEASURE = r"""
(root) => {
  const faults = [], boxes = [];
  const wide = document.documentElement.scrollWidth, screen = document.documentElement.clientWidth;
  if (wide > screen + 1) faults.push(`the page scrolls sideways: ${wide} in ${screen}`);
  const top = document.querySelector(root);
  const rtl = getComputedStyle(top).direction === "rtl";
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const hidden = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.visibility === "hidden" || style.display === "none" || style.opacity === "0") return true;
      if (style.clipPath !== "none" || (style.position === "absolute" && (at.clientWidth <= 1 || at.clientHeight <= 1))) return true;
    }
    return !element.checkVisibility();
  };
  const mirrored = (element) => {
    for (let at = element; at && at !== top; at = at.parentElement) if (/matrix\(-1/.test(getComputedStyle(at).transform)) return true;
    return false;
  };
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  let id = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.textContent.trim(), parent = node.parentElement;
    if (!text || ["SCRIPT", "STYLE", "OPTION", "NOSCRIPT", "TITLE"].includes(parent.tagName) || parent.closest("svg") || hidden(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    let frame = parent;
    while (frame && frame !== top && !scrolls(frame)) frame = frame.parentElement;
    const inside = frame && frame !== top && scrolls(frame);
    id += 1;
    for (const rect of range.getClientRects()) {
      if (rect.width < 1 || rect.height < 1) continue;
      if (!inside && (rect.left < -1 || rect.right > screen + 1)) faults.push(`outside: "${text.slice(0, 40)}"`);
      if (!inside) boxes.push({ id, text: text.slice(0, 40), left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom });
    }
    if (rtl && /[→➔]/.test(text) && !mirrored(parent) && !parent.closest("bdi, [dir=ltr]")) faults.push(`arrow points the wrong way: "${text.slice(0, 40)}"`);
  }
  boxes.sort((a, b) => a.top - b.top);
  for (let i = 0; i < boxes.length; i += 1) {
    for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom; j += 1) {
      const a = boxes[i], b = boxes[j];
      if (a.id === b.id) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // Boxes of lines are higher than their letters: a third of a line may overlap before letters touch.
      if (across > 2 && down > 0.35 * Math.min(a.bottom - a.top, b.bottom - b.top)) faults.push(`overlap: "${a.text}" and "${b.text}"`);
    }
  }
  for (const element of top.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    if (hidden(element) || element.closest("svg") || element.tagName === "TEXTAREA" || element.tagName === "INPUT") continue;
    const cuts = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY) || element.tagName === "SELECT";
    if (cuts && (element.scrollWidth > element.clientWidth + 2 || element.scrollHeight > element.clientHeight + 3) && element.textContent.trim())
      faults.push(`cut off: <${element.tagName.toLowerCase()} class="${element.className}">`);
  }
  return { faults: [...new Set(faults)], words: id, direction: getComputedStyle(top).direction };
}
"""


def faults(page: Page, root: str) -> tuple[list[str], int, str]:
    """(faults, number of texts seen, direction) of what is visible under `root`."""
    page.evaluate("document.fonts.ready")
    seen = page.evaluate(MEASURE, root)
    return seen["faults"], seen["words"], seen["direction"]
