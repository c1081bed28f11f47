import { Problem, at, call } from "./api.js";
import { kept } from "./kept.js";

const SEEN_KEPT = 200;

/** The conversations this associate has open, one of them in front; what is in them, and how much of it is unread. */
export class Talks {
  constructor() {
    this.name = null;
    this.tabs = []; // conversation ids, in the order they were opened
    this.front = null;
    this.details = new Map(); // conversation_id -> what the service tells of it, and {notes, authority, trouble}
    this.trouble = null; // why the one in front cannot be read
    this.seen = {}; // conversation_id -> seq of the last message read
  }

  start(name) {
    this.name = name;
    this.seen = kept.get(`seen:${name}`, {});
  }

  get detail() {
    return this.details.get(this.front) ?? null;
  }

  /** Bring to the front; `unreadFrom` stays where it is as long as the conversation stays in front. */
  show(conversationId) {
    if (this.front === conversationId) return;
    this.front = conversationId;
    this.trouble = null;
    const seen = this.seen[conversationId]; // nothing at all: all of it is new, and needs no mark
    this.unreadFrom = seen && this.unread(conversationId) ? seen : null;
    if (conversationId) this.keepOpen([conversationId]);
  }

  close(conversationId) {
    this.tabs = this.tabs.filter((id) => id !== conversationId);
    this.details.delete(conversationId);
    if (this.front === conversationId) this.front = null;
  }

  /** A conversation I was given has its tab without being asked for. */
  keepOpen(conversationIds) {
    this.tabs.push(...conversationIds.filter((id) => !this.tabs.includes(id)));
  }

  /** Throws Problem when the conversation itself cannot be read; what belongs to it may be missing with a word why. */
  async read(conversationId) {
    const [detail, notes] = await Promise.all([
      call("GET", at`conversations/${conversationId}`),
      part(call("GET", at`conversations/${conversationId}/notes`)),
    ]);
    const before = this.details.get(conversationId);
    const isOldNews = (before?.messages.at(-1)?.seq ?? 0) > (detail.messages.at(-1)?.seq ?? 0);
    const messages = isOldNews ? before.messages : detail.messages;
    const { authority } = before ?? {};
    this.details.set(conversationId, { ...detail, messages, notes, authority });
    if (!before || before.grants.length !== detail.grants.length) await this.readAuthority(conversationId);
  }

  async readAuthority(conversationId) {
    const authority = await part(call("GET", at`conversations/${conversationId}/authority`));
    const detail = this.details.get(conversationId);
    if (detail) this.details.set(conversationId, { ...detail, authority });
  }

  /** After a gap in the pushes: they are read again when they are needed. */
  forgetAllButFront() {
    for (const id of this.details.keys()) if (id !== this.front) this.details.delete(id);
  }

  /** A message as it was pushed, or as a reply was answered. */
  add(conversationId, message) {
    const detail = this.details.get(conversationId);
    if (!detail) return;
    const others = detail.messages.filter(({ seq }) => seq !== message.seq);
    const messages = [...others, message].sort((one, other) => one.seq - other.seq);
    this.details.set(conversationId, { ...detail, messages });
  }

  /** Messages of the shopper that were not looked at; of a conversation never opened here, those nobody has answered. */
  unread(conversationId) {
    const messages = this.details.get(conversationId)?.messages ?? [];
    const answered = messages.findLast(({ author }) => author === "bot" || author === "associate")?.seq ?? 0;
    const seen = this.seen[conversationId] ?? answered;
    return messages.filter(({ author, seq }) => author === "shopper" && seq > seen).length;
  }

  /** Since when the shopper waits for an answer, or null when the last word was ours. */
  unanswered(conversationId) {
    const said = (this.details.get(conversationId)?.messages ?? []).filter(({ author }) => author !== "system");
    if (said.at(-1)?.author !== "shopper") return null;
    const ours = said.findLastIndex(({ author }) => author !== "shopper");
    return said[ours + 1].at;
  }

  markRead(conversationId) {
    const last = this.details.get(conversationId)?.messages.at(-1)?.seq ?? 0;
    if (last <= (this.seen[conversationId] ?? 0)) return false;
    delete this.seen[conversationId];
    const latest = Object.entries(this.seen).slice(-SEEN_KEPT);
    this.seen = { ...Object.fromEntries(latest), [conversationId]: last };
    kept.set(`seen:${this.name}`, this.seen);
    return true;
  }
}

/** {value} or {trouble: words}: a part that cannot be read leaves the rest usable. */
async function part(asked) {
  try {
    return { value: await asked };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return { trouble: problem.message };
  }
}
