import { el } from "../widget/dom.js";
import { hrefOf } from "./place.js";

/** The open conversations side by side over the transcript; mine stay, others can be closed. */
export class Tabs {
  constructor({ close }) {
    this.close = close;
    this.node = el("nav", { class: "talk-tabs", "aria-label": "打开的会话" });
  }

  render({ board, talks, name }) {
    const mine = new Set(board.mine(name).map(({ conversation_id }) => conversation_id));
    const tabs = talks.tabs.map((id) => ({
      id,
      who: board.of(id)?.customer || nameIn(talks.details.get(id)) || "访客",
      unread: mine.has(id) ? talks.unread(id) : 0,
      isMine: mine.has(id),
      isFront: id === talks.front,
    }));
    this.node.hidden = tabs.length < 2;
    const seen = JSON.stringify(tabs);
    if (seen === this.seen) return;
    this.seen = seen;
    this.node.replaceChildren(...tabs.map((tab) => this.#tab(tab)));
    this.node.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #tab({ id, who, unread, isMine, isFront }) {
    const title = isMine ? `${who}（我的）` : who;
    return el(
      "span",
      { class: isMine ? "talk-tab is-mine" : "talk-tab" },
      el(
        "a",
        { href: hrefOf("desk", id), title, "aria-current": isFront && "page" },
        el("span", {}, who),
        unread > 0 && el("b", { class: "unread" }, String(unread), el("span", { class: "sr" }, " 条未读")),
      ),
      !isMine &&
        el(
          "button",
          { type: "button", "aria-label": `关闭 ${who}`, title: "关闭（x）", onclick: () => this.close(id) },
          "×",
        ),
    );
  }
}

function nameIn(detail) {
  return detail?.customer?.name ?? detail?.handoff?.customer;
}
