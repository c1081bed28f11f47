// A worker: the timers of a page in the background are slowed down to one a minute, and an associate who looks at another
// tab would be taken for gone.
let pulse;
onmessage = ({ data }) => {
  clearInterval(pulse);
  pulse = setInterval(() => postMessage(null), data);
};
