import { el } from "../widget/dom.js";
import { kept } from "./kept.js";

const TITLE = "客服工作台";
const WAITS = [660, 880]; // Hz: somebody new waits
const WRITES = [880]; // somebody of mine wrote

/**
 * Who needs an associate: the number in the tab's title and, each only when switched on, tones and desktop notifications.
 * The browser is asked for notifications only after the associate has asked for them here.
 */
export class Bell {
  constructor(button, { open }) {
    this.open = open;
    this.isLoud = kept.get("sound", false);
    this.notifies = kept.get("notify", false) && canNotify() && Notification.permission === "granted";
    this.waiting = this.unread = null;
    this.button = button;
    this.sound = toggle("提示音", "有人排队或回复时响一声", () => this.#switchSound());
    this.notify = toggle("桌面通知", "窗口不在前面时提醒", () => this.#switchNotify());
    this.refusal = el("p", { class: "fine" });
    const menu = el("div", { class: "menu", id: "bell-menu", popover: "auto" }, this.sound, this.notify, this.refusal);
    button.after(menu);
    button.setAttribute("popovertarget", "bell-menu");
    this.#show();
  }

  /** Whether to offer notifications: never asked for here, and not refused in the browser. */
  get mayOffer() {
    return canNotify() && Notification.permission === "default" && !kept.get("notify-asked", false);
  }

  dismiss() {
    kept.set("notify-asked", true);
  }

  accept() {
    this.dismiss();
    return this.#switchNotify();
  }

  /** `waiting`: handoffs nobody has; `unread`: how many messages of mine nobody has looked at; `news`: the newest of each. */
  count({ waiting, unread, news }) {
    const total = waiting + unread;
    document.title = total ? `(${total}) ${TITLE}` : TITLE;
    const isFirst = this.waiting === null;
    const moreWait = waiting > this.waiting;
    const moreUnread = unread > this.unread;
    Object.assign(this, { waiting, unread });
    if (isFirst || !(moreWait || moreUnread)) return;
    if (this.isLoud) this.#ring(moreWait ? WAITS : WRITES);
    if (this.notifies && document.hidden) this.#tell(moreWait ? news.waiting : news.unread);
  }

  /** What is on a lock screen names nobody. */
  #tell({ words, conversation_id }) {
    const note = new Notification(TITLE, { body: words, tag: conversation_id, icon: "/static/favicon.svg" });
    note.onclick = () => (window.focus(), note.close(), this.open(conversation_id));
  }

  #switchSound() {
    this.isLoud = !this.isLoud;
    kept.set("sound", this.isLoud);
    this.#show();
    if (this.isLoud) this.#ring(WAITS);
  }

  async #switchNotify() {
    const isOn = !this.notifies && canNotify() && (await Notification.requestPermission()) === "granted";
    this.notifies = isOn;
    kept.set("notify", isOn);
    this.#show();
  }

  #show() {
    this.sound.setAttribute("aria-pressed", String(this.isLoud));
    this.notify.setAttribute("aria-pressed", String(this.notifies));
    this.button.dataset.on = String(this.isLoud || this.notifies);
    const isRefused = canNotify() && Notification.permission === "denied";
    this.notify.disabled = !canNotify() || isRefused;
    this.refusal.textContent = isRefused
      ? "浏览器已禁止通知。要打开，请点地址栏左侧的图标，允许通知"
      : canNotify()
        ? ""
        : "浏览器在这个地址上不支持通知（需要 https）";
  }

  #ring(pitches) {
    this.audio ??= new AudioContext();
    this.audio.resume();
    for (const [index, pitch] of pitches.entries()) {
      const start = this.audio.currentTime + index * 0.14;
      const tone = this.audio.createOscillator();
      const volume = this.audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.08, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.12);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(start);
      tone.stop(start + 0.13);
    }
  }
}

function canNotify() {
  return "Notification" in window && isSecureContext;
}

function toggle(words, hint, does) {
  return el(
    "button",
    { type: "button", class: "toggle", onclick: does },
    el("span", {}, el("b", {}, words), el("span", { class: "fine" }, hint)),
    el("i", { class: "switch" }),
  );
}
