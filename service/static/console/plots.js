import { el, svg } from "../widget/dom.js";

const WIDTH = 400;
const HEIGHT = 180;
const FOOT = 22;
const HEAD = 18;

/**
 * Columns side by side: `columns` [{words, value, title}], drawn with a word under every `each`th. The same numbers stand
 * in the title of every column and in the label, for who cannot see it.
 */
export function columns(label, values, { each = 1 } = {}) {
  const most = Math.max(...values.map(({ value }) => value), 1);
  const step = WIDTH / values.length;
  const height = (value) => ((HEIGHT - FOOT - HEAD) * value) / most;
  const said = values.filter(({ value }) => value).map(({ title }) => title);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "columns",
      role: "img",
      "aria-label": `${label}：${said.join("，") || "没有"}`,
    },
    svg("path", { d: `M 0 ${HEIGHT - FOOT} H ${WIDTH}`, class: "ground" }),
    ...values.flatMap(({ words, value, title }, index) => {
      const x = index * step;
      const top = HEIGHT - FOOT - height(value);
      const middle = x + step / 2;
      return [
        svg(
          "rect",
          { x: x + step * 0.15, y: top, width: step * 0.7, height: height(value), rx: 3, class: "column" },
          svg("title", {}, title),
        ),
        value > 0 && svg("text", { x: middle, y: top - 5, class: "value" }, String(value)),
        index % each === 0 && svg("text", { x: middle, y: HEIGHT - 6, class: "words" }, words),
      ];
    }),
  );
}

/** Bars below each other, longest first as they come: [{words, value, title}]. */
export function ranking(values) {
  const most = Math.max(...values.map(({ value }) => value), 1);
  return el(
    "ul",
    { class: "ranking" },
    ...values.map(({ words, value, title }) => {
      const bar = el("span", { class: "bar" });
      bar.style.width = `${(100 * value) / most}%`;
      return el(
        "li",
        { title },
        el("span", { class: "words" }, words),
        el("b", {}, String(value)),
        el("span", { class: "rail" }, bar),
      );
    }),
  );
}
