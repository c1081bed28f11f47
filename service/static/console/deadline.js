import { span } from "./words.js";

const SHORT_S = 90; // amber from here on, or from the last quarter on

/**
 * What the shop promised about a handoff, and how near it is: {words, level: calm | near | over}, or null when nothing is
 * promised any more. The first reply comes before the resolution.
 */
export function deadlineOf({ sla, opened_at, first_reply_at }, now) {
  if (!sla) return null;
  if (!first_reply_at && sla.first_reply_due_at) return clock("首次回复", sla.first_reply_due_at, opened_at, now);
  return sla.resolution_due_at ? clock("解决", sla.resolution_due_at, opened_at, now) : null;
}

function clock(what, due, from, now) {
  const left = (Date.parse(due) - now) / 1_000;
  const whole = (Date.parse(due) - Date.parse(from)) / 1_000;
  if (left < 0) return { words: `${what}超时 ${span(-left)}`, level: "over" };
  const isNear = left < Math.max(Math.min(SHORT_S, whole / 2), whole / 4);
  return { words: `${what}还剩 ${span(left)}`, level: isNear ? "near" : "calm" };
}
