const POLL_MS = 3_000;
const PING_MS = 25_000;
const TIMEOUT_MS = 20_000;
const LONGEST_PAUSE_MS = 30_000;

/** The service said no. `detail` is Chinese and fit for a shopper when the service gave one. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  get isTokenGone() {
    return [401, 403, 404].includes(this.status);
  }

  get isPassing() {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** Milliseconds before another try: doubling, with jitter so that a restarted service is not stormed. */
export function pause(tries) {
  return Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** tries) * (0.5 + Math.random() / 2);
}

/**
 * The wire of one conversation: HTTP to write, a WebSocket to hear, polling while the socket is down.
 * `hooks`: heard(messages), status(status), typing(author), reachable(boolean), gone(token).
 */
export class Line {
  constructor(service, hooks) {
    this.service = service;
    this.hooks = hooks;
    this.token = null;
    this.tries = 0;
    this.known = 0; // every message up to this seq has been heard
  }

  open(token) {
    this.close();
    this.token = token;
    this.known = 0;
    this.tries = 0;
    this.pinging = setInterval(() => this.#ping(), PING_MS);
    this.#connect();
  }

  close() {
    const socket = this.socket;
    this.token = this.socket = null;
    socket?.close();
    for (const timer of [this.retry, this.polling, this.pinging]) clearTimeout(timer);
  }

  /** The network is back, or the page is: do not wait for the pause to end. */
  wake() {
    if (!this.token) return;
    if (this.socket?.readyState === WebSocket.OPEN) this.catchUp();
    else if (this.socket?.readyState !== WebSocket.CONNECTING) this.#connect();
  }

  begin(customerToken) {
    return this.#call("POST", "conversations", { customer_token: customerToken, channel: "web" });
  }

  say({ message_id, text }, token) {
    return this.#call("POST", "messages", { message_id, text }, token);
  }

  leaveQueue() {
    return this.#call("DELETE", "handoff");
  }

  /** Fetch what was missed. Says through the hooks what it found; never throws. */
  async catchUp() {
    const token = this.token;
    if (!token) return;
    const answer = await this.#call("GET", `messages?after=${this.known}`).catch((error) => {
      if (error.isTokenGone) this.hooks.gone(token);
    });
    if (!answer || token !== this.token) return;
    this.known = Math.max(this.known, ...answer.messages.map((message) => message.seq));
    this.hooks.heard(answer.messages);
    this.hooks.status(answer.status);
  }

  async #call(method, path, body, token = this.token) {
    const headers = {};
    if (body) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    let response;
    try {
      response = await fetch(`${this.service}/v1/chat/${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      this.hooks.reachable(false);
      throw error;
    }
    this.hooks.reachable(response.status < 500);
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refused(response.status, answer.detail ?? "");
    return answer;
  }

  #connect() {
    clearTimeout(this.retry);
    const address = `${this.service.replace(/^http/, "ws")}/v1/chat/ws?token=${encodeURIComponent(this.token)}`;
    const socket = (this.socket = new WebSocket(address));
    socket.onopen = () => {
      this.tries = 0;
      clearTimeout(this.polling);
      this.catchUp();
    };
    socket.onmessage = ({ data }) => socket === this.socket && this.#hear(JSON.parse(data));
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.retry = setTimeout(() => this.#connect(), pause(this.tries++));
      this.#poll();
    };
  }

  async #poll() {
    clearTimeout(this.polling);
    await this.catchUp();
    if (this.token && this.socket?.readyState !== WebSocket.OPEN)
      this.polling = setTimeout(() => this.#poll(), POLL_MS);
  }

  #ping() {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"type":"ping"}');
  }

  #hear(push) {
    if (push.type === "status") this.hooks.status(push.status);
    if (push.type === "typing") this.hooks.typing(push.author);
    if (push.type !== "message") return;
    const isNext = push.message.seq === this.known + 1;
    if (isNext) this.known += 1;
    this.hooks.heard([push.message]);
    if (!isNext && push.message.seq > this.known) this.catchUp(); // something in between was missed
  }
}
