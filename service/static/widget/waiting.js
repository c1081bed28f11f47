import { moment } from "./words.js";

const MINUTE_S = 60;

/** The line under the heading: what stands between the shopper and an answer, and what they may do about it. */
export function newsOf({ status, reachable, problem, queue, missed, shelf }) {
  const canCall = queue?.open !== undefined && !shelf.get("called");
  if (!navigator.onLine) return { words: "网络断开了，恢复后会自动发出" };
  if (!reachable) return { words: "暂时连不上客服，正在重试" };
  if (problem) return { words: problem };
  if (queue?.open === false && status !== "human" && status !== "closed")
    return { words: closed(queue.opens_at, shelf), mayLeave: status === "waiting", mayCall: canCall };
  if (status === "waiting") return { words: waiting(queue), mayLeave: true };
  if (missed) return { words: "刚才没有等到人工，抱歉", mayCall: canCall };
  return { words: "" };
}

function closed(opensAt, shelf) {
  if (shelf.get("called")) return "已登记，人工上班后会给您回电";
  return opensAt ? `人工客服${moment(opensAt)} 上班` : "人工客服现在不在";
}

/** Honest: a wait that cannot be known is not named. */
function waiting({ position, expected_wait_s: wait } = {}) {
  if (!position) return "正在为您排队，可以先把情况写下来";
  const before = position > 1 ? `前面还有 ${position - 1} 位` : "您是下一位";
  if (wait == null) return `${before}，可以先把情况写下来`;
  return `${before}，大约等${wait < MINUTE_S ? "不到 1" : ` ${Math.ceil(wait / MINUTE_S)}`} 分钟`;
}
