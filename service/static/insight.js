import { LOGIN_OVER, Problem, call } from "./console/api.js";
import { failure, loading, nothing } from "./console/blanks.js";
import { Login } from "./console/login.js";
import { fairness } from "./insight/fairness.js";
import { lift } from "./insight/lift.js";
import { money, offers, summary } from "./insight/money.js";
import { panel } from "./insight/parts.js";
import { refusals } from "./insight/refusals.js";
import { risk } from "./insight/risk.js";
import { setup } from "./insight/setup.js";
import { el } from "./widget/dom.js";

const SPANS = { 7: "近 7 天", 30: "近 30 天", 90: "近 90 天" };
const MS_A_DAY = 86_400_000;
const byId = (id) => document.getElementById(id);
const login = new Login({ entered: enter, title: "经营看板" });

let me = null;
let days = 30;
let asked = 0; // a slow answer to an earlier question must not overwrite a later one

const buttons = Object.entries(SPANS).map(([each, words]) =>
  el("button", { type: "button", "data-days": each, onclick: () => turnTo(Number(each)) }, words),
);
byId("spans").append(...buttons);
byId("log-out").addEventListener("click", logOut);

function enter(who) {
  if (me && me.name !== who.name) return location.reload();
  me = who;
  byId("insight").hidden = false;
  byId("log-out").textContent = `${me.display || me.name} · 退出`;
  return read();
}

function turnTo(chosen) {
  days = chosen;
  return read();
}

async function read() {
  for (const button of buttons) button.setAttribute("aria-pressed", String(Number(button.dataset.days) === days));
  if (me.role === "agent")
    return show(nothing("经营看板只对主管和管理员开放", "需要的话，请管理员在客服工作台的“账号”里调整角色。"));
  const question = ++asked;
  if (!byId("panels").childElementCount) show(loading());
  const query = new URLSearchParams({ from: new Date(Date.now() - days * MS_A_DAY).toISOString() });
  try {
    const answers = await Promise.all(["money", "refusals", "fairness"].map((name) => call("GET", `insight/${name}?${query}`)));
    if (question === asked) show(...drawn(...answers));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (question === asked) show(failure(problem.message, read));
  }
}

function drawn(spent, withheld, fair) {
  byId("synthetic").hidden = !spent.synthetic;
  return [
    summary(spent, withheld, fair),
    panel("预算", "现在的占用；预留是已提出、顾客还没答复的", money(spent)),
    panel("没有给出的补偿", `${SPANS[days]}，按原因`, refusals(withheld)),
    panel("方案", `${SPANS[days]}提出的，和它们后来怎样`, offers(spent)),
    experiment(),
    model(),
    panel("公平", `${SPANS[days]}想走或收到方案的顾客，同样原因下相比`, fairness(fair)),
  ];
}

/** By itself: it is about all time, and the first who asks waits until it is counted. */
function experiment() {
  const place = el("div", { class: "experiment" });
  const ask = async () => {
    place.replaceChildren(loading());
    try {
      const found = await call("GET", "insight/experiment");
      place.replaceChildren(
        panel("补偿带来的变化", "给了方案的顾客和留白组相比，不分时段", lift(found)),
        panel("实验", "现在的设置和进度", setup(found)),
      );
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      place.replaceChildren(failure(problem.message, ask));
    }
  };
  ask();
  return place;
}

/** By itself, as the experiment: it is about the last weeks up to the last hour. */
function model() {
  const place = el("div", { class: "experiment" });
  const ask = async () => {
    place.replaceChildren(loading());
    try {
      place.replaceChildren(panel("风险模型", "最近几周，不分时段；每小时数一次", risk(await call("GET", "insight/risk"))));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      place.replaceChildren(failure(problem.message, ask));
    }
  };
  ask();
  return place;
}

function show(...nodes) {
  byId("panels").replaceChildren(...nodes);
}

async function logOut() {
  await call("POST", "logout", {}).catch(() => {});
  location.replace("/insight");
}

addEventListener(LOGIN_OVER, () => login.ask(me?.name));
call("GET", "me").then(enter, (problem) => {
  login.ask();
  if (problem.status !== 401) login.problem.textContent = problem.message;
});
