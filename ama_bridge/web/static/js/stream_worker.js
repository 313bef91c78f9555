/** The one stream of all windows (`stream.js`): every port hears it; it ends with the last port, and for all when it is lost. */

const ports = new Set();
let source = null;

globalThis.onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = () => leave(port);
  if (source?.readyState === EventSource.OPEN) port.postMessage({ type: "open" });
  source ??= opened();
};

function opened() {
  const stream = new EventSource("/ama/v1/events");
  stream.onopen = () => tell({ type: "open" });
  stream.onerror = () => {
    const told = [...ports];
    end();
    for (const port of told) port.postMessage({ type: "error" });
  };
  for (const type of ["job", "changed"]) stream.addEventListener(type, ({ data }) => tell({ type, data }));
  return stream;
}

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function leave(port) {
  ports.delete(port);
  if (!ports.size) end();
}

function end() {
  ports.clear();
  source?.close();
  source = null;
}
