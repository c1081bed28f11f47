const LONGEST_PAUSE_MS = 15_000;

/** An answer that is not 2xx; the message is the service's Chinese detail. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function call(method, path, body) {
  const headers = { "X-Requested-With": "tourniquet" };
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/console/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Problem(0, "连不上服务，请检查网络后再试");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Problem(response.status, answer.detail ?? answer.title ?? `请求没有成功（${response.status}）`);
  return answer;
}

/** Pushes, for as long as the page lives. `back` is called after every (re)connection: refetch, for pushes may have been missed. */
export class Live {
  constructor({ heard, back, lost }) {
    this.hooks = { heard, back, lost };
    this.tries = 0;
    this.isOn = false;
    addEventListener("online", () => this.isOn && this.socket.readyState === WebSocket.CLOSED && this.#connect());
  }

  start() {
    if (this.isOn) return;
    this.isOn = true;
    this.#connect();
  }

  stop() {
    this.isOn = false;
    clearTimeout(this.retry);
    this.socket?.close();
  }

  #connect() {
    clearTimeout(this.retry);
    const socket = (this.socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/console/api/ws`));
    socket.onopen = () => {
      this.tries = 0;
      this.hooks.back();
    };
    socket.onmessage = ({ data }) => this.hooks.heard(JSON.parse(data));
    socket.onclose = () => {
      if (!this.isOn || socket !== this.socket) return;
      this.hooks.lost();
      const wait = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** this.tries++) * (0.5 + Math.random() / 2);
      this.retry = setTimeout(() => this.#connect(), wait);
    };
  }
}
