/** The tonal balance: third-octave levels before and after, the target with its spread; read by pointer or by arrow keys. */

import { address } from "./api.js";
import { h, s, say } from "./dom.js";
import { balanceOf, extent, FREQ_HZ } from "./balance.js";
import { hertz, number, signed } from "./words.js";

const EDGE = { left: 40, right: 14, top: 12, bottom: 26 };
const TICKS_HZ = [31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000];

/** Fill the part; returns `{update}`. */
export function balanceView(root) {
  const state = { data: null, as: "levels", at: null, aim: "" };
  const svg = s("svg", {
    class: "chart",
    tabindex: 0,
    role: "slider",
    "aria-label": "Tonal balance, third-octave bands",
    "aria-orientation": "horizontal",
    "aria-valuemin": 0,
    "aria-valuemax": FREQ_HZ.length - 1,
  });
  const readout = h("output", { class: "readout" });
  const picture = h("a", { class: "link", target: "_blank", rel: "noopener" }, "as a picture");
  const draw = () => drawChart(svg, readout, state);
  root.append(
    h(
      "div",
      { class: "balance-head" },
      h("h2", {}, "Tonal balance"),
      modes(state, draw),
      h("span", { class: "spring" }),
      picture,
    ),
    svg,
    h("div", { class: "balance-foot" }, legend(), readout),
  );
  new ResizeObserver(draw).observe(root);
  follow(svg, state, draw);
  return {
    update(verification, aim, planId) {
      Object.assign(state, { data: balanceOf(verification), aim, at: null });
      picture.href = address(["plans", planId, "tonal_balance.png"]);
      draw();
    },
  };
}

function modes(state, draw) {
  const choice = (as, name) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: "balance-as",
        value: as,
        checked: state.as === as,
        on: { change: () => (Object.assign(state, { as }), draw()) },
      }),
      h("span", {}, name),
    );
  return h(
    "div",
    { class: "segmented small", role: "radiogroup", "aria-label": "Draw" },
    choice("levels", "Levels"),
    choice("difference", "Against the target"),
  );
}

function legend() {
  const entry = (name, text) => h("li", {}, h("i", { class: `key-${name}` }), text);
  return h(
    "ul",
    { class: "legend" },
    entry("before", "before"),
    entry("after", "after"),
    entry("target", "target, its range shaded"),
  );
}

function drawChart(svg, readout, state) {
  const [width, height] = [Math.floor(svg.clientWidth), Math.floor(svg.clientHeight)];
  if (!state.data || width < 50) return;
  const lines = state.data[state.as];
  const [low, high] = extent(lines);
  const x = (hz) => EDGE.left + (Math.log(hz / 25) / Math.log(20000 / 25)) * (width - EDGE.left - EDGE.right);
  const y = (db) => EDGE.top + ((high - Math.max(low, Math.min(high, db))) / (high - low)) * (height - EDGE.top - EDGE.bottom);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(
    ...grid({ x, y, low, high, width, height }),
    band(lines, x, y),
    ...["target", "before", "after"].map((name) => line(lines[name], name, x, y)),
  );
  Object.assign(state, { x });
  if (state.at !== null) svg.append(...cursor(lines, state.at, { x, y, height }));
  const told = state.at === null ? "" : reading(state.data, state.at);
  say(readout, told || "Point at a band to read it.");
  svg.setAttribute("aria-valuenow", state.at ?? 0);
  svg.setAttribute("aria-valuetext", told || "no band chosen");
}

function grid({ x, y, low, high, width, height }) {
  const step = high - low > 30 ? 10 : high - low > 12 ? 6 : 3;
  const levels = [];
  for (let db = Math.ceil(low / step) * step; db <= high; db += step) levels.push(db);
  return [
    ...levels.map((db) =>
      s("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y(db), y2: y(db), class: db === 0 ? "grid zero" : "grid" }),
    ),
    ...levels.map((db) => s("text", { x: EDGE.left - 7, y: y(db) + 4, class: "tick end" }, number(db, 0))),
    ...TICKS_HZ.map((hz) => s("line", { x1: x(hz), x2: x(hz), y1: EDGE.top, y2: height - EDGE.bottom, class: "grid" })),
    ...TICKS_HZ.map((hz) =>
      s("text", { x: x(hz), y: height - 8, class: "tick middle" }, hz < 1000 ? String(hz) : `${hz / 1000}k`),
    ),
  ];
}

function band({ target, spread }, x, y) {
  const up = FREQ_HZ.map((hz, i) => `${x(hz).toFixed(1)} ${y(target[i] + spread[i]).toFixed(1)}`);
  const down = FREQ_HZ.map((hz, i) => `${x(hz).toFixed(1)} ${y(target[i] - spread[i]).toFixed(1)}`).reverse();
  return s("path", { class: "spread", d: `M${[...up, ...down].join("L")}Z` });
}

function line(levels, name, x, y) {
  const points = FREQ_HZ.map((hz, i) => `${x(hz).toFixed(1)} ${y(levels[i]).toFixed(1)}`);
  return s("path", { class: `curve ${name}`, d: `M${points.join("L")}` });
}

function cursor(lines, at, { x, y, height }) {
  const where = x(FREQ_HZ[at]);
  return [
    s("line", { x1: where, x2: where, y1: EDGE.top, y2: height - EDGE.bottom, class: "cursor" }),
    ...["target", "before", "after"].map((name) =>
      s("circle", { cx: where, cy: y(lines[name][at]), r: 4, class: `dot ${name}` }),
    ),
  ];
}

function reading({ levels, difference }, at) {
  const apart = (name) => `${number(levels[name][at])} dB (${signed(difference[name][at])})`;
  return `${hertz(FREQ_HZ[at] < 1000 ? Math.round(FREQ_HZ[at]) : FREQ_HZ[at])}: before ${apart("before")}, after ${apart("after")}, target ${number(levels.target[at])} \u00b1 ${number(levels.spread[at])} dB`;
}

/** Pointer and arrow keys choose a band. */
function follow(svg, state, draw) {
  const choose = (at) => {
    if (at === state.at) return;
    state.at = at;
    draw();
  };
  svg.addEventListener("pointermove", (event) => {
    if (!state.x) return;
    const where = event.clientX - svg.getBoundingClientRect().left;
    const apart = FREQ_HZ.map((hz) => Math.abs(state.x(hz) - where));
    choose(apart.indexOf(Math.min(...apart)));
  });
  svg.addEventListener("pointerleave", () => choose(null));
  svg.addEventListener("blur", () => choose(null));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    choose(Math.max(0, Math.min(FREQ_HZ.length - 1, (state.at ?? (step > 0 ? -1 : FREQ_HZ.length)) + step)));
  });
}
