/** Elements without markup strings: what somebody wrote only ever becomes a text node. */

const SVG = "http://www.w3.org/2000/svg";

/** Builds an element; `on…` attributes are listeners, children that are null are left out. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Builds an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Gives a node other text, only if it differs, so that nothing is read out again. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "value" && "value" in node && node.tagName !== "OPTION") node.value = value;
  else node.setAttribute(name, value === true ? "" : value);
}
