export const EMOTIONS = { neutral: "平静", angry: "生气", disappointed: "失望", anxious: "着急", pleased: "满意" };
export const REASONS = {
  price: "价格",
  logistics: "物流",
  size: "尺码",
  stock: "缺货",
  quality: "质量",
  service: "服务",
  payment: "支付",
  mistake: "拍错",
  changed_mind: "不想要了",
  other: "其他",
};
const SKILLS = Object.fromEntries(Object.entries(REASONS).map(([skill, words]) => [words, skill]));

/** The shop's rows name skills after reasons, mostly; others are shown as they are written. */
export function skillWords(skill) {
  return REASONS[skill] ?? skill;
}

export function skillOf(words) {
  return SKILLS[words] ?? words;
}

export const OUTCOMES = {
  offered: "已提出方案",
  granted: "已发放",
  already_granted: "之前已发放",
  declined: "顾客不要方案",
  offer_expired: "方案已过期",
  handed_off: "已转人工",
  asked: "已询问",
  informed: "已说明",
  explained: "已解释",
  refused: "未受理",
  kept: "订单保留",
  cancelled: "订单已取消",
  refund_requested: "已申请退款",
  address_amended: "已改地址",
  variant_amended: "已改规格",
  expedited: "已催办",
  exchange_requested: "已申请换货",
  part_cancelled: "已取消其中的商品",
  part_refund_requested: "已申请退其中的商品",
  substituted: "已换成替代款",
  merged: "已合并发货",
  split: "已安排分开发货",
  pick_up_booked: "已约上门取件",
};
export const CORRECTED = { proposed: "已提交纠正", accepted: "纠正已通过", rejected: "纠正未通过" };
export const CHANGES = {
  amend_address: "改地址",
  amend_variant: "改规格",
  expedite: "催办",
  cancel: "取消",
  refund: "退款",
  exchange: "换货",
  cancel_line: "取消其中的商品",
  refund_line: "退其中的商品",
  substitute: "换成替代款",
  merge: "合并发货",
  split: "分开发货",
  pick_up: "约上门取件",
  undo: "撤回改动",
};
export const TIERS = { new: "新客", regular: "普通", silver: "银卡", gold: "金卡" };
export const STATUSES = { bot: "机器人接待", waiting: "等待认领", human: "人工接待", closed: "已结束" };
export const PRESENCES = { online: "在线", busy: "忙碌", away: "离开", never: "未登录过" };
export const ROLES = { agent: "客服", supervisor: "主管", admin: "管理员" };
export const CHANNELS = { web: "网页", wechat: "微信", wecom: "企业微信" };
export const AUTHORS = { shopper: "顾客", bot: "机器人", associate: "客服", system: "系统" };

/** 83%; what is not quite certain does not read as certain. */
export function percent(share) {
  if (share > 0.99 && share < 1) return ">99%";
  if (share > 0 && share < 0.01) return "<1%";
  return `${Math.round(share * 100)}%`;
}

/** 今天, 昨天, 11月20日, 2024年11月20日 */
export function dayOf(iso, now = new Date()) {
  const at = new Date(iso);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const day = ["昨天", "今天"][Math.floor((at - midnight) / 86_400_000) + 1];
  const year = at.getFullYear() === now.getFullYear() ? "" : `${at.getFullYear()}年`;
  return day ?? `${year}${at.getMonth() + 1}月${at.getDate()}日`;
}

/** Whole days here, as moments: from the first one's midnight to the midnight after the last one. Each may be "". */
export function period(from, to) {
  const midnight = (day, after) => {
    const [year, month, date] = day.split("-").map(Number);
    return new Date(year, month - 1, date + after).toISOString();
  };
  return [from && midnight(from, 0), to && midnight(to, 1)];
}

/** What people do takes 45 秒, 12 分, 1 小时 20 分; from two days on as everywhere: 2 天 14 小时. */
export function span(seconds) {
  if (seconds == null) return "—";
  const minutes = Math.round(seconds / 60);
  if (seconds < 60) return `${Math.round(seconds)} 秒`;
  if (minutes < 60) return `${minutes} 分`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} 小时${minutes % 60 ? ` ${minutes % 60} 分` : ""}`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} 天${hours % 24 ? ` ${hours % 24} 小时` : ""}`;
}

/** Waiting time at a glance: 45 秒, 3 分 05 秒, then as ``span``. */
export function waited(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} 秒`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} 分 ${String(whole % 60).padStart(2, "0")} 秒`;
  return span(whole - (whole % 60));
}
