const SHOWN_MS = 6_000;
const TOLD_MS = 3_000;

/** Who is writing at this moment: shoppers as the service pushes it, and this associate as told to the service. */
export class Typing {
  constructor({ changed }) {
    this.changed = changed;
    this.shoppers = new Map(); // conversation_id -> timer
    this.toldAt = -Infinity;
  }

  is(conversationId) {
    return this.shoppers.has(conversationId);
  }

  heard({ conversation_id, author }) {
    clearTimeout(this.shoppers.get(conversation_id));
    const wasTyping = this.shoppers.delete(conversation_id);
    if (author === "shopper")
      this.shoppers.set(
        conversation_id,
        setTimeout(() => this.#over(conversation_id), SHOWN_MS),
      );
    if (wasTyping !== (author === "shopper")) this.changed();
  }

  /** Not at every key. */
  tell(conversationId, say) {
    const now = performance.now();
    if (now - this.toldAt < TOLD_MS) return;
    this.toldAt = now;
    say({ type: "typing", conversation_id: conversationId });
  }

  /** What was written is sent: the next key is a new beginning. */
  stop() {
    this.toldAt = -Infinity;
  }

  #over(conversationId) {
    this.shoppers.delete(conversationId);
    this.changed();
  }
}
