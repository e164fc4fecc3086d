/** Whether somebody is at the desk, told from when keys and pointer were last used. */

export const AWAY_AFTER_MS = 10 * 60 * 1000;

/** Counts from `now`, in milliseconds; `isAway` is whether the desk was left without a word. */
export function idleness(now, isAway = false) {
  let last = now;
  return {
    /** Somebody did something; true when this person had gone away and is back. */
    touched(at) {
      last = at;
      const isBack = isAway;
      isAway = false;
      return isBack;
    },
    /** True once, when nobody has done anything for so long that this person is away. */
    left(at) {
      if (isAway || at - last < AWAY_AFTER_MS) return false;
      isAway = true;
      return true;
    },
  };
}
