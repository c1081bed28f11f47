import { newId } from "../widget/id.js";
import { Live, Problem, call } from "./api.js";

const SETTLE_MS = 350; // longer than the service keeps a queue it has read
const SAFETY_MS = 30_000;

/**
 * What the console knows and does: the queue, the open conversation, the corrections, and the calls that change them.
 * `changed` after every change; `told(words)` for what the associate must read; `expired` when the login is over.
 */
export class Desk {
  constructor({ changed, told, expired }) {
    this.hooks = { changed, told, expired };
    this.name = null;
    this.handoffs = [];
    this.fetchedAt = performance.now();
    this.openId = null; // conversation on screen
    this.detail = null;
    this.choices = null; // every label there is, in words
    this.corrections = []; // those that wait for review, once the review was opened
    this.waiting = 0; // how many do
    this.isReviewing = false;
    this.isLive = true;
    this.live = new Live({ heard: (push) => this.#heard(push), back: () => this.#back(), lost: () => this.#lost() });
  }

  async start(name) {
    this.name = name;
    this.live.start();
    clearInterval(this.looking);
    this.looking = setInterval(() => document.hidden || this.#refetch(), SAFETY_MS);
    await this.#refetch();
  }

  stop() {
    this.live.stop();
    clearInterval(this.looking);
    clearTimeout(this.settling);
    this.name = this.openId = this.detail = null;
    this.handoffs = [];
    this.corrections = [];
    this.waiting = 0;
    this.hooks.changed();
  }

  look(conversationId) {
    this.openId = conversationId;
    return this.#refetch();
  }

  /** Claim if it waits, and open it either way. */
  async take(handoff) {
    if (handoff.state === "waiting") await this.#act(`handoffs/${handoff.handoff_id}/claim`, {});
    await this.look(handoff.conversation_id);
  }

  /** True when the service has it. A repeated try after a lost answer goes under the same message_id. */
  async reply(text) {
    const { handoff_id } = this.detail.handoff;
    if (this.unsure?.handoff_id !== handoff_id || this.unsure.text !== text) {
      this.unsure = { handoff_id, text, message_id: newId() };
    }
    const isSent = await this.#act(`handoffs/${handoff_id}/reply`, { text, message_id: this.unsure.message_id });
    if (isSent) this.unsure = null;
    await this.#refetch();
    return isSent;
  }

  async giveBack() {
    await this.#act(`handoffs/${this.detail.handoff.handoff_id}/return`, {});
    await this.#refetch();
  }

  async end() {
    await this.#act(`handoffs/${this.detail.handoff.handoff_id}/resolve`, {});
    await this.#refetch();
  }

  /** Say what a message of the open conversation meant. What went wrong in words, or null. */
  propose(message, labels) {
    const conversation = encodeURIComponent(this.detail.conversation.conversation_id);
    return this.#save(`conversations/${conversation}/messages/${message.message_id}/correction`, labels);
  }

  /** Let it be learned, with these labels: as the associate sees them. What went wrong in words, or null. */
  accept({ correction_id }, { intent, reasons, emotion, intensity, escalate }) {
    const labels = { intent, reasons, emotion, intensity, escalate };
    return this.#save(`corrections/${correction_id}/accept`, { labels });
  }

  reject({ correction_id }) {
    return this.#save(`corrections/${correction_id}/reject`, {});
  }

  review(isReviewing) {
    this.isReviewing = isReviewing;
    if (isReviewing && this.name) this.#refetch();
  }

  async #act(path, body) {
    try {
      await call("POST", path, body);
      return true;
    } catch (problem) {
      this.#fail(problem);
      return false;
    }
  }

  /** As `#act`, for a caller with a place of its own for the words. */
  async #save(path, body) {
    let words = null;
    try {
      await call("POST", path, body);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status === 401) this.#fail(problem);
      words = problem.message;
    }
    if (this.name) await this.#refetch();
    return words;
  }

  async #refetch() {
    const { openId } = this;
    try {
      const [queue, detail, listed, choices] = await Promise.all([
        call("GET", "queue"),
        openId && call("GET", `conversations/${encodeURIComponent(openId)}`),
        this.isReviewing && call("GET", "corrections"),
        this.choices ?? call("GET", "labels"),
      ]);
      if (openId !== this.openId) return;
      this.handoffs = queue.handoffs;
      this.fetchedAt = performance.now();
      this.detail = detail;
      this.choices = choices;
      if (listed) this.corrections = listed.corrections;
      this.waiting = listed ? listed.count : queue.corrections;
      this.hooks.changed();
    } catch (problem) {
      this.#fail(problem);
    }
  }

  /** Pushes come in bursts, a message with its status and the queue: one refetch serves them all. */
  #heard(push) {
    if (push.type === "message" && push.conversation_id === this.detail?.conversation.conversation_id)
      this.#add(push.message);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.#refetch(), SETTLE_MS);
  }

  #add(message) {
    const others = this.detail.messages.filter(({ seq }) => seq !== message.seq);
    this.detail.messages = [...others, message].sort((one, other) => one.seq - other.seq);
    this.hooks.changed();
  }

  #back() {
    this.isLive = true;
    this.#refetch();
  }

  #lost() {
    this.isLive = false;
    this.hooks.changed();
  }

  #fail(problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 401) this.hooks.expired();
    else this.hooks.told(problem.message);
  }
}
