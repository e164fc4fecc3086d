/** A person's own choices, kept in this browser; nothing of a visitor is ever kept. */
const PREFIX = "prat:";

/** A kept choice, if it is one of those allowed. */
export function kept(name, allowed) {
  try {
    const value = localStorage.getItem(PREFIX + name);
    return allowed.includes(value) ? value : null;
  } catch {
    return null;
  }
}

/** Keeps a choice; a browser that refuses simply forgets it. */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    return;
  }
}
