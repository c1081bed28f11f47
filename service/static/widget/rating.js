import { el } from "./dom.js";

const SCORES = ["很不满意", "不满意", "一般", "满意", "很满意"];

/** How it went, once it is over. `send` takes {score, comment}; what was given, `before` too, may be changed. */
export function ratingForm(before, send) {
  let score;
  const asked = el("legend", {}, before ? `您的评价：${SCORES[before - 1]}` : "这次服务怎么样？");
  const stars = SCORES.map((name, index) => {
    const choose = () => {
      score = index + 1;
      asked.textContent = name;
      told.textContent = "";
      more.hidden = false;
    };
    const radio = { type: "radio", name: "score", "aria-label": name, onchange: choose };
    return el("label", { title: name }, el("input.sr", { ...radio, checked: index + 1 === before }), "★");
  });
  const comment = el("textarea", { rows: 2, maxlength: 500, "aria-label": "想说的话", placeholder: "想说的话（选填）" });
  const more = el("div", { hidden: true }, comment, el("button.solid", {}, "提交评价"));
  const told = el("p.small.told", { role: "status" });

  async function go(event) {
    event.preventDefault();
    more.hidden = true;
    try {
      await send({ score, comment: comment.value.trim() || undefined });
      told.textContent = "谢谢，已经收到";
    } catch ({ status, message }) {
      more.hidden = false;
      told.textContent = (status && message) || "没有提交上，请稍后再试";
    }
  }
  return el("form.rating", { onsubmit: go }, el("fieldset", {}, asked, el("div.stars", {}, ...stars)), more, told);
}
