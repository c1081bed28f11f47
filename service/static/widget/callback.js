import { el } from "./dom.js";

const TIMES = ["尽快", "上午", "下午", "晚上"];
const NUMBER = "[+]?[0-9][0-9 \\-]{5,18}[0-9]";

/** Out of hours: where and why to call. `send` takes {contact, wish, when} and throws what the service said. */
export function callbackForm(send, sent) {
  const about = { type: "tel", autocomplete: "tel", required: true, pattern: NUMBER, title: "能联系到您的号码" };
  const contact = el("input", about);
  const wish = el("textarea", { rows: 2, maxlength: 500, required: true });
  const when = el("select", {}, ...TIMES.map((time) => el("option", {}, time)));
  const wrong = el("p.wrong", { role: "alert" });
  const submit = el("button.solid", {}, "请回电");

  async function go(event) {
    event.preventDefault();
    submit.disabled = true;
    try {
      await send({ contact: contact.value.trim(), wish: wish.value.trim(), when: when.value });
      sent();
    } catch ({ status, message }) {
      wrong.textContent = (status && message) || "没有登记上，请检查网络后再试";
      submit.disabled = false;
    }
  }
  return el(
    "form",
    { onsubmit: go },
    el("label", {}, "电话号码", contact),
    el("label", {}, "想解决什么", wish),
    el("label", {}, "什么时候方便", when),
    wrong,
    submit,
  );
}
