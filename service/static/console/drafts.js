import { kept } from "./kept.js";

/** What is being written, a reply and a note for every conversation, until it is sent. */
export const drafts = {
  get(conversationId, mode) {
    return kept.get(key(conversationId, mode), "");
  },

  set(conversationId, mode, text) {
    kept.set(key(conversationId, mode), text || null);
  },

  /** Words that came back: in front of what was written since. */
  giveBack(conversationId, mode, text) {
    const since = this.get(conversationId, mode);
    this.set(conversationId, mode, since && since !== text ? `${text}\n${since}` : text);
  },
};

function key(conversationId, mode) {
  return `draft:${mode}:${conversationId}`;
}
