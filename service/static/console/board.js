import { call } from "./api.js";

/** The queue as the service tells it: who waits, whom I have, whom others have. */
export class Board {
  constructor() {
    this.handoffs = [];
    this.corrections = 0; // how many wait for review
    this.isRead = false;
  }

  async read() {
    const { handoffs, corrections } = await call("GET", "queue");
    this.handoffs = handoffs;
    this.corrections = corrections;
    this.isRead = true;
  }

  of(conversationId) {
    return this.handoffs.find((handoff) => handoff.conversation_id === conversationId);
  }

  mine(name) {
    return this.handoffs.filter((handoff) => placeOf(handoff, name) === "mine");
  }

  waiting(name) {
    return this.handoffs.filter((handoff) => placeOf(handoff, name) === "waiting");
  }

  /** Whom to claim next: what was kept for me, then the first nobody else is meant to take. */
  next(name) {
    const waiting = this.waiting(name);
    return waiting.find(({ held_for }) => held_for === name) ?? waiting.find(({ held_for }) => !held_for);
  }
}

/** Whose part of the queue it stands in: waiting, mine or others. */
export function placeOf(handoff, name) {
  if (handoff.state === "waiting") return "waiting";
  return handoff.associate === name ? "mine" : "others";
}
