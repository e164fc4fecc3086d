"""What is measured on the open panel in a browser: sizes, spacing, contrast, focus, what is spoken."""

from typing import Any

from playwright.async_api import Page

PARTS = (
    ".panel, .head, .bar, .scroll, .form, .people, .menu, dialog, .turn, .card, button, h2, h3, p"
)
PRESSED = "button, select, textarea, .card a, input"

SMALL = """all => all.filter(one => one.getClientRects().length && one.closest(".about, .bubble") === null)
    .map(one => [one.getBoundingClientRect(), one])
    .filter(([box, one]) => Math.min(box.width, box.height) < (one.matches(".state *, .scores *") ? 24 : 44))
    .map(([box, one]) => `${one.tagName} ${one.className} ${box.width}x${box.height}`)"""

CLIPPED = """all => all.filter(one => one.getClientRects().length && one.scrollWidth > one.clientWidth + 1)
    .map(one => `${one.tagName}.${one.className}`)"""

SPACING = """() => { const root = document.querySelector("prat-chat").shadowRoot;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
        word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; }"""
"""Sets lines, words and letters as far apart as WCAG 1.4.12 says."""

CONTRASTS = """pairs => { const root = document.querySelector("prat-chat").shadowRoot;
    const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const light = text => rgb(text).map(n => n / 255)
        .map(n => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4)
        .reduce((sum, n, at) => sum + n * [0.2126, 0.7152, 0.0722][at], 0);
    const style = at => getComputedStyle(root.querySelector(at));
    return pairs.map(([at, what, behind]) => {
        const [a, b] = [light(style(at)[what]), light(style(behind).backgroundColor)].sort();
        return [at, what, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; })
        .filter(([, , ratio]) => ratio < 3); }"""
PAIRS = [
    [".bar .pill", "borderTopColor", ".panel"], ["textarea", "borderTopColor", ".panel"],
    [".write .icon", "borderTopColor", ".panel"], [".head .icon", "color", ".head"],
    [".choices .pill", "borderTopColor", ".panel"], [".card svg", "color", ".card"],
    [".write .icon", "color", ".write .icon"], ["textarea", "outlineColor", ".panel"],
]  # fmt: skip
"""What is drawn on what."""

TONGUES = """all => all.map(one => one.closest("[lang]").lang)"""
"""In which language a screen reader speaks each of these."""

FOCUSED = """() => { const one = document.querySelector("prat-chat").shadowRoot.activeElement;
    return one && (one.ariaLabel || one.textContent || one.className).trim(); }"""
"""What has the focus, by its name."""

LOG = """() => { const root = document.querySelector("prat-chat").shadowRoot;
    const log = root.querySelector("[role=log]");
    window.changes = {added: 0, removed: 0, changed: 0, stolen: 0};
    new MutationObserver(all => all.forEach(one => {
        changes.added += one.addedNodes.length; changes.removed += one.removedNodes.length;
        changes.changed += one.type !== "childList"; }))
        .observe(log, {subtree: true, childList: true, characterData: true, attributes: true});
    root.addEventListener("focusin", () => { changes.stolen += 1; }); }"""
"""Counts what happens to the conversation's list and to the focus."""

REPLACED = """() => { window.replaced = 0;
    const gone = one => [...one.removedNodes].filter(node => node.matches?.(".told")).length;
    const dialog = document.querySelector("prat-chat").shadowRoot.querySelector("dialog");
    new MutationObserver(all => all.forEach(one => { replaced += gone(one); }))
        .observe(dialog, {childList: true}); }"""
"""Counts how often the dialog's status is taken off the page while it may be spoken."""


async def small(page: Page) -> Any:
    """What can be pressed and is too small for it (WCAG 2.5.8; we take 44 pixels)."""
    return await page.locator(PRESSED).evaluate_all(SMALL)


async def clipped(page: Page) -> Any:
    """What is cut off at the side (WCAG 1.4.10)."""
    return await page.locator(PARTS).evaluate_all(CLIPPED)


async def faint(page: Page) -> Any:
    """The pairs below 3 : 1 (WCAG 1.4.11)."""
    return await page.evaluate(CONTRASTS, PAIRS)
