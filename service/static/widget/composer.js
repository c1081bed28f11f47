import { el, icon, press, tool } from "./dom.js";
import { painted, shrunk } from "./picture.js";
import { CROSS } from "./sheet.js";

const LONGEST = 2_000;
const COUNTED_FROM = 1_800;
const PLANE = "M4 12 20 4l-5 16-4-7zM11 13l9-9";
const FRAME = "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01";
const LIST = "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6";

/**
 * Where the shopper types. Enter sends, Shift+Enter breaks the line; while an input method composes, Enter is its own.
 * `upload` takes a JPEG and resolves to the attachment that `send(text, attachment)` then carries.
 */
export function composerFor({ send, drafted, upload, pickOrder }) {
  let attachment, taking; // the picture that is there; the one that is on its way
  const box = el("textarea", {
    rows: 1,
    maxlength: LONGEST,
    "aria-label": "输入消息，回车发送",
    placeholder: "说说遇到的问题",
    enterkeyhint: "send",
    oninput: change,
    onpaste: ({ clipboardData }) => take(clipboardData.files[0]),
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
    },
  });
  const file = el("input", { type: "file", accept: "image/*", hidden: true, onchange: () => take(file.files[0]) });
  const orders = tool("选择订单", LIST, () => pickOrder(orders));
  const button = el("button.send", { "aria-label": "发送" }, icon(PLANE));
  const counter = el("p.counter", { role: "status" });
  const ahead = el("div.ahead", { hidden: true });
  const pick = tool("发送图片", FRAME, () => file.click());
  const node = el("form.composer", { onsubmit: submit }, ahead, orders, pick, file, box, button, counter);

  function submit(event) {
    event.preventDefault();
    if (button.disabled) return;
    send(box.value.trim(), attachment);
    box.value = "";
    drop();
  }

  async function take(picture) {
    if (!picture) return;
    drop();
    const mine = (taking = {}); // another may be chosen before this one is ready
    const told = el("p", { role: "status" }, "正在处理图片");
    const say = (...words) => mine === taking && told.replaceChildren(...words);
    ahead.append(told, tool("不发这张图片", CROSS, () => (drop(), box.focus())));
    ahead.hidden = false;
    change();
    let jpeg;
    try {
      jpeg = await shrunk(picture);
      const small = await painted(jpeg, 112);
      if (mine !== taking) return;
      ahead.prepend(small);
    } catch ({ message }) {
      return say(message);
    }
    /** Until it is there: a shopper on a train tries again with one tap. */
    const bring = async () => {
      say("正在上传");
      try {
        const brought = await upload(jpeg);
        if (mine === taking) attachment = brought;
        say("可以发送了");
      } catch ({ status, message }) {
        say((status && message) || "没有上传成功", " ", press("link", bring, "重试"));
      }
      change();
    };
    await bring();
  }

  function drop() {
    taking = attachment = null;
    file.value = "";
    ahead.replaceChildren();
    ahead.hidden = true;
    change();
  }

  function change() {
    const { value, style } = box;
    const left = LONGEST - value.length;
    counter.textContent =
      value.length < COUNTED_FROM ? "" : left ? `还可以输入 ${left} 字` : "已到 2000 字上限";
    button.disabled = ahead.hidden ? !value.trim() : !attachment;
    style.height = "auto";
    if (box.scrollHeight) style.height = `${box.scrollHeight + 2}px`;
    drafted(value);
  }

  function write(words) {
    box.value = words;
    change();
  }
  return { node, orders, write, drop, focus: () => box.focus() };
}
