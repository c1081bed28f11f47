import { newId } from "../widget/id.js";
import { Live, Problem, at, call } from "./api.js";
import { Board } from "./board.js";
import { Corrections } from "./corrections.js";
import { drafts } from "./drafts.js";
import { Outbox } from "./outbox.js";
import { Talks } from "./talks.js";
import { Typing } from "./typing.js";

const SETTLE_MS = 800; // longer than the service keeps a queue it has read; on a busy day one comes right after another
const SAFETY_MS = 30_000;
const NOT_OURS = new Set(["staff", "tasks"]);

/**
 * What the console knows and does about conversations. `changed` after every change; `told(words)` for what the associate
 * must read; `gaveBack(conversationId)` when words went from the outbox into the draft again; `pushed(push)` for others.
 */
export class Desk {
  constructor({ changed, told, gaveBack, pushed }) {
    this.hooks = { changed, told, gaveBack, pushed };
    this.me = null; // {name, display, role, ...}
    this.board = new Board();
    this.talks = new Talks();
    this.corrections = new Corrections();
    this.typing = new Typing({ changed });
    this.outbox = new Outbox({
      changed,
      sent: ({ conversation_id }, message) => this.#add(conversation_id, message),
      refused: (entry, words) => this.#refused(entry, words),
    });
    this.lostAt = null; // since when there is no connection
    this.isBehind = false; // something was pushed while pushes were settling
    this.live = new Live({ heard: (push) => this.#heard(push), back: () => this.#back(), lost: () => this.#lost() });
  }

  /** Again after a pause, by the same associate, finds everything as it was. */
  async start(me) {
    this.me = me;
    this.talks.start(me.name);
    this.outbox.start(me.name);
    this.live.start();
    clearInterval(this.looking);
    this.looking = setInterval(() => document.hidden || this.refetch(), SAFETY_MS);
    await this.refetch();
  }

  /** Ask for nothing more until somebody has logged in. */
  pause() {
    this.live.stop();
    this.outbox.pause();
    clearInterval(this.looking);
    clearTimeout(this.settling);
    this.settling = null;
    this.isBehind = false;
  }

  /** The open handoff of the conversation in front. What the conversation says of it is newer than the queue, which is kept. */
  get handoff() {
    const { detail, front } = this.talks;
    return detail?.handoff ? { ...this.board.of(front), ...detail.handoff } : null;
  }

  get isMine() {
    return this.handoff?.state === "claimed" && this.handoff.associate === this.me?.name;
  }

  get isLead() {
    return ["supervisor", "admin"].includes(this.me?.role);
  }

  look(conversationId) {
    this.talks.show(conversationId);
    this.hooks.changed();
    return conversationId ? this.refetch() : null;
  }

  close(conversationId) {
    this.talks.close(conversationId);
    this.hooks.changed();
  }

  markRead() {
    if (this.talks.front && this.talks.markRead(this.talks.front)) this.hooks.changed();
  }

  /** What becomes of a handoff: claim, transfer, release, return, resolve, takeover. What went wrong in words, or null. */
  async move({ handoff_id }, what, body = {}) {
    const words = await this.#save(at`handoffs/${handoff_id}/${what}`, body);
    await this.refetch();
    return words;
  }

  reply(text) {
    this.typing.stop();
    return this.outbox.add(this.handoff, text);
  }

  /** A reply that is stuck, back into the box; unless the service has it after all, and only its answer was lost. */
  async takeBack({ message_id, conversation_id, text }) {
    try {
      await this.talks.read(conversation_id);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return this.hooks.told("现在不知道这条有没有送达，恢复连接后再撤回");
    }
    this.outbox.drop(message_id);
    if (this.talks.details.get(conversation_id).messages.some((one) => one.message_id === message_id)) return;
    drafts.giveBack(conversation_id, "reply", text);
    this.hooks.gaveBack(conversation_id);
  }

  /** What went wrong in words, or null. */
  async note(text) {
    const words = await this.#save(at`conversations/${this.talks.front}/notes`, { text });
    if (!words) await this.refetch();
    return words;
  }

  /** What went wrong in words, or null. A second try is the same grant. `override`: why, although it is withheld. */
  async grant({ offer_id }, override) {
    const conversationId = this.talks.front;
    const wish = `${conversationId}/${offer_id}`;
    if (this.wish?.of !== wish) this.wish = { of: wish, message_id: newId() };
    const { message_id } = this.wish;
    const words = await this.#save(at`conversations/${conversationId}/grants`, { offer_id, message_id, override });
    if (!words) this.wish = null;
    await Promise.all([this.refetch(), this.talks.readAuthority(conversationId)]);
    this.hooks.changed();
    return words;
  }

  async label(labels) {
    const words = await this.#save(at`conversations/${this.talks.front}/labels`, { labels }, "PUT");
    await this.refetch();
    return words;
  }

  /** Whom a notification is about: who began to wait last, and who wrote to me. */
  get news() {
    const { name } = this.me;
    const waiting = [...this.board.waiting(name)].sort((one, other) => one.opened_at.localeCompare(other.opened_at));
    const newest = waiting.at(-1);
    const unread = this.board.mine(name).find(({ conversation_id }) => this.talks.unread(conversation_id));
    return {
      waiting: newest && { words: `有顾客在排队：${newest.reason_words}`, conversation_id: newest.conversation_id },
      unread: unread && { words: "顾客回复了您", conversation_id: unread.conversation_id },
    };
  }

  /** Say that I am writing: the shopper sees it. */
  writing() {
    if (this.isMine) this.typing.tell(this.talks.front, (frame) => this.live.say(frame));
  }

  async refetch() {
    const { front } = this.talks;
    try {
      await Promise.all([this.board.read(), front && this.talks.read(front)]);
      this.talks.trouble = null;
      await this.corrections.read(this.board.corrections);
      await this.#readMine();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.talks.trouble = problem.message;
      if (problem.status === 404 && front) this.talks.close(front);
      const isKnown = problem.status === 401 || (problem.status === 0 && this.lostAt !== null);
      if (!isKnown) this.hooks.told(problem.message);
    }
    this.hooks.changed();
  }

  /** What is unread is counted in the conversations themselves, so all of mine are read once. */
  async #readMine() {
    const mine = this.board.mine(this.me?.name).map(({ conversation_id }) => conversation_id);
    this.talks.keepOpen(mine);
    await Promise.all(mine.filter((id) => !this.talks.details.has(id)).map((id) => this.talks.read(id)));
  }

  async #save(path, body, method = "POST") {
    try {
      await call(method, path, body);
      return null;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return problem.message;
    }
  }

