import { LOGIN_OVER, call } from "./console/api.js";
import { Accounts } from "./console/accounts.js";
import { Acts } from "./console/acts.js";
import { Bell } from "./console/bell.js";
import { Correcting } from "./console/correcting.js";
import { Desk } from "./console/desk.js";
import { Figures } from "./console/figures.js";
import { Invitation } from "./console/invitation.js";
import { asked, keySheet } from "./console/keys.js";
import { Login } from "./console/login.js";
import { Menu } from "./console/menu.js";
import { Outage } from "./console/outage.js";
import { Panel } from "./console/panel.js";
import { Phrases } from "./console/phrases.js";
import { hrefOf, place } from "./console/place.js";
import { Presence } from "./console/presence.js";
import { Profile } from "./console/profile.js";
import { Question } from "./console/question.js";
import { Queue } from "./console/queue.js";
import { Search } from "./console/search.js";
import { Sheet } from "./console/sheet.js";
import { Tabs } from "./console/tabs.js";
import { TalkView } from "./console/talk.js";
import { Tasks } from "./console/tasks.js";
import { Toasts } from "./console/toasts.js";
import { Transfer } from "./console/transfer.js";

const TASKS_MS = 60_000;
const PHONE = matchMedia("(max-width: 900px)");
const byId = (id) => document.getElementById(id);
const root = byId("desk");

const toasts = new Toasts(byId("toasts"));
const told = (words) => toasts.warn(words);
const desk = new Desk({
  changed,
  told,
  gaveBack: (id) => id === desk.talks.front && talk.composer.reload(),
  pushed: ({ type }) => type === "tasks" && tasks.read(),
});
const question = new Question();
const sheet = new Sheet();
const help = keySheet();
const acts = new Acts({ desk, toasts, question, transfer: new Transfer(), open, focusReply: () => talk.focusReply() });
const correcting = new Correcting(byId("review"), {
  desk,
  toasts,
  open,
  focusCorrect: (one) => talk.transcript.focusCorrect(one),
});
const bell = new Bell(byId("bell"), { open });
const invitation = new Invitation(byId("queue"), bell);
const search = new Search(byId("queue"), {
  look: ({ conversation_id }) => open(conversation_id),
  opened: (isOpen) => byId("queue").classList.toggle("is-searching", isOpen),
});
const queue = new Queue(byId("queue"), {
  look: ({ conversation_id }) => open(conversation_id),
  take: (handoff) => acts.take(handoff),
  claimNext: () => acts.claimNext(),
  changed,
});
const tabs = new Tabs({ close });
const talk = new TalkView(byId("talk"), tabs, {
  claim: () => acts.take(desk.handoff),
  transfer: () => acts.pass(),
  release: () => acts.release(),
  giveBack: () => acts.giveBack(),
  end: () => acts.end(),
  takeover: () => acts.takeOver(),
  reply: (text) => desk.reply(text),
  note: (text) => desk.note(text),
  writing: () => desk.writing(),
  told,
  correct: (message) => correcting.correct(message),
  retry: () => desk.outbox.flush(),
  drop: (entry) => desk.takeBack(entry),
  reachedEnd: changed,
  reread: () => desk.refetch(),
});
const panel = new Panel(byId("facts"), {
  grant: (offer) => acts.grant(offer),
  label: (labels) => desk.label(labels),
  told,
});
const tasks = new Tasks(byId("tasks"), { counted: (count) => showCount("tasks", count) });
const figures = new Figures(byId("figures"));
const accounts = new Accounts(byId("accounts"), { sheet, told: (words) => toasts.tell(words) });
const phrases = new Phrases({ sheet, question, changed: () => talk.composer.canned.forget() });
const profile = new Profile(byId("profile"), { phrases, sheet, told: (words) => toasts.tell(words) });
const presence = new Presence(byId("presence"), { told });
const menu = new Menu(byId("me"), { logOut });
const outage = new Outage(byId("outage"), { again: () => desk.live.again() });
const login = new Login({ entered: enter });

let isDue = false;
let here = null; // the place that is shown; none before the login

/** However many things change at once, the screen is drawn once. */
function changed() {
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    if (desk.me) render();
  });
}

function render() {
  const { board, talks, me } = desk;
  const { view, conversationId } = place.now;
  if (view === "desk" && conversationId && talks.front !== conversationId && here === location.hash)
    return place.go("desk");
  if (isReading()) desk.markRead();
  outage.render(desk.lostAt);
  queue.render({ board, talks, name: me.name });
  tabs.render({ board, talks, name: me.name });
  talk.render({ desk, unsent: talks.front ? desk.outbox.of(talks.front) : [] });
  panel.render(talks.detail, desk.isMine);
  correcting.render();
  showCount("review", desk.corrections.waiting);
  const unread = board.mine(me.name).reduce((sum, { conversation_id }) => sum + talks.unread(conversation_id), 0);
  const waiting = board.waiting(me.name).length;
  search.render(waiting);
  bell.count({ waiting, unread, news: desk.news });
  showCount("desk", unread);
}

