import { Composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { Talk } from "./talk.js";
import { Transcript } from "./transcript.js";

const STYLES = new URL("widget.css", import.meta.url).href;
const SERVICE = new URL(import.meta.url).origin;
const PHONE = matchMedia("(max-width: 640px)");
const SPEECH = "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 10h8M8 13h5";
const CROSS = "M6 6l12 12M18 6 6 18";
const TITLES = { bot: "智能客服", waiting: "等待人工", human: "人工客服", closed: "会话已结束" };
const HINTS = ["我的快递到哪了", "我想改收货地址", "我想取消订单", "转人工"];

/**
 * <tourniquet-chat customer-token="..."> — the shop's signed token says who is talking; without it the shopper is a guest.
 * `open({draft})` opens the panel and, with a draft, puts words into the box without sending them.
 */
class TourniquetChat extends HTMLElement {
  static observedAttributes = ["customer-token"];

  constructor() {
    super();
    this.transcript = new Transcript({ press: (text) => this.talk.send(text), retry: () => this.talk.wake() });
    this.composer = new Composer({
      send: (text) => this.talk.send(text),
      drafted: (text) => this.talk?.shelf.put("draft", text || null),
    });
    this.#build();
  }

  connectedCallback() {
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    addEventListener("online", () => this.talk.wake(), { signal });
    addEventListener("offline", () => this.render(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.talk.wake(), { signal });
    PHONE.addEventListener("change", () => this.panel.open && this.#show(), { signal });
    visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    this.#begin();
    if (sessionStorage.getItem("tourniquet:open")) this.#show();
  }

  disconnectedCallback() {
    this.leaving.abort();
    this.talk.stop();
    this.talk = null;
  }

  attributeChangedCallback(_, before, after) {
    if (this.talk && before !== after) this.#begin();
  }

  open({ draft } = {}) {
    if (draft) this.composer.text = draft;
    this.#show();
    this.styled.then(() => (this.talk.status === "closed" ? this.closer : this.composer).focus());
  }

  close() {
    this.panel.close();
  }

  render() {
    const { talk } = this;
    if (!talk) return;
    const messages = talk.listed();
    this.transcript.render(messages, talk.status);
    this.heading.textContent = TITLES[talk.status];
    this.panel.dataset.status = talk.status;
    this.hello.hidden = messages.length > 0;
    this.typing.hidden = !talk.typing;
    this.news.textContent = newsOf(talk);
    this.strip.hidden = !this.news.textContent;
    this.leave.hidden = talk.status !== "waiting" || !talk.reachable;
    this.composer.node.hidden = talk.status === "closed";
    this.ended.hidden = talk.status !== "closed";
    this.#count(messages);
  }

  #begin() {
    this.talk?.stop();
    const customerToken = this.getAttribute("customer-token");
    this.talk = new Talk({ service: SERVICE, customerToken, changed: () => this.render() });
    this.composer.text = this.talk.shelf.get("draft", "");
    this.talk.start();
  }

  #count(messages) {
    const { shelf, lastSeq } = this.talk;
    if (this.panel.open) {
      if (lastSeq) shelf.put("read", lastSeq);
      this.badge.hidden = true;
      return;
    }
    const read = shelf.get("read", 0);
    const unread = messages.filter((message) => message.seq > read && message.author !== "shopper").length;
    this.badge.textContent = unread > 9 ? "9+" : String(unread);
    this.badge.hidden = unread === 0;
    this.launcher.setAttribute("aria-label", unread ? `联系客服，${unread} 条未读` : "联系客服");
  }

  /** On a phone the panel is a modal dialog: the browser keeps focus inside and the page behind still. */
  #show() {
    this.panel.close();
    if (PHONE.matches) this.panel.showModal();
    else this.panel.setAttribute("open", ""); // show() would take the focus, also from whoever just reloaded the page
    document.documentElement.style.overflow = PHONE.matches ? "hidden" : "";
    this.launcher.hidden = true;
    sessionStorage.setItem("tourniquet:open", "yes");
    this.#fit();
    this.render();
    this.transcript.toEnd();
  }

  #hidden() {
    if (this.panel.open) return;
    document.documentElement.style.overflow = "";
    this.launcher.hidden = false;
    sessionStorage.removeItem("tourniquet:open");
    this.launcher.focus();
  }

  #fit() {
    this.panel.style.height = PHONE.matches && visualViewport ? `${visualViewport.height}px` : "";
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    const all = el("div", { hidden: true });
    const styles = el("link", { rel: "stylesheet", href: STYLES });
    this.styled = new Promise((resolve) => (styles.onload = styles.onerror = resolve)); // ugly is better than absent
    this.styled.then(() => (all.hidden = false));
    this.badge = el("span", { class: "badge", hidden: true });
    this.launcher = el(
      "button",
      {
        class: "launcher",
        type: "button",
        "aria-haspopup": "dialog",
        "aria-label": "联系客服",
        onclick: () => this.open(),
      },
      icon(SPEECH),
      el("span", { "aria-hidden": "true" }, "联系客服"),
      this.badge,
    );
    this.heading = el("h2", { id: "title", "aria-live": "polite" });
    this.news = el("p", { role: "status" });
    this.leave = el("button", { type: "button", onclick: () => this.talk.stopWaiting() }, "不等了");
    this.strip = el("div", { class: "strip", hidden: true }, this.news, this.leave);
    this.hello = el(
      "div",
      { class: "hello" },
      el("p", {}, "您好，订单上遇到什么问题，直接说就行。"),
      el(
        "div",
        { class: "replies", role: "group", "aria-label": "可以这样问" },
        ...HINTS.map((hint) => el("button", { type: "button", onclick: () => this.talk.send(hint) }, hint)),
      ),
      el("p", { class: "small" }, "先由智能客服回答，随时可以说“转人工”"),
    );
    this.typing = el(
      "div",
      { class: "typing", role: "status", hidden: true },
      el("span", { class: "sr" }, "对方正在输入"),
      el("i"),
      el("i"),
      el("i"),
    );
    this.ended = el(
      "div",
      { class: "ended", hidden: true },
      el("span", {}, "会话已结束"),
      el("button", { type: "button", onclick: () => this.talk.renew() }, "再聊一次"),
    );
    this.closer = el(
      "button",
      { type: "button", class: "closer", "aria-label": "收起", onclick: () => this.close() },
      icon(CROSS),
    );
    const top = el("header", { class: "top" }, el("span", { class: "dot" }), this.heading, this.closer);
    const stage = el("div", { class: "stage" }, this.hello, this.transcript.log, this.transcript.jump);
    this.panel = el(
      "dialog",
      {
        class: "panel",
        "aria-labelledby": "title",
        onclose: () => this.#hidden(),
        onkeydown: (event) => this.#escape(event),
      },
      top,
      this.strip,
      stage,
      this.typing,
      this.composer.node,
      this.ended,
    );
    all.append(this.panel, this.launcher);
    root.append(styles, all);
  }

  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    this.close();
  }
}

function newsOf({ status, reachable, problem }) {
  if (!navigator.onLine) return "网络断开了，恢复后会自动发出";
  if (!reachable) return "暂时连不上客服，正在重试";
  if (problem) return problem;
  return status === "waiting" ? "正在为您排队，可以先把情况写下来" : "";
}

customElements.define("tourniquet-chat", TourniquetChat);
