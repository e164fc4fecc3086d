/** Elements without markup strings: what a visitor wrote only ever becomes a text node. */

/** Builds an element; `on…` attributes are listeners, children that are null are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? "" : value);
}

/** Gives a node other text, only if it differs, so that nothing is read out again. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Keeps the children of `parent` in step with a list; each item keeps its node, and so the focus. */
export function keyed(parent, key, make) {
  const parts = new Map();
  return (items) => {
    const wanted = new Set(items.map(key));
    for (const [id, part] of parts) {
      if (wanted.has(id)) continue;
      part.node.remove();
      parts.delete(id);
    }
    items.forEach((item, index) => {
      if (!parts.has(key(item))) parts.set(key(item), make(item));
      const part = parts.get(key(item));
      part.update(item);
      const there = parent.children[index];
      if (there !== part.node) parent.insertBefore(part.node, there ?? null);
    });
  };
}

/** A link's address if it leads to a web page, otherwise null. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return ["https:", "http:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