/** Whether the end of the conversation in front is before somebody's eyes. */
function isReading() {
  const { view, pane } = place.now;
  const isShown = view === "desk" && (!PHONE.matches || pane === "talk");
  return isShown && !document.hidden && talk.transcript.isPinned;
}

function showCount(view, count) {
  for (const node of document.querySelectorAll(`[data-count="${view}"]`)) node.textContent = count || "";
}

async function open(conversationId, pane) {
  const isHere = here === hrefOf("desk", conversationId, pane);
  place.go("desk", conversationId, pane);
  await (isHere ? desk.refetch() : arrive());
}

function close(conversationId) {
  const { front, tabs: ids } = desk.talks;
  const at = ids.indexOf(conversationId);
  const neighbour = ids[at + 1] ?? ids[at - 1];
  desk.close(conversationId);
  if (front === conversationId) place.go("desk", neighbour);
}

/** What the address says is what is shown. */
async function arrive() {
  if (!desk.me || here === location.hash) return;
  const { view, conversationId, pane } = place.now;
  const wasHere = root.dataset.view === view;
  here = location.hash;
  Object.assign(root.dataset, { view, pane });
  for (const link of document.querySelectorAll("[data-view-link]")) {
    if (link.dataset.viewLink === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  correcting.turn(view === "review");
  if (view === "desk") {
    byId("to-desk").href = hrefOf("desk", conversationId, pane === "talk" ? null : pane);
    await desk.look(conversationId);
  } else if (!wasHere) {
    await { tasks, figures, accounts, profile: { show: () => profile.show(desk.me, desk.isLead) } }[view]?.show();
  }
}

/** Somebody else than before begins with a page that knows nothing. */
async function enter(me) {
  if (desk.me && desk.me.name !== me.name) return location.reload();
  root.hidden = false;
  root.dataset.role = me.role ?? "agent";
  menu.show(me);
  invitation.render();
  tasks.name = me.name;
  presence.start(me.name);
  const started = desk.start(me);
  await Promise.all([started, arrive(), tasks.read()]);
}

async function logOut() {
  const unsent = desk.outbox.entries.length;
  if (unsent) return told(`还有 ${unsent} 条回复没有送达，请等它送达再退出`);
  await presence.leave();
  await call("POST", "logout", {}).catch(() => {});
  location.replace("/console");
}

function step(by) {
  const { front, tabs: ids } = desk.talks;
  if (!ids.length) return;
  const at = ids.indexOf(front);
  open(ids[at < 0 ? 0 : (at + by + ids.length) % ids.length]).then(() => talk.focusReply());
}

const KEYS = {
  next: () => queue.step(1),
  previous: () => queue.step(-1),
  claimNext: () => acts.claimNext(),
  reply: () => desk.talks.detail && talk.focusReply(),
  note: () => desk.talks.detail && talk.composer.write("note"),
  canned: () => desk.talks.detail && talk.composer.openCanned(),
  transfer: () => acts.pass(),
  giveBack: () => acts.giveBack(),
  release: () => acts.release(),
  end: () => acts.end(),
  close: () => desk.talks.front && !desk.isMine && close(desk.talks.front),
  search: () => search.focus(),
  nextTab: () => step(1),
  previousTab: () => step(-1),
  help: () => help.showModal(),
  reviewNext: () => correcting.review.step(1),
  reviewPrevious: () => correcting.review.step(-1),
  accept: () => correcting.review.act("accept"),
  edit: () => correcting.review.act("edit"),
  reject: () => correcting.review.act("reject"),
};

document.addEventListener("keydown", (event) => {
  const does = desk.me && asked(event, place.now.view);
  if (!does) return;
  event.preventDefault();
  KEYS[does]();
});
document.addEventListener("visibilitychange", () => {
  changed();
  if (!document.hidden && desk.me && !login.isAsking) desk.refetch();
});
addEventListener("hashchange", arrive);
addEventListener(LOGIN_OVER, () => {
  desk.pause();
  presence.pause();
  login.ask(desk.me?.name);
});
byId("to-desk").addEventListener("click", () => search.isOpen && search.close());
byId("help").addEventListener("click", () => help.showModal());
setInterval(() => desk.me && !document.hidden && tasks.read(), TASKS_MS);

call("GET", "me").then(enter, (problem) => {
  if (problem.status !== 401) told(problem.message);
  login.ask();
});