  #refused(entry, words) {
    drafts.giveBack(entry.conversation_id, "reply", entry.text);
    this.hooks.gaveBack(entry.conversation_id);
    this.hooks.told(`${words.replace(/。$/, "")}。您写的内容放回了输入框。`);
    this.refetch();
  }

  #heard(push) {
    this.hooks.pushed(push);
    if (push.type === "typing") return this.typing.heard(push);
    if (NOT_OURS.has(push.type)) return;
    if (push.type === "message") this.#add(push.conversation_id, push.message);
    if (this.settling) this.isBehind = true;
    else this.#settle();
  }

  /**
   * Pushes come in bursts, a message with its status and the queue: one refetch serves them all. It may show a queue from
   * before the last of them, so where the first was not the last, there is one more.
   */
  #settle() {
    this.settling = setTimeout(() => {
      this.settling = null;
      this.refetch();
      if (this.isBehind) this.#settle();
      this.isBehind = false;
    }, SETTLE_MS);
  }

  #add(conversationId, message) {
    this.typing.heard({ conversation_id: conversationId, author: null });
    this.talks.add(conversationId, message);
    this.hooks.changed();
  }

  /** What was pushed meanwhile was missed, in every conversation. */
  #back() {
    const wasLost = this.lostAt !== null;
    this.lostAt = null;
    if (wasLost) this.talks.forgetAllButFront();
    this.outbox.flush();
    this.refetch();
  }

  #lost() {
    this.lostAt ??= Date.now();
    this.hooks.changed();
  }
}
