/** What the browser keeps for this console. A browser that keeps nothing (full, or forbidden) must not stop the work. */
export const kept = {
  get(name, otherwise = null) {
    try {
      return JSON.parse(localStorage.getItem(key(name))) ?? otherwise;
    } catch {
      return otherwise;
    }
  },

  /** null forgets it. */
  set(name, value) {
    try {
      if (value === null) localStorage.removeItem(key(name));
      else localStorage.setItem(key(name), JSON.stringify(value));
    } catch {
      // Nothing to do about it: it is still on the screen.
    }
  },
};

function key(name) {
  return `tourniquet-console:${name}`;
}
