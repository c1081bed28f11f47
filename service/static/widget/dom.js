/**
 * An element with attributes, listeners (`onclick`) and children; `name` may carry classes: `p.small`. Strings become text,
 * never markup.
 */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes[0]) node.className = classes.join(" ");
  return fill(node, attributes, children);
}

/** The same for SVG, without classes in the name. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** A line icon on a 24 by 24 grid, one path. */
export function icon(path) {
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, svg("path", { d: path }));
}

/** A button that sends no form; `look` is its class. */
export function press(look, onclick, ...children) {
  return el(`button.${look}`, { type: "button", onclick }, ...children);
}

/** A button that is an icon; its label is for those who do not see it. */
export function tool(label, path, onclick) {
  return el("button.round", { type: "button", "aria-label": label, title: label, onclick }, icon(path));
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}
