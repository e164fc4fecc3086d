/** Small parts that several screens share. */
import { h } from "./shared/dom.js";

/** A heading with what can be done on this screen. */
export function head(title, { lead = "", actions = [] } = {}) {
  return h("header", { class: "head" },
    h("div", { class: "names" }, h("h2", { tabindex: "-1" }, title), lead ? h("p", { class: "quiet" }, lead) : null),
    h("div", { class: "actions" }, actions));
}

/** Marks a link as the one whose screen is open, or not. */
export function mark(link, isOpen) {
  if (isOpen) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

/** A text field that grows with its text. */
export function growing(attributes) {
  const area = h("textarea", { rows: 2, ...attributes });
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  area.addEventListener("input", fit);
  requestAnimationFrame(fit);
  return area;
}
