const POLL_MS = 3_000;
const PING_MS = 25_000;
const SIGN_MS = 3_000;
const TIMEOUT_MS = 20_000;
const UPLOAD_MS = 90_000;
const LONGEST_PAUSE_MS = 30_000;
const PAGE = 500; // messages the service gives at once

/** Milliseconds before another try: doubling, with jitter so that a restarted service is not stormed. */
export function pause(tries) {
  return Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** tries) * (0.5 + Math.random() / 2);
}

/** The service no longer knows the conversation of this token. */
export function isGone({ status }) {
  return [401, 403, 404].includes(status);
}

/** Worth another try: nothing came back, or something that says so. */
export function isPassing({ status }) {
  return !status || status >= 500 || [408, 429].includes(status);
}

/**
 * The wire of one conversation: HTTP to write, a WebSocket to hear, polling while the socket is down.
 * `hooks`: heard(messages), status(status), offer(state), typing(author), queue(place), reachable(boolean), gone(token).
 */
export function lineTo(service, hooks) {
  let token, socket, known, tries, retry, polling, pinging; // every message up to seq `known` has been heard
  let signed = 0; // when it was last said that something is being written

  const isLive = () => socket?.readyState === WebSocket.OPEN;

  /**
   * One request under /v1/chat; a Blob goes as it is, anything else as JSON. Throws what fetch throws, or an Error with
   * the `status` of the refusal, whose message is Chinese and fit for a shopper when the service gave one.
   */
  async function ask(method, path, body, { by = token, as = "json" } = {}) {
    const isFile = body instanceof Blob;
    const headers = {};
    if (body) headers["Content-Type"] = isFile ? body.type : "application/json";
    if (by) headers.Authorization = `Bearer ${by}`;
    let response;
    try {
      response = await fetch(`${service}/v1/chat/${path}`, {
        method,
        headers,
        body: isFile ? body : body && JSON.stringify(body),
        signal: AbortSignal.timeout(isFile ? UPLOAD_MS : TIMEOUT_MS),
      });
    } catch (error) {
      hooks.reachable(false);
      throw error;
    }
    const { ok, status } = response;
    hooks.reachable(status < 500);
    const answer = await response[ok ? as : "json"]().catch(() => ({}));
    if (!ok) throw Object.assign(new Error(answer.detail ?? ""), { status });
    return answer;
  }

  /** Fetch what was missed. Says through the hooks what it found; never throws. */
  async function catchUp() {
    const by = token;
    if (!by) return;
    const answer = await ask("GET", `messages?after=${known}`).catch((error) => {
      if (isGone(error)) hooks.gone(by);
    });
    if (!answer || by !== token) return;
    const { messages, status, offer } = answer;
    known = Math.max(known, ...messages.map((message) => message.seq));
    hooks.heard(messages);
    hooks.status(status);
    hooks.offer(offer);
    if (messages.length >= PAGE) await catchUp();
  }

  function connect() {
    clearTimeout(retry);
    socket?.close();
    const address = `${service.replace(/^http/, "ws")}/v1/chat/ws?token=${encodeURIComponent(token)}`;
    const own = (socket = new WebSocket(address));
    own.onopen = () => {
      tries = 0;
      clearTimeout(polling);
      catchUp();
    };
    own.onmessage = ({ data }) => own === socket && hear(JSON.parse(data));
    own.onclose = () => {
      if (own !== socket) return;
      retry = setTimeout(connect, pause(tries++));
      poll();
    };
  }

  async function poll() {
    clearTimeout(polling);
    await catchUp();
    if (token && !isLive()) polling = setTimeout(poll, POLL_MS);
  }

  function hear({ type, message, status, author, offer, ...place }) {
    if (type === "status") hooks.status(status);
    if (type === "offer") hooks.offer(offer);
    if (type === "typing") hooks.typing(author);
    if (type === "queue") hooks.queue(place);
    if (type !== "message") return;
    const { seq } = message;
    const isNext = seq === known + 1;
    if (isNext) known = seq;
    hooks.heard([message]);
    if (!isNext && seq > known) catchUp(); // something in between was missed
  }

  function close() {
    const old = socket;
    token = socket = null;
    old?.close();
    for (const timer of [retry, polling, pinging]) clearTimeout(timer);
  }

  function open(newToken) {
    close();
    token = newToken;
    known = tries = 0;
    pinging = setInterval(() => isLive() && socket.send('{"type":"ping"}'), PING_MS);
    connect();
  }

  /** The network is back, or the page is: do not wait for the pause to end, nor trust a socket that says it is open. */
  function wake() {
    if (token && socket.readyState !== WebSocket.CONNECTING) connect();
  }

  /** Not at every key. */
  function sign() {
    if (!isLive() || Date.now() - signed < SIGN_MS) return;
    signed = Date.now();
    socket.send('{"type":"typing"}');
  }

  return { ask, catchUp, close, isLive, open, sign, wake, token: () => token };
}
