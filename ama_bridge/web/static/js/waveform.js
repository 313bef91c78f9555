/** A lane for each sound that runs at the same time, before above after, a reference by itself: their peaks drawn on a canvas, a play head, seeking by a click and a loop by dragging. */

import { h } from "./dom.js";

const BLOCK = 256;
const DRAG_PX = 5;
const SHORTEST_LOOP_S = 0.1;

/** Return the peaks of a buffer, lowest and highest of all channels by block of 256 frames. */
export function peaksOf(buffer) {
  const count = Math.ceil(buffer.length / BLOCK);
  const low = new Float32Array(count);
  const high = new Float32Array(count);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let i = 0; i < samples.length; i += 1) {
      const at = Math.floor(i / BLOCK);
      const value = samples[i];
      if (value < low[at]) low[at] = value;
      if (value > high[at]) high[at] = value;
    }
  }
  return { low, high };
}

/** Return `{element, update, move}`; `act` holds seek(s), setLoop({from, to} or null). */
export function waveformOf(act) {
  const canvas = h("canvas", { class: "waves" });
  const head = h("div", { class: "play-head" });
  const region = h("div", { class: "loop-region", hidden: true });
  const element = h(
    "div",
    { class: "waveform", tabindex: 0, role: "slider", "aria-label": "Play position", "aria-valuemin": 0 },
    region,
    canvas,
    head,
  );
  const now = { lanes: [], duration_s: 0, side: "after", blind: false };

  function draw() {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    const scale = devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    if (!now.lanes.length) return;
    const style = getComputedStyle(element);
    const colour = (name) => style.getPropertyValue(name).trim();
    const top = now.blind ? 0 : Math.max(...now.lanes.map(({ peaks }) => loudest(peaks)), 0.05);
    const half = height / now.lanes.length / 2;
    now.lanes.forEach(({ name, peaks }, lane) => {
      pen.fillStyle = colour(now.blind ? "--line-strong" : colourOf(name, name === now.side));
      drawLane(pen, peaks, { width, middle: half * (2 * lane + 1), half: half - 3, top });
    });
  }

  new ResizeObserver(draw).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  followPointer(element, region, now, act);
  return {
    element,
    /** `lanes` are `{name, peaks}`. */
    update({ lanes, duration_s, side, loop, blind }) {
      const isSame = lanes.length === now.lanes.length && lanes.every(({ peaks }, i) => peaks === now.lanes[i].peaks);
      const changed = !isSame || side !== now.side || blind !== now.blind;
      Object.assign(now, { lanes, duration_s, side, blind });
      element.setAttribute("aria-valuemax", duration_s.toFixed(1));
      placeRegion(region, loop, duration_s);
      if (changed) draw();
    },
    move(at_s, text) {
      const share = now.duration_s > 0 ? at_s / now.duration_s : 0;
      head.style.transform = `translateX(${share * element.clientWidth}px)`;
      element.setAttribute("aria-valuenow", at_s.toFixed(1));
      element.setAttribute("aria-valuetext", text);
    },
  };
}

function colourOf(name, isHeard) {
  if (!["before", "after"].includes(name)) return "--target";
  return isHeard ? `--${name}` : `--${name}-dim`;
}

function loudest({ low, high }) {
  let most = 0;
  for (let i = 0; i < low.length; i += 1) most = Math.max(most, -low[i], high[i]);
  return most;
}

function drawLane(pen, { low, high }, { width, middle, half, top }) {
  if (top === 0) {
    pen.fillRect(0, middle - 0.5, width, 1);
    return;
  }
  for (let x = 0; x < width; x += 1) {
    const from = Math.floor((x / width) * low.length);
    const to = Math.max(from + 1, Math.floor(((x + 1) / width) * low.length));
    let [least, most] = [0, 0];
    for (let i = from; i < to; i += 1) {
      if (low[i] < least) least = low[i];
      if (high[i] > most) most = high[i];
    }
    const up = (most / top) * half;
    const down = (-least / top) * half;
    pen.fillRect(x, middle - up, 1, Math.max(1, up + down));
  }
}

function placeRegion(region, loop, duration_s) {
  region.hidden = !loop || duration_s <= 0;
  if (region.hidden) return;
  region.style.left = `${(loop.from / duration_s) * 100}%`;
  region.style.width = `${((loop.to - loop.from) / duration_s) * 100}%`;
}

function followPointer(element, region, now, act) {
  let drag = null;
  const secondsAt = (event) => {
    const box = element.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * now.duration_s;
  };
  const span = (event) => {
    const [a, b] = [drag.from_s, secondsAt(event)];
    return { from: Math.min(a, b), to: Math.max(a, b) };
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !now.lanes.length) return;
    drag = { x: event.clientX, from_s: secondsAt(event), far: false };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.far ||= Math.abs(event.clientX - drag.x) > DRAG_PX;
    if (drag.far) placeRegion(region, span(event), now.duration_s);
  });
  element.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { from, to } = span(event);
    if (drag.far && to - from >= SHORTEST_LOOP_S) act.setLoop({ from, to });
    else act.seek(drag.from_s);
    drag = null;
  });
  element.addEventListener("pointercancel", () => {
    drag = null;
  });
}
