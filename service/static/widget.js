// The one tag a shop puts on its page, followed by <tourniquet-chat customer-token="...">. A classic script, so that it can
// say where it came from; the rest are modules beside it.
import(new URL("widget/element.js", document.currentScript.src).href);
