const KEY = "tourniquet-console:sound";
const TITLE = "客服工作台";

/** The number waiting in the tab's title and, when switched on, two short tones when it grows. */
export class Bell {
  constructor(button) {
    this.button = button;
    this.isOn = localStorage.getItem(KEY) === "on";
    this.waiting = null;
    button.addEventListener("click", () => this.#switch());
    this.#show();
  }

  count(waiting) {
    document.title = waiting ? `(${waiting}) ${TITLE}` : TITLE;
    if (this.isOn && this.waiting !== null && waiting > this.waiting) this.#ring();
    this.waiting = waiting;
  }

  #switch() {
    this.isOn = !this.isOn;
    localStorage.setItem(KEY, this.isOn ? "on" : "off");
    this.#show();
    if (this.isOn) this.#ring();
  }

  #show() {
    this.button.textContent = this.isOn ? "提示音 开" : "提示音 关";
    this.button.setAttribute("aria-pressed", String(this.isOn));
  }

  #ring() {
    this.audio ??= new AudioContext();
    this.audio.resume();
    for (const [index, pitch] of [660, 880].entries()) {
      const start = this.audio.currentTime + index * 0.14;
      const tone = this.audio.createOscillator();
      const volume = this.audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.08, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.12);
      tone.connect(volume).connect(this.audio.destination);
      tone.start(start);
      tone.stop(start + 0.13);
    }
  }
}
