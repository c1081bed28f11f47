import { el } from "../widget/dom.js";

const DESK = "接待";
const WRITING = "写回复时";
const REVIEW = "纠正审核";
const ANYWHERE = "到处";

/** Every shortcut: what is pressed, what it does, and in which view; `does` null is told on the sheet and handled elsewhere. */
const KEYS = [
  { group: DESK, keys: ["j"], words: "下一个会话", view: "desk", does: "next" },
  { group: DESK, keys: ["k"], words: "上一个会话", view: "desk", does: "previous" },
  { group: DESK, keys: ["Enter"], words: "认领并打开选中的会话", does: null },
  { group: DESK, keys: ["空格"], words: "只看，不认领", does: null },
  { group: DESK, keys: ["n"], words: "认领下一位", view: "desk", does: "claimNext" },
  { group: DESK, keys: ["r"], words: "写回复", view: "desk", does: "reply" },
  { group: DESK, keys: ["m"], words: "写内部备注", view: "desk", does: "note" },
  { group: DESK, keys: ["c"], words: "选常用语", view: "desk", does: "canned" },
  { group: DESK, keys: ["t"], words: "转接", view: "desk", does: "transfer" },
  { group: DESK, keys: ["Shift", "B"], words: "交还机器人", view: "desk", does: "giveBack" },
  { group: DESK, keys: ["Shift", "Q"], words: "放回队列", view: "desk", does: "release" },
  { group: DESK, keys: ["e"], words: "结束会话", view: "desk", does: "end" },
  { group: DESK, keys: ["x"], words: "关掉这个标签", view: "desk", does: "close" },
  { group: DESK, keys: ["/"], words: "搜索会话", view: "desk", does: "search" },
  { group: WRITING, keys: ["Enter"], words: "发送", does: null },
  { group: WRITING, keys: ["Shift", "Enter"], words: "换行", does: null },
  { group: WRITING, keys: ["/"], words: "在开头或空格后：选常用语", does: null },
  { group: WRITING, keys: ["Esc"], words: "离开输入框，写的内容会保留", does: null },
  { group: ANYWHERE, keys: ["Alt", "↓"], words: "下一个打开的会话，写字时也行", view: "desk", does: "nextTab" },
  { group: ANYWHERE, keys: ["Alt", "↑"], words: "上一个打开的会话，写字时也行", view: "desk", does: "previousTab" },
  { group: ANYWHERE, keys: ["?"], words: "打开这张表", does: "help" },
  { group: REVIEW, keys: ["j"], words: "下一条", view: "review", does: "reviewNext" },
  { group: REVIEW, keys: ["k"], words: "上一条", view: "review", does: "reviewPrevious" },
  { group: REVIEW, keys: ["a"], words: "通过", view: "review", does: "accept" },
  { group: REVIEW, keys: ["e"], words: "修改后通过", view: "review", does: "edit" },
  { group: REVIEW, keys: ["r"], words: "驳回", view: "review", does: "reject" },
];
const ARROWS = { ArrowUp: "↑", ArrowDown: "↓" };
const HALF_WIDTH = { "？": "?", "／": "/" }; // what a Chinese input method makes of them
const REPEATABLE = new Set(["next", "previous", "nextTab", "previousTab", "reviewNext", "reviewPrevious"]);

/** What a key press asks for in a view, or null. Letters alone are for when nobody writes. */
export function asked(event, view) {
  if (event.isComposing || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return null;
  if (!event.altKey && event.target.closest("input, textarea, select")) return null;
  const pressed = descriptor(event);
  const found = KEYS.find((one) => one.does && (one.view ?? view) === view && one.keys.join("+") === pressed);
  if (!found || (event.repeat && !REPEATABLE.has(found.does))) return null;
  return found.does;
}

function descriptor({ key, altKey, shiftKey }) {
  const plain = ARROWS[key] ?? HALF_WIDTH[key] ?? key;
  const isLetter = /^[a-z]$/i.test(plain);
  const letter = shiftKey ? plain.toUpperCase() : plain.toLowerCase(); // whatever Caps Lock says
  return [altKey && "Alt", isLetter && shiftKey && "Shift", isLetter ? letter : plain].filter(Boolean).join("+");
}

/** The sheet that `?` opens. */
export function keySheet() {
  const groups = Map.groupBy(KEYS, ({ group }) => group);
  const sheet = el(
    "dialog",
    { class: "sheet", "aria-labelledby": "sheet-title" },
    el("h2", { id: "sheet-title" }, "快捷键"),
    el("div", { class: "sheet-groups" }, ...[...groups].map(([group, keys]) => section(group, keys))),
    el("form", { method: "dialog" }, el("button", { class: "solid" }, "知道了")),
  );
  document.body.append(sheet);
  return sheet;
}

function section(group, keys) {
  const rows = keys.flatMap((one) => [
    el("dt", {}, ...one.keys.flatMap((key, index) => [index ? " + " : "", el("kbd", {}, key)])),
    el("dd", {}, one.words),
  ]);
  return el("section", {}, el("h3", {}, group), el("dl", {}, ...rows));
}
