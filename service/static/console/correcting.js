import { LabelPanel } from "./labels.js";
import { Review } from "./review.js";

/** What was misheard: proposed in the transcript, reviewed on a screen of its own. */
export class Correcting {
  constructor(root, { desk, toasts, open, focusCorrect }) {
    Object.assign(this, { desk, toasts, focusCorrect });
    this.panel = new LabelPanel();
    this.review = new Review(root, {
      accept: (one) => this.#answered(desk.corrections.accept(one, one.labels), "已通过"),
      reject: (one) => this.#answered(desk.corrections.reject(one), "已驳回"),
      edit: (one) => this.#edit(one),
      look: ({ conversation_id }) => open(conversation_id),
    });
  }

  turn(isReviewing) {
    const { corrections } = this.desk;
    if (corrections.isReviewing === isReviewing) return;
    corrections.isReviewing = isReviewing;
    if (isReviewing) this.desk.refetch();
  }

  render() {
    const { listed, waiting, choices } = this.desk.corrections;
    this.review.render({ corrections: listed, waiting, name: this.desk.me.name, choices });
  }

  /** What the bot should have heard. What was said about it already is preselected, else what was heard. */
  async correct(message) {
    const { hearing, correction, text } = message;
    const { corrections, talks } = this.desk;
    const { choices } = corrections;
    const conversationId = talks.front;
    const isOpen = correction?.state === "proposed";
    const heard = { ...hearing, escalate: hearing.escalate >= choices.escalates_at };
    await this.panel.open({
      title: isOpen ? "修改已提交的纠正" : "纠正机器人听错的内容",
      text,
      labels: isOpen ? correction.labels : heard,
      ranking: hearing.ranking,
      choices,
      verb: "提交纠正",
      isNew: true,
      save: (labels) => this.#saved(corrections.propose(conversationId, message, labels)),
    });
    this.focusCorrect(message);
  }

  async #edit(correction) {
    const { text, labels, heard } = correction;
    const { corrections } = this.desk;
    const save = async (meant) => {
      const problem = await this.#saved(corrections.accept(correction, meant));
      if (!problem) this.review.tell("已通过");
      return problem;
    };
    const ranking = [labels, heard];
    const { choices } = corrections;
    await this.panel.open({ title: "修改后通过", text, labels, ranking, choices, verb: "通过", save });
    this.review.refocus();
  }

  async #answered(saving, words) {
    const problem = await this.#saved(saving);
    if (problem) this.toasts.warn(problem);
    else this.review.tell(words);
  }

  async #saved(saving) {
    const problem = await saving;
    await this.desk.refetch();
    return problem;
  }
}
