"""axe-core in a page: WCAG 2.0 to 2.2, levels A and AA."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page, within: str = "body") -> list[str]:
    """One line for each violation: rule, what is wrong, where."""
    if page.evaluate("typeof axe") == "undefined":  # half a megabyte, once for each page
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([within, tags]) => axe.run(within, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']}).then((all) => all.violations)",
        [within, TAGS],
    )
    return [
        f"{one['id']}: {one['help']}: " + "; ".join(f"{' '.join(map(str, node['target']))} ({node['failureSummary']})" for node in one["nodes"][:5])
        for one in found
    ]
