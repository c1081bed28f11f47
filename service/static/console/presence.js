import { el } from "../widget/dom.js";
import { Problem, call } from "./api.js";
import { kept } from "./kept.js";
import { PRESENCES } from "./words.js";

const FIRST_MS = 20_000; // until the service has said how often it wants to hear from us
const CHOICES = ["online", "busy", "away"];
const HINTS = { online: "可以分配新会话", busy: "不再分配新会话", away: "暂时离开，会话可能放回队列" };

/** The switch for online, busy and away, and the heartbeat that keeps it true. */
export class Presence {
  constructor(root, { told }) {
    this.told = told;
    this.state = "online";
    this.select = el(
      "select",
      { "aria-label": "我的状态", onchange: () => this.#choose(this.select.value) },
      ...CHOICES.map((state) => el("option", { value: state, title: HINTS[state] }, PRESENCES[state])),
    );
    this.dot = el("i", { class: "dot" });
    root.append(this.dot, this.select);
    this.worker = new Worker("/static/console/pulse.js");
    this.worker.postMessage(FIRST_MS);
    this.worker.onmessage = () => this.isOn && this.#tell().catch(ignored);
    this.#show();
  }

  /** As they were before a reload. */
  start(name) {
    this.name = name;
    this.isOn = true;
    this.state = kept.get(`presence:${name}`, "online");
    this.#show();
    return this.#tell().catch(ignored);
  }

  /** At the end of the day; the service would notice by itself, only later. */
  async leave() {
    this.pause();
    kept.set(`presence:${this.name}`, null);
    await this.#tell("away").catch(ignored);
  }

  /** No heartbeat without a login. */
  pause() {
    this.isOn = false;
  }

  async #choose(state) {
    const before = this.state;
    this.state = state;
    this.#show();
    try {
      await this.#tell();
      kept.set(`presence:${this.name}`, state);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.state = before;
      this.#show();
      this.told(`状态没有改成：${problem.message}`);
    }
  }

  async #tell(state = this.state) {
    const { heartbeat_s } = await call("POST", "presence", { state });
    if (heartbeat_s === this.heartbeat_s) return;
    this.heartbeat_s = heartbeat_s;
    this.worker.postMessage(heartbeat_s * 1_000);
  }

  #show() {
    this.select.value = this.dot.dataset.presence = this.state;
    this.select.title = HINTS[this.state];
  }
}

/** A heartbeat that was missed is followed by the next one. */
function ignored(problem) {
  if (!(problem instanceof Problem)) throw problem;
}
