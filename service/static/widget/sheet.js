import { el, tool } from "./dom.js";

export const CROSS = "M6 6l12 12M18 6 6 18";

/** What takes the place of the composer for a moment: the orders to pick from, the form to be called back. */
export function sheetOver() {
  let opener; // gets the focus back
  const title = el("h3", { id: "sheet", tabindex: "-1" });
  const body = el("div.body");
  const node = el(
    "section.sheet",
    { "aria-labelledby": "sheet", hidden: true },
    el("header", {}, title, tool("关闭", CROSS, close)),
    body,
  );

  function close() {
    if (node.hidden) return false;
    node.hidden = true;
    body.replaceChildren();
    opener.focus();
    return true;
  }

  function open(words, content, from) {
    opener = from;
    title.textContent = words;
    body.replaceChildren(content);
    node.hidden = false;
    title.focus();
  }
  return { node, open, close };
}
