/** The service's events for this window: from one stream for all windows of the browser, where it has shared workers.

A browser opens six connections to a host at most, and a stream keeps one for as long as the window is open. */

const EVENTS = "/ama/v1/events";

/** Return a stream; it has what is needed of an EventSource: `onopen`, `onerror`, `addEventListener`, `close`. */
export function eventStream() {
  return globalThis.SharedWorker ? new SharedStream() : new EventSource(EVENTS);
}

class SharedStream extends EventTarget {
  onopen = null;
  onerror = null;

  constructor() {
    super();
    const worker = new SharedWorker("/static/js/stream_worker.js");
    worker.onerror = () => this.onerror?.();
    this.port = worker.port;
    this.port.onmessage = ({ data: { type, data } }) => {
      if (type === "open") this.onopen?.();
      else if (type === "error") this.onerror?.();
      else this.dispatchEvent(new MessageEvent(type, { data }));
    };
  }

  close() {
    this.port.postMessage("close");
  }
}
