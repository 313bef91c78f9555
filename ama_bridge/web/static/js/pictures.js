/** The small picture beside a suggestion: an EQ or filter curve, a compressor's or gate's static curve, a fader's or pan's way. */

import { s } from "./dom.js";
import { frequencies, gateCurve, responseOf, staticCurve } from "./responses.js";

const WIDTH = 88;
const HEIGHT = 40;
/** What keeps a thick line inside the frame. */
const INSET = 3;
const SPAN_DB = 12;
const FLOOR_DB = -60;
const GATE_FLOOR_DB = -80;

/** Return the picture; it is an ornament to the words beside it, hidden from screen readers. */
export function pictureOf(kind, values) {
  const response = responseOf(kind, values);
  if (response) return framed(...responseLines(response));
  if (kind === "compressor" || kind === "sidechain") return framed(...dynamicLines(staticCurve(values), values.threshold_db));
  if (kind === "gate") return framed(...gateLines(values));
  if (kind === "limiter") return framed(...dynamicLines((x) => Math.min(x + values.gain_db, values.ceiling_dbtp), null));
  if (kind === "gain") return framed(...faderLines(values));
  if (kind === "pan") return framed(...panLines(values.pan));
  return framed(...polarityLines(values.invert));
}

function framed(...drawn) {
  return s("svg", { class: "mini", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" }, ...drawn);
}

function path(points, more = {}) {
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return s("path", { d, ...more });
}

function responseLines(response) {
  const heard = frequencies(45);
  const peak = Math.max(...heard.map((hz) => Math.abs(Math.max(response(hz), -SPAN_DB))));
  const span = Math.max(4, Math.min(SPAN_DB, peak * 1.25));
  const middle = HEIGHT / 2;
  const y = (db) => middle - (Math.max(-span, Math.min(span, db)) / span) * (middle - 3);
  const points = heard.map((hz, i) => [(i / (heard.length - 1)) * WIDTH, y(response(hz))]);
  const decades = [100, 1000, 10000].map((hz) => (Math.log10(hz / 20) / 3) * WIDTH);
  return [
    ...decades.map((x) =>
      path(
        [
          [x, 0],
          [x, HEIGHT],
        ],
        { class: "mini-grid" },
      ),
    ),
    path(
      [
        [0, middle],
        [WIDTH, middle],
      ],
      { class: "mini-zero" },
    ),
    path([[0, middle], ...points, [WIDTH, middle]], { class: "mini-fill" }),
    path(points, { class: "mini-line" }),
  ];
}

function gateLines(values) {
  const shut_db = values.threshold_db + (GATE_FLOOR_DB - values.threshold_db) / values.ratio;
  return dynamicLines(gateCurve(values), values.threshold_db, GATE_FLOOR_DB, [shut_db, values.threshold_db, 0]);
}

const steadily = (floor_db) => Array.from({ length: 61 }, (_, i) => floor_db - (floor_db / 60) * i);

function dynamicLines(curve, threshold_db, floor_db = FLOOR_DB, inputs = steadily(floor_db)) {
  const side = HEIGHT - 2 * INSET;
  const left = (WIDTH - side) / 2;
  const x = (db) => left + (1 - db / floor_db) * side;
  const y = (db) => INSET + (Math.max(floor_db, Math.min(0, db)) / floor_db) * side;
  return [
    path(
      [
        [x(floor_db), y(floor_db)],
        [x(0), y(0)],
      ],
      { class: "mini-zero" },
    ),
    threshold_db === null
      ? null
      : path(
          [
            [x(threshold_db), 0],
            [x(threshold_db), HEIGHT],
          ],
          { class: "mini-mark" },
        ),
    path(
      inputs.map((db) => [x(db), y(curve(db))]),
      { class: "mini-line" },
    ),
  ];
}

function faderLines({ delta_db, fader_db }) {
  const x = (db) => 6 + ((Math.max(-40, Math.min(12, db)) + 40) / 52) * (WIDTH - 12);
  const [from, to, y] = [x(fader_db - delta_db), x(fader_db), HEIGHT / 2];
  return [
    path(
      [
        [6, y],
        [WIDTH - 6, y],
      ],
      { class: "mini-zero" },
    ),
    path(
      [
        [x(0), y - 5],
        [x(0), y + 5],
      ],
      { class: "mini-grid" },
    ),
    path(
      [
        [from, y],
        [to, y],
      ],
      { class: "mini-way" },
    ),
    s("rect", { x: from - 2, y: y - 7, width: 4, height: 14, rx: 1.5, class: "mini-from" }),
    s("rect", { x: to - 3, y: y - 9, width: 6, height: 18, rx: 2, class: "mini-to" }),
  ];
}

function panLines(pan) {
  const [cx, cy, radius] = [WIDTH / 2, HEIGHT - 6, 26];
  const angle = (pan * Math.PI) / 3;
  const arc = frequencies(25, 1, 2).map((_, i) => (((i - 12) / 12) * Math.PI) / 3);
  return [
    path(
      arc.map((a) => [cx + radius * Math.sin(a), cy - radius * Math.cos(a)]),
      { class: "mini-zero" },
    ),
    path(
      [
        [cx, cy - radius - 3],
        [cx, cy - radius + 3],
      ],
      { class: "mini-grid" },
    ),
    path(
      [
        [cx, cy],
        [cx + radius * Math.sin(angle), cy - radius * Math.cos(angle)],
      ],
      { class: "mini-line" },
    ),
  ];
}

function polarityLines(invert) {
  const turned = invert ? -1 : 1;
  const wave = (way) => Array.from({ length: 45 }, (_, i) => [i * 2, HEIGHT / 2 - way * 13 * Math.sin((i / 44) * 4 * Math.PI)]);
  return [path(wave(1), { class: "mini-zero" }), path(wave(turned), { class: "mini-line" })];
}
