import { newId } from "./id.js";

const memory = new Map();

/**
 * What one customer's browser keeps: the conversation's token, unsent messages, the draft, and how far was read.
 * `get(name, otherwise)`, `put(name, value)` where null removes, `outbox()`, `queue(item)`, `sent(item)`, `watch`.
 */
export function shelfOf(who) {
  const prefix = `tourniquet:${who}:`;

  const get = (name, otherwise = null) => {
    const key = prefix + name;
    try {
      return JSON.parse(localStorage.getItem(key)) ?? otherwise;
    } catch {
      return memory.get(key) ?? otherwise; // storage is blocked: this page's memory has to do
    }
  };

  const put = (name, value) => {
    const key = prefix + name;
    memory.set(key, value);
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // full or blocked: it stays in memory
    }
  };

  /** Unsent messages, oldest first. Each has a key of its own, so that two tabs never write over each other's. */
  const outbox = () =>
    allKeys()
      .filter((key) => key.startsWith(`${prefix}out:`))
      .sort()
      .map((key) => get(key.slice(prefix.length)))
      .filter(Boolean);

  const slot = ({ at, message_id }) => `out:${at}:${message_id}`;

  return {
    prefix,
    get,
    put,
    outbox,
    queue: (item) => put(slot(item), item),
    sent: (id) => outbox().forEach((item) => item.message_id === id && put(slot(item), null)),

    /** Another tab of this customer has changed something: `heard(name)`. */
    watch: (heard, signal) => {
      const changed = ({ key }) => key?.startsWith(prefix) && heard(key.slice(prefix.length));
      addEventListener("storage", changed, { signal });
    },
  };
}

/** A random id of this browser, the same for every customer who signs in on it. */
export function device() {
  const shelf = shelfOf("device");
  const id = shelf.get("id") ?? newId();
  shelf.put("id", id);
  return id;
}

/** Where the browser's storage is full or blocked, what could not go there is in memory. */
function allKeys() {
  const kept = [...memory.keys()];
  try {
    return [...new Set([...kept, ...Object.keys(localStorage)])];
  } catch {
    return kept;
  }
}

/** Whose conversation it is, as a storage key only; the service checks the token itself. */
export function subject(customerToken) {
  try {
    const claims = customerToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return String(JSON.parse(atob(claims)).sub);
  } catch {
    return "guest";
  }
}

/** One tab at a time, where the browser can (a page over plain http cannot: there the service sorts it out). */
export function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
