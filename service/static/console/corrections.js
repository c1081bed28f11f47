import { Problem, at, call } from "./api.js";

/** What associates said messages meant: the calls that propose, accept and reject, and the list that waits for review. */
export class Corrections {
  constructor() {
    this.choices = null; // every label there is, in words
    this.listed = []; // those that wait, once the review was opened
    this.waiting = 0; // how many do
    this.isReviewing = false;
  }

  /** `counted`: how many wait, as the queue says. */
  async read(counted) {
    const [listed, choices] = await Promise.all([
      this.isReviewing && call("GET", "corrections"),
      this.choices ?? call("GET", "labels"),
    ]);
    this.choices = choices;
    if (listed) this.listed = listed.corrections;
    this.waiting = listed ? listed.count : counted;
  }

  /** Each of these three gives what went wrong in words, or null. */
  propose(conversationId, message, labels) {
    return save(at`conversations/${conversationId}/messages/${message.message_id}/correction`, labels);
  }

  /** Let it be learned, with these labels: as the associate sees them. */
  accept({ correction_id }, { intent, reasons, emotion, intensity, escalate }) {
    return save(at`corrections/${correction_id}/accept`, { labels: { intent, reasons, emotion, intensity, escalate } });
  }

  reject({ correction_id }) {
    return save(at`corrections/${correction_id}/reject`, {});
  }
}

async function save(path, body) {
  try {
    await call("POST", path, body);
    return null;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return problem.message;
  }
}
