import { el } from "./dom.js";

const NUMBER = "[+]?[0-9][0-9 \\-]{5,18}[0-9]";

/** Instead of waiting: where to call, about what and when. `send` takes {contact, wish, when} and throws what the service said. */
export function callbackForm(send, sent) {
  const about = { type: "tel", autocomplete: "tel", required: true, pattern: NUMBER, title: "能联系到您的号码" };
  const contact = el("input", about);
  const wish = el("textarea", { rows: 2, maxlength: 500, required: true });
  const when = el("select", {}, el("option", { value: "" }, "尽快"), ...times(new Date()));
  const wrong = el("p.wrong", { role: "alert" });
  const submit = el("button.solid", {}, "请回电");

  async function go(event) {
    event.preventDefault();
    submit.disabled = true;
    try {
      await send({ contact: contact.value.trim(), wish: wish.value.trim(), when: when.value || undefined });
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

/** 今天晚上, 明天上午, ...: as moments, those that still lie ahead. */
function times(now) {
  const part = (days, hour, words) => {
    const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
    return at > now && el("option", { value: at.toISOString() }, (days ? "明天" : "今天") + words);
  };
  return [0, 1].flatMap((days) => [part(days, 9, "上午"), part(days, 13, "下午"), part(days, 18, "晚上")]).filter(Boolean);
}
