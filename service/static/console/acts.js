import { el } from "../widget/dom.js";
import { amounts } from "./authority.js";

const SHORTEST_REASON = 4;

/** What an associate does about the conversation in front, with the questions before it and the words after it. */
export class Acts {
  constructor({ desk, toasts, question, transfer, open, focusReply }) {
    Object.assign(this, { desk, toasts, question, transfer, open, focusReply });
  }

  /** Claim if it waits, and open it either way: who came second sees who has it. */
  async take(handoff) {
    const problem = handoff.state === "waiting" ? await this.desk.move(handoff, "claim") : null;
    if (problem) this.toasts.warn(problem);
    await this.open(handoff.conversation_id);
    if (this.desk.isMine) this.focusReply();
  }

  claimNext() {
    const next = this.desk.board.next(this.desk.me.name);
    return next ? this.take(next) : this.toasts.tell("现在没有人排队");
  }

  giveBack() {
    return this.#leave("return", "已交还机器人");
  }

  release() {
    return this.#leave("release", "已放回队列");
  }

  end() {
    if (!this.#mayLeave()) return;
    const { handoff } = this.desk;
    this.question.ask({
      title: "结束这次会话？",
      words: "顾客会看到“会话已结束”。还没办完的事，可以先交还机器人。",
      verb: "结束会话",
      isDangerous: true,
      does: () => this.desk.move(handoff, "resolve"),
    });
  }

  pass() {
    if (!this.#mayLeave()) return;
    const { handoff } = this.desk;
    this.transfer.open(this.desk.me.name, async (to) => {
      const problem = await this.desk.move(handoff, "transfer", to);
      if (!problem) this.toasts.tell(to.to ? `已转给${to.to}` : "已放回队列");
      return problem;
    });
  }

  takeOver() {
    const { handoff } = this.desk;
    if (handoff?.state !== "claimed" || this.desk.isMine || !this.desk.isLead) return;
    this.question.ask({
      title: `从${handoff.associate}手里接管？`,
      words: `会话会转到您这里，${handoff.associate} 会看到是您接管的。`,
      verb: "接管",
      does: () => this.desk.move(handoff, "takeover"),
    });
  }

  grant(offer) {
    const { detail } = this.desk.talks;
    const tail = detail.order?.order_no.slice(-4);
    const reason = offer.withheld && el("input", { maxlength: 200, required: true, placeholder: "例如：核实过是一家人，这单确实晚了三天" });
    this.question.ask({
      title: `发放“${offer.title}”？`,
      words: [
        `给 ${detail.customer?.name ?? "顾客"}${tail ? `，订单尾号 ${tail}` : ""}。${amounts(offer)}。`,
        "发放后立即生效，顾客会收到消息，并记在您名下。",
        ...(reason ? [`系统先没有给：${offer.withheld}。`, el("label", {}, "为什么可以给（会留下记录）", reason)] : []),
      ],
      verb: "确认发放",
      does: async () => {
        if (reason && reason.value.trim().length < SHORTEST_REASON) return `请写明理由，至少 ${SHORTEST_REASON} 个字`;
        const problem = await this.desk.grant(offer, reason?.value.trim());
        if (!problem) this.toasts.tell(`已发放“${offer.title}”`);
        return problem;
      },
    });
  }

  async #leave(what, done) {
    if (!this.#mayLeave()) return;
    const problem = await this.desk.move(this.desk.handoff, what);
    if (problem) this.toasts.warn(problem);
    else this.toasts.tell(done);
  }

  /** Nobody leaves behind a reply that the shopper will then never get. */
  #mayLeave() {
    if (!this.desk.isMine) return false;
    const unsent = this.desk.outbox.of(this.desk.talks.front).length;
    if (unsent) this.toasts.warn(`还有 ${unsent} 条回复没有送达，请等它送达，或先撤回`);
    return !unsent;
  }
}
