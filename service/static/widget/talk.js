import { newId } from "./id.js";
import { Line, Refused, pause } from "./line.js";
import { Shelf, subject } from "./shelf.js";

const TYPING_MS = 8_000;
const LAST = Number.MAX_SAFE_INTEGER;
const EXPIRED = "上次的会话已过期，已为您开始新会话";

/**
 * One customer's conversation as the screen shows it; `changed` is called after every change.
 * A message is the service's, plus for the shopper's own: `delivery` (sending | failed | refused, absent once there),
 * and `after`, the seq it was sent behind, while the service has not numbered it yet (LAST while it waits its turn).
 */
export class Talk {
  constructor({ service, customerToken, changed }) {
    this.customerToken = customerToken;
    this.changed = changed;
    this.shelf = new Shelf(subject(customerToken));
    this.messages = new Map();
    this.status = "bot";
    this.typing = null;
    this.problem = ""; // why no conversation could be begun
    this.reachable = true;
    this.tries = 0;
    this.renewals = 0; // in a row, without a message getting through
    this.line = new Line(service, {
      heard: (messages) => this.#heard(messages),
      status: (status) => this.#set({ status }),
      typing: (author) => this.#showTyping(author),
      reachable: (reachable) => this.#set({ reachable }),
      gone: (token) => this.#expire(token),
    });
  }

  start() {
    for (const item of this.shelf.outbox()) this.#showOwn(item, "sending");
    const kept = this.shelf.get("conversation");
    if (kept && Date.parse(kept.expires_at) <= Date.now()) this.renew(EXPIRED);
    else if (kept) this.line.open(kept.token);
    this.changed();
    this.flush();
  }

  stop() {
    this.isStopped = true;
    this.line.close();
    clearTimeout(this.retry);
    this.changed = () => {};
  }

  wake() {
    this.line.wake();
    this.flush();
  }

  /** In the order they were said. */
  listed() {
    return [...this.messages.values()].sort((one, other) => place(one) - place(other));
  }

  get lastSeq() {
    return Math.max(0, ...[...this.messages.values()].map((message) => message.seq ?? 0));
  }

  send(text) {
    const item = { message_id: newId(), text, at: new Date().toISOString() };
    this.shelf.queue(item);
    this.#showOwn(item, "sending");
    this.changed();
    this.flush();
  }

  /** Leave the queue for a person; whoever is quicker than the answer shows in the transcript. */
  async stopWaiting() {
    await this.line.leaveQueue().catch(() => {});
    await this.line.catchUp();
  }

  /** Start over; what was not sent yet goes into the new conversation. */
  renew(notice) {
    this.line.close();
    this.shelf.put("conversation", null);
    this.shelf.put("read", null);
    this.messages.clear();
    this.status = "bot";
    const at = new Date().toISOString();
    if (notice) this.messages.set("notice", { message_id: "notice", author: "system", text: notice, at, after: -1 });
    for (const item of this.shelf.outbox()) this.#showOwn(item, "sending");
    this.changed();
    this.flush();
  }

  /** Send what is unsent, one after another, each until the service has it. */
  async flush() {
    clearTimeout(this.retry);
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let item; !this.isStopped && (item = this.shelf.outbox()[0]);) {
        this.#showOwn(item, "sending", this.lastSeq);
        if (this.status === "bot") this.#showTyping("bot");
        await this.#deliver(item);
      }
    } catch {
      for (const item of this.shelf.outbox()) this.#showOwn(item, "failed");
      if (!this.isStopped) this.retry = setTimeout(() => this.flush(), pause(this.tries++));
    } finally {
      this.flushing = false;
      this.typing = null;
      this.changed();
    }
  }

  async #deliver(item) {
    const { token } = this.shelf.get("conversation") ?? (await this.#begin());
    try {
      const { status } = await this.line.say(item, token);
      this.tries = this.renewals = 0;
      this.#settle(item);
      this.#set({ status });
      await this.line.catchUp();
    } catch (error) {
      if (!(error instanceof Refused) || error.isPassing) throw error;
      if (!error.isTokenGone) return this.#settle(item, error.message || "这条消息没有被接收，请换个说法再试");
      this.#expire(token);
      if (this.renewals++ > 0) throw error;
    }
  }

  async #begin() {
    this.problem = "";
    try {
      const conversation = await this.line.begin(this.customerToken);
      this.shelf.put("conversation", conversation);
      if (!this.isStopped) this.line.open(conversation.token);
      return conversation;
    } catch (error) {
      if (error instanceof Refused) this.problem = error.message;
      throw error;
    }
  }

  /** The service no longer takes this token; reading and writing may both find out. */
  #expire(token) {
    if (this.shelf.get("conversation")?.token === token) this.renew(EXPIRED);
  }

  #settle(item, refusal) {
    this.shelf.sent(item.message_id);
    const message = this.messages.get(item.message_id) ?? {};
    if (refusal) Object.assign(message, { delivery: "refused", refusal });
    else delete message.delivery;
    this.changed();
  }

  #heard(messages) {
    for (const message of messages) {
      if (this.messages.get(message.message_id)?.delivery) this.shelf.sent(message.message_id);
      this.messages.set(message.message_id, message);
      if (message.author !== "shopper") this.typing = null;
    }
    this.changed();
  }

  #showOwn(item, delivery, after = LAST) {
    if (this.messages.get(item.message_id)?.seq) return;
    this.messages.set(item.message_id, { ...item, author: "shopper", delivery, after });
    this.changed();
  }

  #showTyping(author) {
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.#set({ typing: null }), TYPING_MS);
    this.#set({ typing: author });
  }

  #set(changes) {
    Object.assign(this, changes);
    this.changed();
  }
}

/** The service's number, or just behind what was there when it was sent. */
function place(message) {
  return message.seq ?? message.after + 0.5;
}
