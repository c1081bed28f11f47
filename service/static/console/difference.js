import { el } from "../widget/dom.js";
import { nearest } from "./labels.js";

/** Heard and meant, side by side; what stays as heard is only named. */
export function difference({ heard, labels }, choices) {
  const before = inWords(heard, choices);
  const rows = Object.entries(inWords(labels, choices)).map(([name, after]) => {
    const isSame = before[name] === after;
    return el(
      "div",
      { class: isSame ? "same" : "changed" },
      el("dt", {}, name),
      isSame
        ? el("dd", {}, after, el("span", { class: "sr" }, "，不变"))
        : el("dd", {}, ...change(before[name], after)),
    );
  });
  return el("dl", { class: "difference" }, ...rows);
}

function change(before, after) {
  const arrow = el("span", { class: "to", role: "img", "aria-label": "改为" }, "→");
  return [el("del", {}, before), arrow, el("ins", {}, after)];
}

function inWords({ intent_words, emotion, emotion_words, intensity, reasons, escalate }, choices) {
  const strength = emotion === "neutral" ? "" : ` ${nearest(intensity, choices.intensities).words}`;
  const named = choices.reasons.filter(({ value }) => reasons.includes(value)).map(({ words }) => words);
  return {
    意图: intent_words,
    情绪: emotion_words + strength,
    原因: named.join("、") || "没有说",
    人工: escalate ? "需要" : "不需要",
  };
}
