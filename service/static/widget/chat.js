import { callbackForm } from "./callback.js";
import { composerFor } from "./composer.js";
import { el, icon, press, tool } from "./dom.js";
import { orderList } from "./orders.js";
import { ratingForm } from "./rating.js";
import { CROSS, sheetOver } from "./sheet.js";
import { talkOf } from "./talk.js";
import { transcriptOf } from "./transcript.js";
import { newsOf } from "./waiting.js";

const PHONE = matchMedia("(max-width: 640px)");
const OPEN = "tourniquet:open";
const LAUNCH = "联系客服";
const SPEECH = "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 10h8M8 13h5";
const TITLES = { bot: "智能客服", waiting: "等待人工", human: "人工客服", closed: "会话已结束" };
const HINTS = ["我的快递到哪了", "我想改收货地址", "我想取消订单", "转人工"];

/** The launcher and the panel in a shadow root, and the talk behind them. */
export function chatIn(root, service) {
  let talk, isRendering;
  const say = (text) => talk.send(text);
  const transcript = transcriptOf({ say, retry: () => talk.wake(), load: (id) => talk.picture(id) });
  const composer = composerFor({
    send: (text, attachment) => talk.send(text, attachment),
    drafted: (text) => talk?.draft(text),
    upload: (file) => talk.upload(file),
    pickOrder,
  });
  const sheet = sheetOver();
  const badge = el("span.badge", { hidden: true });
  const launcher = press("launcher", () => open(), icon(SPEECH), el("span", {}, LAUNCH), badge);
  launcher.ariaHasPopup = "dialog";
  const heading = el("h2", { id: "title", "aria-live": "polite" });
  const news = el("p", { role: "status" });
  const call = press("link", askCall, "请回电");
  const leave = press("link", () => talk.stopWaiting(), "不等了");
  const strip = el("div.strip", {}, news, call, leave);
  const hints = HINTS.map((hint) => press("chip", () => say(hint), hint));
  const hello = el(
    "div.hello",
    {},
    el("p", {}, "您好，订单上遇到什么问题，直接说就行。"),
    el("div.replies", { role: "group", "aria-label": "可以这样问" }, ...hints),
    el("p.small", {}, "先由智能客服回答，随时可以说“转人工”"),
  );
  const dots = [1, 2, 3].map(() => el("i"));
  const typing = el("div.typing", { role: "status" }, el("span.sr", {}, "对方正在输入"), ...dots);
  const ended = el("div.ended", { hidden: true });
  const closer = tool("收起", CROSS, close);
  const panel = el(
    "dialog.panel",
    { "aria-labelledby": "title", onclose: hidden, onkeydown: escape },
    el("header.top", {}, el("span.dot"), heading, closer),
    strip,
    el("div.stage", {}, hello, transcript.log, transcript.jump),
    typing,
    sheet.node,
    composer.node,
    ended,
  );
  root.append(panel, launcher);

  /** Until the signal: what the browser tells about the network, the page and the room there is. */
  function listen(signal) {
    const on = (target, name, act) => target?.addEventListener(name, act, { signal });
    on(window, "online", () => talk.wake());
    on(window, "offline", render);
    on(document, "visibilitychange", () => document.hidden || talk.wake());
    on(PHONE, "change", () => panel.open && show());
    on(window.visualViewport, "resize", fit);
    on(window.visualViewport, "scroll", fit);
    on(signal, "abort", () => talk.stop());
    if (sessionStorage.getItem(OPEN)) show();
  }

  /** Talk as this customer from now on. */
  function begin(customerToken, hasDevice) {
    talk?.stop();
    talk = talkOf(service, customerToken, hasDevice, render);
    composer.write(talk.shelf.get("draft", ""));
    composer.drop();
    sheet.close();
    talk.start();
  }

  function open({ draft } = {}) {
    if (draft) composer.write(draft);
    show();
    (talk.status === "closed" ? closer : composer).focus();
  }

  function close() {
    panel.close();
  }

  /** Once for all that has changed in this moment. */
  function render() {
    if (isRendering) return;
    isRendering = true;
    queueMicrotask(renderNow);
  }

  function renderNow() {
    isRendering = false;
    const messages = talk.listed();
    const { status } = talk;
    const isClosed = status === "closed";
    const { words, mayLeave, mayCall } = newsOf(talk);
    transcript.render(messages, talk);
    heading.textContent = TITLES[status];
    panel.dataset.status = status;
    hello.hidden = Boolean(messages[0]);
    typing.hidden = !talk.typing;
    if (news.textContent !== words) news.textContent = words; // or it would be read out again
    strip.hidden = !words;
    leave.hidden = !mayLeave;
    call.hidden = !mayCall;
    composer.orders.hidden = !talk.isKnown;
    composer.node.hidden = isClosed;
    if (isClosed === ended.hidden) end(isClosed);
    count(messages);
  }

  function end(isClosed) {
    ended.hidden = !isClosed;
    const rating = isClosed && ratingForm(talk.shelf.get("rated"), talk.rate);
    ended.replaceChildren(...(isClosed ? [rating, press("chip", () => talk.renew(), "再聊一次")] : []));
  }

  function pickOrder(opener) {
    const picked = (orderNo) => {
      sheet.close();
      composer.focus();
      say(`订单号 ${orderNo}`);
    };
    sheet.open("选择订单", orderList(talk.orders, picked), opener);
  }

  function askCall() {
    const thanks = () => sheet.open("已登记，我们会给您回电", "电话号码只用于这次回电。", composer);
    sheet.open("请人工给我回电", callbackForm(talk.callBack, thanks), call);
  }

  function count(messages) {
    const { shelf } = talk;
    const read = shelf.get("read", 0);
    const last = talk.lastSeq();
    const unread = messages.filter(({ seq, author }) => seq > read && author !== "shopper").length;
    badge.textContent = unread > 9 ? "9+" : unread;
    badge.hidden = panel.open || !unread;
    launcher.ariaLabel = unread ? `${LAUNCH}，${unread} 条未读` : LAUNCH;
    if (panel.open && last > read) shelf.put("read", last);
  }

  /** On a phone the panel is a modal dialog: the browser keeps focus inside and the page behind still. */
  function show() {
    panel.close();
    if (PHONE.matches) panel.showModal();
    else panel.setAttribute("open", ""); // show() would take the focus, also from whoever just reloaded the page
    document.documentElement.style.overflow = PHONE.matches ? "hidden" : "";
    launcher.hidden = true;
    sessionStorage.setItem(OPEN, "yes");
    fit();
    renderNow();
    transcript.toEnd();
  }

  function hidden() {
    if (panel.open) return;
    document.documentElement.style.overflow = "";
    launcher.hidden = false;
    sessionStorage.removeItem(OPEN);
    launcher.focus();
  }

  /** Above an on-screen keyboard, also where that pushes the page up instead of making it smaller. */
  function fit() {
    const { height, offsetTop } = (PHONE.matches && window.visualViewport) || {};
    panel.style.height = height ? `${height}px` : "";
    panel.style.top = height ? `${offsetTop}px` : "";
  }

  function escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    if (!sheet.close()) close();
  }

  return { begin, close, listen, open };
}
