const memory = new Map();

/** What one customer's browser keeps: the conversation's token, unsent messages, the draft, and how far was read. */
export class Shelf {
  constructor(who) {
    this.prefix = `tourniquet:${who}:`;
  }

  get(name, otherwise = null) {
    const key = this.prefix + name;
    try {
      return JSON.parse(localStorage.getItem(key)) ?? otherwise;
    } catch {
      return memory.get(key) ?? otherwise; // storage is blocked: this page's memory has to do
    }
  }

  put(name, value) {
    const key = this.prefix + name;
    memory.set(key, value);
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // full or blocked: it stays in memory
    }
  }

  /** Unsent messages, oldest first. Read anew each time: another tab may have sent some. */
  outbox() {
    return this.get("outbox", []);
  }

  queue(item) {
    this.put("outbox", [...this.outbox(), item]);
  }

  sent(messageId) {
    this.put(
      "outbox",
      this.outbox().filter((item) => item.message_id !== messageId),
    );
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
