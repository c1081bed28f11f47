import { clock } from "./clock.js";

const LONGEST_PAUSE_MS = 15_000;
const PATIENCE_MS = 20_000;
const LOGGED_OUT = 4401; // how the service closes the socket of who is not logged in

/** An answer that is not 2xx; the message is the service's Chinese detail. Status 0: no answer came at all. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  /** Nobody knows whether the service has it: the same request may be made again, under the same id. */
  get isUnsure() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Listened to on `window`: the login is over. */
export const LOGIN_OVER = "tourniquet:login-over";

/** `path` is below /console/api. Throws Problem. */
export async function call(method, path, body) {
  const headers = { "X-Requested-With": "tourniquet" };
  if (body) headers["Content-Type"] = "application/json";
  let response;
  let answer;
  try {
    response = await fetch(`/console/api/${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    answer = await response.json().catch(() => ({}));
  } catch (failure) {
    const isLate = failure.name === "TimeoutError";
    throw new Problem(0, isLate ? "服务没有及时回应，请稍后再试" : "连不上服务，请检查网络后再试");
  }
  clock.hear(response.headers.get("Date"));
  if (response.ok) return answer;
  if (response.status === 401 && path !== "login") dispatchEvent(new Event(LOGIN_OVER));
  throw new Problem(response.status, answer.detail ?? answer.title ?? `请求没有成功（${response.status}）`);
}

/** A path with its values made safe: at`conversations/${id}/notes`. */
export function at(parts, ...values) {
  return parts.reduce((path, part, index) => path + encodeURIComponent(values[index - 1]) + part);
}

/** Pushes, for as long as the page lives. `back` is called after every (re)connection: refetch, for pushes may have been missed. */
export class Live {
  constructor({ heard, back, lost }) {
    this.hooks = { heard, back, lost };
    this.tries = 0;
    this.isOn = false;
    addEventListener("online", () => this.again());
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

  /** Now, rather than when the pause is over; a socket that slept through it may say it is open and be dead. */
  again() {
    if (this.isOn && this.socket.readyState !== WebSocket.CONNECTING) this.#connect();
  }

  /** What is not worth keeping: lost when there is no connection. */
  say(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  #connect() {
    clearTimeout(this.retry);
    this.socket?.close();
    const socket = (this.socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/console/api/ws`));
    socket.onopen = () => {
      this.tries = 0;
      this.hooks.back();
    };
    socket.onmessage = ({ data }) => this.hooks.heard(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (!this.isOn || socket !== this.socket) return;
      this.hooks.lost();
      if (code === LOGGED_OUT) return dispatchEvent(new Event(LOGIN_OVER));
      const wait = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** this.tries++) * (0.5 + Math.random() / 2);
      this.retry = setTimeout(() => this.#connect(), wait);
    };
  }
}
