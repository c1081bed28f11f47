/** 1250 -> 12.5 元 */
export function yuan(fen) {
  return `${Number((fen / 100).toFixed(2))} 元`;
}

/** 今天 14:05, 昨天 09:30, 明天 18:00, 11月20日 18:00 */
export function moment(iso, now = new Date()) {
  const at = new Date(iso);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const day = ["昨天", "今天", "明天"][Math.floor((at - midnight) / 86_400_000) + 1];
  return `${day ?? `${at.getMonth() + 1}月${at.getDate()}日`} ${clock}`;
}

/** What is left until a moment: 2 天 14 小时, 23 小时 58 分, 4 分钟, or null when it has passed. */
export function left(iso, now = Date.now()) {
  const minutes = Math.ceil((Date.parse(iso) - now) / 60_000);
  if (!(minutes > 0)) return null;
  if (minutes < 60) return `${minutes} 分钟`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} 天${hours % 24 ? ` ${hours % 24} 小时` : ""}`;
  return minutes % 60 ? `${hours} 小时 ${minutes % 60} 分` : `${hours} 小时`;
}

function two(number) {
  return String(number).padStart(2, "0");
}
