const VIEWS = ["desk", "tasks", "review", "figures", "accounts", "profile"];

/**
 * Where the associate is, as the address says it, so that the back button, a reload and a bookmark do what they should:
 * #/tasks, #/desk/CONVERSATION, #/desk/CONVERSATION/facts (a pane of its own on a phone).
 */
export const place = {
  get now() {
    const [view, conversationId, pane] = parts();
    if (!VIEWS.includes(view)) return { view: "desk", conversationId: null, pane: "list" };
    const isTalk = view === "desk" && Boolean(conversationId);
    return { view, conversationId: isTalk ? conversationId : null, pane: isTalk ? (pane ?? "talk") : "list" };
  },

  go(view, conversationId, pane) {
    location.hash = hrefOf(view, conversationId, pane);
  },
};

export function hrefOf(...parts) {
  return `#/${parts.filter(Boolean).map(encodeURIComponent).join("/")}`;
}

function parts() {
  try {
    return location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  } catch {
    return []; // an address somebody has mangled
  }
}
