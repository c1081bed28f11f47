import { newId } from "./id.js";
import { isGone, isPassing, lineTo, pause } from "./line.js";
import { alone, device, shelfOf, subject } from "./shelf.js";

const TYPING_MS = 8_000;
const LAST = Number.MAX_SAFE_INTEGER;
const EXPIRED = "上次的会话已过期，已为您开始新会话";

/**
 * One customer's conversation as the screen shows it; `changed` is called after every change. Of what it returns
 *   status, typing, reachable, problem (why none could be begun), missed (waited for a person, and nobody came),
 *   queue (what the service says of waiting: {position, expected_wait_s, open, opens_at}; {} where it says nothing),
 *   offer (how the ledger has the latest one: {grant_id, state, words})
 * are for reading, the rest is for doing. A message is the service's, plus for the shopper's own: `delivery` (sending |
 * failed | refused, absent once there), and `after`, the seq it was sent behind, while the service has not numbered it
 * yet (LAST while it waits its turn).
 */
export function talkOf(service, customerToken, hasDevice, changed) {
  const shelf = shelfOf(subject(customerToken));
  const stopping = new AbortController();
  const { signal } = stopping;
  const messages = new Map();
  const talk = { shelf, status: "bot", queue: {}, reachable: true };
  let tries = 0;
  let renewals = 0; // in a row, without a message getting through
  let retry, typingEnds, isFlushing, isLeaving;

  const set = (changes) => {
    Object.assign(talk, changes);
    if (!signal.aborted) changed();
  };
  const line = lineTo(service, {
    heard,
    status: move,
    offer: (offer) => set({ offer }),
    typing: showTyping,
    queue: (place) => set({ queue: { ...talk.queue, ...place } }),
    reachable: (reachable) => set({ reachable }),
    gone: expire,
  });
  const { ask } = line;
  const note = (name, value) => {
    shelf.put(name, value);
    set();
  };
  const showUnsent = (delivery) => shelf.outbox().forEach((item) => showOwn(item, delivery));
  const lastSeq = () => Math.max(0, ...[...messages.values()].map(({ seq }) => seq ?? 0));

  /** Send what is unsent, one after another, each until the service has it. */
  async function flush() {
    clearTimeout(retry);
    if (isFlushing || !shelf.outbox()[0]) return;
    isFlushing = true;
    try {
      await alone(`${shelf.prefix}flush`, deliverAll);
    } catch {
      showUnsent("failed");
      if (!signal.aborted) retry = setTimeout(flush, pause(tries++));
    } finally {
      isFlushing = false;
      set({ typing: null });
    }
  }

  async function deliverAll() {
    for (let item; !signal.aborted && (item = shelf.outbox()[0]); ) {
      showOwn(item, "sending", lastSeq());
      if (talk.status === "bot") showTyping("bot");
      await deliver(item);
    }
  }

  async function deliver({ message_id, text, attachment }) {
    const by = await token();
    try {
      const { status } = await ask("POST", "messages", { message_id, text, attachment_id: attachment?.id }, { by });
      tries = renewals = 0;
      settle(message_id);
      move(status);
      await line.catchUp();
    } catch (error) {
      if (isPassing(error)) throw error;
      if (!isGone(error)) return settle(message_id, error.message || "这条消息没有被接收，请换个说法再试");
      expire(by);
      if (renewals++ > 0) throw error;
    }
  }

  /** Of the conversation there is, else of a new one; two tabs never begin two. */
  async function token() {
    return (shelf.get("conversation") ?? (await alone(`${shelf.prefix}begin`, begin))).token;
  }

  async function begin() {
    const begun = shelf.get("conversation");
    if (begun) return begun;
    talk.problem = "";
    try {
      const who = { customer_token: customerToken, channel: "web", device_id: hasDevice ? device() : null };
      const conversation = await ask("POST", "conversations", who, { by: null });
      shelf.put("conversation", conversation);
      if (!signal.aborted) line.open(conversation.token);
      return conversation;
    } catch (error) {
      if (error.status) talk.problem = error.message;
      throw error;
    }
  }

  /** Another tab has begun, ended or read this conversation: follow it. */
  function elsewhere(name) {
    const kept = shelf.get("conversation");
    if (name === "conversation" && kept?.token !== line.token()) {
      clear();
      if (kept) line.open(kept.token);
    }
    set();
  }

  function clear() {
    line.close();
    messages.clear();
    set({ status: "bot", queue: {}, missed: false });
  }

  /** Start over; what was not sent yet goes into the new conversation. */
  function renew(notice) {
    for (const name of ["conversation", "read", "called", "rated"]) shelf.put(name, null);
    clear();
    const at = new Date().toISOString();
    if (notice) messages.set("notice", { message_id: "notice", author: "system", text: notice, at, after: -1 });
    showUnsent("sending");
    flush();
  }

  /** The service no longer takes this token; reading and writing may both find out. */
  function expire(by) {
    if (shelf.get("conversation")?.token === by) renew(EXPIRED);
  }

  function settle(id, refusal) {
    shelf.sent(id);
    const message = messages.get(id) ?? {};
    if (refusal) Object.assign(message, { delivery: "refused", refusal });
    else delete message.delivery;
    set();
  }

  function move(status) {
    const before = talk.status;
    const hasMoved = status !== before;
    if (hasMoved) talk.missed = before === "waiting" && status === "bot" && !isLeaving;
    set({ status });
    if (hasMoved || talk.queue.open === undefined || (status === "waiting" && !line.isLive())) look();
  }

  /** How the waiting stands; a service that does not say leaves it unknown. */
  async function look() {
    talk.queue.open ??= null; // asked
    set({ queue: { open: null, ...(await ask("GET", "queue").catch(() => {})) } });
  }

  function heard(news) {
    for (const message of news) {
      const { message_id: id, author } = message;
      if (messages.get(id)?.delivery) shelf.sent(id);
      messages.set(id, message);
      if (author !== "shopper") talk.typing = null;
    }
    set();
  }

  function showOwn(item, delivery, after = LAST) {
    if (messages.get(item.message_id)?.seq) return;
    messages.set(item.message_id, { ...item, author: "shopper", delivery, after });
    set();
  }

  function showTyping(typing) {
    clearTimeout(typingEnds);
    typingEnds = setTimeout(() => set({ typing: null }), TYPING_MS);
    set({ typing });
  }

  return Object.assign(talk, {
    isKnown: Boolean(customerToken),
    lastSeq,
    renew,

    start() {
      shelf.watch(elsewhere, signal);
      showUnsent("sending");
      const kept = shelf.get("conversation");
      if (kept && Date.parse(kept.expires_at) <= Date.now()) renew(EXPIRED);
      else if (kept) line.open(kept.token);
      set();
      flush();
    },

    stop() {
      stopping.abort();
      line.close();
      clearTimeout(retry);
    },

    wake() {
      line.wake();
      flush();
    },

    /** In the order they were said. */
    listed: () => [...messages.values()].sort((one, other) => place(one) - place(other)),

    send(text, attachment) {
      const item = { message_id: newId(), text, attachment, at: new Date().toISOString() };
      shelf.queue(item);
      talk.missed = false;
      showOwn(item, "sending");
      flush();
    },

    /** What is in the box. A person at the other end sees that something is being written. */
    draft(text) {
      shelf.put("draft", text || null);
      if (text && talk.status === "human") line.sign();
    },

    /** Send a picture ahead of its message; resolves to what the message then carries. */
    async upload(file) {
      const { attachment_id: id, ...size } = await ask("POST", "attachments", file, { by: await token() });
      return { id, ...size };
    },

    picture: (id) => ask("GET", `attachments/${id}`, null, { as: "blob" }),
    orders: async () => (await ask("GET", "orders", null, { by: await token() })).orders,

    async callBack(wish) {
      await ask("POST", "callback", wish, { by: await token() });
      note("called", true);
    },

    async rate(rating) {
      await ask("POST", "rating", rating);
      note("rated", rating.score);
    },

    /** Leave the queue for a person; whoever is quicker than the answer shows in the transcript. */
    async stopWaiting() {
      isLeaving = true;
      await ask("DELETE", "handoff").catch(() => {});
      await line.catchUp();
      isLeaving = false;
    },
  });
}

/** The service's number, or just behind what was there when it was sent. */
function place({ seq, after }) {
  return seq ?? after + 0.5;
}
