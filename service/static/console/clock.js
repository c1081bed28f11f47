/** The service's time, in milliseconds: the clock of this computer may be minutes off, and a deadline with it. */
export const clock = {
  ahead: 0,

  /** `date` is the Date header of an answer, whole seconds. */
  hear(date) {
    const said = Date.parse(date);
    if (Number.isNaN(said)) return;
    const ahead = said + 500 - Date.now();
    if (Math.abs(ahead - this.ahead) > 1_500) this.ahead = ahead;
  },

  now() {
    return Date.now() + this.ahead;
  },
};
