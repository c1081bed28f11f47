import { call } from "./console/api.js";
import { Bell } from "./console/bell.js";
import { Desk } from "./console/desk.js";
import { facts } from "./console/facts.js";
import { Queue } from "./console/queue.js";
import { TalkView } from "./console/talk.js";
import { el } from "./widget/dom.js";

const TOAST_MS = 8_000;
const byId = (id) => document.getElementById(id);

const desk = new Desk({ changed: render, told: toast, expired: askToLogIn });
const bell = new Bell(byId("sound"));
const queue = new Queue(byId("queue"), { look: (handoff) => open(desk.look(handoff.conversation_id)), take });
const talk = new TalkView(byId("talk"), {
  take: () => take(desk.detail.handoff),
  reply: (text) => desk.reply(text),
  giveBack: () => desk.giveBack(),
  end: () => byId("ending").showModal(),
});

function render() {
  const { handoffs, detail, name, openId, fetchedAt } = desk;
  byId("link").textContent = desk.isLive ? "" : "连接断开，正在重连";
  queue.render({ handoffs, fetchedAt, name, openId });
  talk.render({ detail, name });
  const seen = JSON.stringify(detail && [detail.order, detail.customer, detail.risk, detail.grants, detail.mood]);
  if (byId("facts").dataset.seen !== seen) {
    byId("facts").dataset.seen = seen;
    byId("facts").replaceChildren(
      ...(detail ? facts(detail) : [el("p", { class: "empty" }, "选中会话后，这里是订单、顾客和风险")]),
    );
  }
  bell.count(handoffs.filter((handoff) => handoff.state === "waiting").length);
}

async function take(handoff) {
  await open(desk.take(handoff));
  if (desk.detail?.handoff?.associate === desk.name) talk.focusReply();
}

async function open(opening) {
  await opening;
  show("talk");
}

/** On a phone the three columns are tabs. */
function show(tab) {
  byId("desk").dataset.tab = tab;
  for (const button of document.querySelectorAll(".tabs button"))
    button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
}

function toast(words) {
  const note = el(
    "p",
    {},
    words,
    el("button", { type: "button", "aria-label": "关闭", onclick: () => note.remove() }, "×"),
  );
  byId("toasts").append(note);
  setTimeout(() => note.remove(), TOAST_MS);
}

function askToLogIn() {
  if (desk.name) desk.stop();
  byId("desk").hidden = true;
  byId("login").hidden = false;
  byId("login").elements.name.focus();
}

async function enter(name) {
  byId("login").hidden = true;
  byId("desk").hidden = false;
  byId("me").textContent = name;
  show("queue");
  await desk.start(name);
}

byId("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, password } = event.target.elements;
  byId("login-error").textContent = "";
  try {
    const who = await call("POST", "login", { name: name.value.trim(), password: password.value });
    password.value = "";
    await enter(who.name);
  } catch (problem) {
    byId("login-error").textContent = problem.message;
  }
});

byId("logout").addEventListener("click", async () => {
  await call("POST", "logout", {}).catch(() => {});
  askToLogIn();
});
byId("help").addEventListener("click", () => byId("shortcuts").showModal());
byId("ending").addEventListener("close", () => {
  if (byId("ending").returnValue === "end") desk.end();
  byId("ending").returnValue = "";
});
for (const button of document.querySelectorAll(".tabs button"))
  button.addEventListener("click", () => show(button.dataset.tab));

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey;
  if (isTyping || !desk.name || document.querySelector("dialog[open]")) return;
  const does = {
    j: () => queue.step(1),
    k: () => queue.step(-1),
    r: () => talk.focusReply(),
    "?": () => byId("shortcuts").showModal(),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

call("GET", "me").then(({ name }) => enter(name), askToLogIn);
