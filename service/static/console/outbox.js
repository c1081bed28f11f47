import { newId } from "../widget/id.js";
import { Problem, at, call } from "./api.js";
import { kept } from "./kept.js";

const AGAIN_MS = 5_000;

/**
 * Replies the service does not have yet: kept in the browser, sent in their order, each said once under its message_id.
 * `changed`; `sent(entry, message)`; `refused(entry, words)` when it can never be sent, and leaves the box.
 */
export class Outbox {
  constructor({ changed, sent, refused }) {
    this.hooks = { changed, sent, refused };
    this.entries = []; // {message_id, handoff_id, conversation_id, text, at, trouble}
  }

  start(name) {
    this.name = name;
    this.isPaused = false;
    this.entries = kept.get(`outbox:${name}`, []);
    this.flush();
  }

  /** Until the next start. What was written stays. */
  pause() {
    clearTimeout(this.retry);
    this.isPaused = true;
  }

  of(conversationId) {
    return this.entries.filter((entry) => entry.conversation_id === conversationId);
  }

  add({ handoff_id, conversation_id }, text) {
    this.entries.push({ message_id: newId(), handoff_id, conversation_id, text, at: new Date().toISOString() });
    this.#keep();
    return this.flush();
  }

  /** Not to be sent after all. */
  drop(messageId) {
    this.entries = this.entries.filter((entry) => entry.message_id !== messageId);
    this.#keep();
  }

  /** Send what is left, one after another. What comes in meanwhile is sent by the flush that runs. */
  async flush() {
    clearTimeout(this.retry);
    if (this.isFlushing || this.isPaused) return;
    this.isFlushing = true;
    const stuck = new Set(); // conversations whose next reply must not overtake
    try {
      for (let entry; (entry = this.entries.find((one) => !stuck.has(one.conversation_id)));) {
        if (!(await this.#send(entry))) stuck.add(entry.conversation_id);
      }
    } finally {
      this.isFlushing = false;
    }
    if (stuck.size && !this.isPaused) this.retry = setTimeout(() => this.flush(), AGAIN_MS);
  }

  async #send(entry) {
    const { message_id, handoff_id, text } = entry;
    try {
      const { message } = await call("POST", at`handoffs/${handoff_id}/reply`, { message_id, text });
      this.drop(message_id);
      this.hooks.sent(entry, message);
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!problem.isUnsure && problem.status !== 401) {
        this.drop(message_id);
        this.hooks.refused(entry, problem.message);
        return true;
      }
      entry.trouble = problem.message;
      this.#keep();
      return false;
    }
  }

  #keep() {
    kept.set(`outbox:${this.name}`, this.entries.length ? this.entries : null);
    this.hooks.changed();
  }
}
