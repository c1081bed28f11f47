import { el } from "../widget/dom.js";
import { Canned } from "./canned.js";
import { drafts } from "./drafts.js";

const LONGEST = 2_000;
const NEAR = 200;
const GAP = /\{\{\s*([^{}]+?)\s*\}\}/;
const MODES = {
  reply: { tab: "回复顾客", label: "回复顾客", hint: "回复顾客，输入 / 选常用语", verb: "发送" },
  note: { tab: "内部备注", label: "内部备注", hint: "写给同事看的备注，顾客看不到", verb: "保存备注" },
};

/**
 * Where a reply or a note is written. Drafts are kept for every conversation. `reply(text)` takes the words for good;
 * `note(text)` gives what went wrong in words, or null.
 */
export class Composer {
  constructor({ reply, note, writing, told }) {
    this.does = { reply, note, writing, told };
    this.mode = "reply";
    this.places = new Map(); // what a place of a canned reply is called, where nothing was known of it
    this.tabs = Object.fromEntries(Object.keys(MODES).map((mode) => [mode, this.#tab(mode)]));
    this.box = el("textarea", {
      rows: 3,
      maxlength: LONGEST,
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event),
    });
    this.canned = new Canned(this.box, { inserted: (missing) => this.#inserted(missing), told });
    this.pick = el("button", { type: "button", class: "plain", onclick: () => this.canned.open() }, "常用语");
    this.hint = el("p", { class: "fine hint", role: "status" });
    this.send = el("button", { class: "solid" });
    this.node = el(
      "form",
      { class: "composer", onsubmit: (event) => this.#submit(event) },
      el("div", { class: "modes" }, this.tabs.reply, this.tabs.note, this.pick),
      this.canned.list,
      el("div", { class: "writing" }, this.box, this.send),
      this.hint,
    );
    this.#turnTo("reply");
  }

  /** `canReply`: otherwise only notes can be written. */
  render({ conversationId, canReply }) {
    const isNew = conversationId !== this.conversationId;
    this.conversationId = this.canned.conversationId = conversationId;
    this.tabs.reply.hidden = !canReply;
    this.node.classList.toggle("is-notes-only", !canReply);
    const mode = !canReply ? "note" : isNew || this.canReply === false ? "reply" : this.mode;
    this.canReply = canReply;
    if (isNew || mode !== this.mode) this.#turnTo(mode);
  }

  write(mode) {
    if (mode === "reply" && !this.canReply) return false;
    if (mode !== this.mode) this.#turnTo(mode);
    this.box.focus();
    return true;
  }

  openCanned() {
    if (this.write("reply")) this.canned.open();
  }

  /** The draft was changed elsewhere. */
  reload() {
    this.box.value = drafts.get(this.conversationId, this.mode);
    this.#count();
  }

  #tab(mode) {
    return el("button", { type: "button", onclick: () => this.write(mode) }, MODES[mode].tab);
  }

  #turnTo(mode) {
    this.mode = mode;
    this.node.dataset.mode = mode;
    const { label, hint, verb } = MODES[mode];
    this.box.setAttribute("aria-label", label);
    this.box.placeholder = hint;
    this.send.textContent = verb;
    this.pick.hidden = mode !== "reply";
    this.canned.close();
    for (const [name, tab] of Object.entries(this.tabs)) tab.setAttribute("aria-pressed", String(name === mode));
    if (this.conversationId) this.reload();
  }

  #typed() {
    drafts.set(this.conversationId, this.mode, this.box.value);
    this.#count();
    if (this.mode === "reply" && this.box.value) this.does.writing();
  }

  #inserted(missing) {
    for (const { place, words } of missing) this.places.set(place, words);
    this.#typed();
    this.#stopsAtGap();
  }

  #count() {
    const left = LONGEST - this.box.value.length;
    this.hint.textContent = left <= NEAR ? `还可以输入 ${left} 字` : "";
  }

  /** Whether a place of a canned reply is still open: it is selected, and has to be written over. */
  #stopsAtGap() {
    const gap = GAP.exec(this.box.value);
    if (!gap) return false;
    this.box.focus();
    this.box.setSelectionRange(gap.index, gap.index + gap[0].length);
    this.hint.textContent = `“${this.places.get(gap[1]) ?? gap[1]}”没有可填的内容，请写好再发送`;
    return true;
  }

  #key(event) {
    if (this.mode === "reply" && this.canned.key(event)) return;
    if (event.key === "Escape") this.box.blur();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text || this.send.disabled) return;
    if (this.mode === "reply" && this.#stopsAtGap()) return;
    if (this.mode === "reply") this.#sendReply(text);
    else await this.#saveNote(text);
  }

  #sendReply(text) {
    drafts.set(this.conversationId, "reply", "");
    this.reload();
    this.box.focus();
    this.does.reply(text);
  }

  /** A note is not said twice by accident: the words leave the box only when the service has them. */
  async #saveNote(text) {
    const { conversationId } = this;
    this.send.disabled = true;
    const problem = await this.does.note(text);
    this.send.disabled = false;
    if (problem) return this.does.told(problem);
    if (drafts.get(conversationId, "note").trim() === text) drafts.set(conversationId, "note", "");
    if (conversationId === this.conversationId && this.mode === "note") this.reload();
  }
}
