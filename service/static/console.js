import { call } from "./console/api.js";
import { Bell } from "./console/bell.js";
import { Desk } from "./console/desk.js";
import { facts } from "./console/facts.js";
import { LabelPanel } from "./console/labels.js";
import { Queue } from "./console/queue.js";
import { Review } from "./console/review.js";
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
  correct,
});
const panel = new LabelPanel();
const review = new Review(byId("review"), {
  accept: async (correction) => answered(await desk.accept(correction, correction.labels), "已通过"),
  reject: async (correction) => answered(await desk.reject(correction), "已驳回"),
  edit,
  look: (correction) => open(desk.look(correction.conversation_id)),
});
let deskTab = "queue";

function render() {
  const { handoffs, detail, name, openId, fetchedAt, corrections, waiting, choices } = desk;
  byId("link").textContent = desk.isLive ? "" : "连接断开，正在重连";
  queue.render({ handoffs, fetchedAt, name, openId });
  talk.render({ detail, name, escalatesAt: choices?.escalates_at });
  review.render({ corrections, waiting, name, choices });
  for (const count of document.querySelectorAll(".count.waiting")) count.textContent = waiting || "";
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

/** What the bot should have heard. What was said about it already is preselected, else what was heard. */
async function correct(message) {
  const { hearing, correction, text } = message;
  const { choices } = desk;
  const isOpen = correction?.state === "proposed";
  const heard = { ...hearing, escalate: hearing.escalate >= choices.escalates_at };
  await panel.open({
    title: isOpen ? "修改已提交的纠正" : "纠正机器人听错的内容",
    text,
    labels: isOpen ? correction.labels : heard,
    ranking: hearing.ranking,
    choices,
    verb: "提交纠正",
    isNew: true,
    save: (labels) => desk.propose(message, labels),
  });
  talk.transcript.focusCorrect(message);
}

async function edit(correction) {
  const save = async (labels) => {
    const problem = await desk.accept(correction, labels);
    if (!problem) review.tell("已通过");
    return problem;
  };
  const { text, labels, heard } = correction;
  const ranking = [labels, heard];
  await panel.open({ title: "修改后通过", text, labels, ranking, choices: desk.choices, verb: "通过", save });
  review.refocus();
}

function answered(problem, words) {
  if (problem) toast(problem);
  else review.tell(words);
}

/** On a phone the three columns and the review are tabs; elsewhere the review stands in for the columns. */
function show(tab) {
  const view = tab === "review" ? "review" : "desk";
  if (view === "desk") deskTab = tab;
  byId("desk").dataset.tab = tab;
  for (const button of document.querySelectorAll("[data-view], .tabs button"))
    button.setAttribute("aria-pressed", String([tab, view].includes(button.dataset.tab ?? button.dataset.view)));
  desk.review(view === "review");
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
  panel.close();
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
for (const button of document.querySelectorAll("[data-view]"))
  button.addEventListener("click", () => show(button.dataset.view === "review" ? "review" : deskTab));

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey;
  if (isTyping || !desk.name || document.querySelector("dialog[open]")) return;
  const isReviewing = byId("desk").dataset.tab === "review";
  const does = {
    "?": () => byId("shortcuts").showModal(),
    ...(isReviewing
      ? {
          j: () => review.step(1),
          k: () => review.step(-1),
          a: () => event.repeat || review.act("accept"),
          e: () => event.repeat || review.act("edit"),
          r: () => event.repeat || review.act("reject"),
        }
      : { j: () => queue.step(1), k: () => queue.step(-1), r: () => talk.focusReply() }),
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

call("GET", "me").then(({ name }) => enter(name), askToLogIn);
