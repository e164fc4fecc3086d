/** Keeps the children of a node in step with a list: each item keeps its node, and so the focus. */

/**
 * A function that shows a list in `parent`; `make(item)` gives `{ node, update }`. What did not change
 * since it was last shown is not touched.
 */
export function keyed(parent, key, make) {
  const parts = new Map();

  function drop(items) {
    const wanted = new Set(items.map(key));
    for (const [id, part] of parts) {
      if (wanted.has(id)) continue;
      part.node.remove();
      parts.delete(id);
    }
  }

  function partOf(item) {
    const id = key(item);
    if (!parts.has(id)) parts.set(id, { ...make(item), shown: null });
    const part = parts.get(id);
    const shown = JSON.stringify(item);
    if (part.shown !== shown) part.update(item);
    part.shown = shown;
    return part;
  }

  return (items) => {
    drop(items);
    let there = parent.firstElementChild;
    for (const item of items) {
      const { node } = partOf(item);
      if (node === there) there = there.nextElementSibling;
      else parent.insertBefore(node, there);
    }
  };
}
