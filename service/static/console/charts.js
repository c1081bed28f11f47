import { el, svg } from "../widget/dom.js";
import { EMOTIONS, percent } from "./words.js";

const WIDTH = 280;
const HEIGHT = 84;
const PAD = 8;

/** A half circle from 0 to 1 with the threshold marked. */
export function gauge({ probability, band, band_words, threshold }) {
  const arc = (share) => `M 20 90 A 70 70 0 0 1 ${point(share).join(" ")}`;
  const [x, y] = point(threshold, 60);
  const [outerX, outerY] = point(threshold, 80);
  return svg(
    "svg",
    {
      viewBox: "0 0 180 104",
      class: "gauge",
      "data-band": band,
      role: "img",
      "aria-label": `流失概率 ${percent(probability)}，${band_words}，${percent(threshold)} 起介入`,
    },
    svg("path", { d: arc(1), class: "track" }),
    svg("path", { d: arc(Math.max(0.01, probability)), class: "value" }),
    svg("path", { d: `M ${x} ${y} L ${outerX} ${outerY}`, class: "threshold" }),
    svg("text", { x: 90, y: 80, class: "number" }, percent(probability)),
    svg("text", { x: 90, y: 99, class: "band" }, `${band_words} · ${percent(threshold)} 起介入`),
  );
}

/** Where a share of the half circle ends. */
function point(share, radius = 70) {
  const angle = Math.PI * (1 - share);
  return [90 + radius * Math.cos(angle), 90 - radius * Math.sin(angle)].map((value) => Number(value.toFixed(2)));
}

/** What pushed the score up or down, longest bar first; lengths are on the logit scale. */
export function bars(reasons) {
  const longest = Math.max(...reasons.map(({ contribution }) => Math.abs(contribution)), 0.01);
  return el(
    "ul",
    { class: "bars" },
    ...reasons.map(({ words, contribution }) => {
      const bar = el("span", { class: "bar" });
      bar.style.width = `${(100 * Math.abs(contribution)) / longest}%`;
      const way = contribution >= 0 ? "推高" : "拉低";
      return el(
        "li",
        { "data-way": contribution >= 0 ? "up" : "down", title: `${way}风险，对数几率 ${contribution.toFixed(2)}` },
        el("span", { class: "words" }, words),
        el("span", { class: "way" }, way),
        el("span", { class: "rail" }, bar),
      );
    }),
  );
}

/** Sentiment from message to message, 1 at the top and -1 at the bottom. */
export function curve(mood) {
  const x = (index) =>
    PAD + (mood.length > 1 ? (index * (WIDTH - 2 * PAD)) / (mood.length - 1) : (WIDTH - 2 * PAD) / 2);
  const y = (sentiment) => PAD + ((1 - sentiment) * (HEIGHT - 2 * PAD)) / 2;
  const points = mood.map(({ sentiment }, index) => `${x(index).toFixed(1)},${y(sentiment).toFixed(1)}`);
  const said = mood.map(({ emotion }) => EMOTIONS[emotion] ?? emotion);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img", "aria-label": `情绪变化：${said.join("、")}` },
    svg("path", { d: `M 0 ${y(0)} H ${WIDTH}`, class: "zero" }),
    svg("polyline", { points: points.join(" "), class: "path" }),
    ...mood.map(({ emotion, sentiment }, index) =>
      svg(
        "circle",
        { cx: x(index).toFixed(1), cy: y(sentiment).toFixed(1), r: 4, "data-emotion": emotion },
        svg("title", {}, `${said[index]} ${sentiment.toFixed(2)}`),
      ),
    ),
  );
}
