/** The few pictures on buttons, drawn here so that nothing is fetched for them. */

import { s } from "./dom.js";

const PATHS = {
  undo: "M8 5 4 9l4 4M4 9h9a5 5 0 0 1 0 10H9",
  redo: "M14 5l4 4-4 4M18 9H9a5 5 0 0 0 0 10h4",
  keys: "M3 6h16v10H3zM6 9h0M9.500 9h0M13 9h0M16 9h0M7 13h8",
  learned: "M11 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM4.500 18.500c.8-3.400 3.300-5 6.500-5s5.700 1.600 6.500 5",
  accept: "M4.500 11.500 9 16l8.500-9.500",
  reject: "M5.500 5.500l11 11M16.500 5.500l-11 11",
  edit: "M4.500 17.500l.7-3.600 8.600-8.600 2.900 2.900-8.600 8.600zM12 7.100l2.900 2.900",
  listen: "M4 13v-2a7 7 0 0 1 14 0v2M4 13h3v5H4zM15 13h3v5h-3z",
  play: "M7 4.500v13l10.500-6.500z",
  pause: "M7.500 5v12M14.500 5v12",
  loop: "M5 9a4 4 0 0 1 4-4h8M14.500 2.500 17 5l-2.500 2.500M17 13a4 4 0 0 1-4 4H5M7.500 14.500 5 17l2.500 2.500",
  folder: "M3 6.500h5.500l2 2H19v9H3z",
  sound: "M4 9v4M7.500 6.500v9M11 4v14M14.500 7.500v7M18 9.500v3",
  bin: "M4.500 6.500h13M9 6V4h4v2M6.500 6.500l.8 11.500h7.400l.8-11.500M9.500 9.500v5.500M12.500 9.500v5.500",
  lock: "M5.500 10h11v8h-11zM8 10V7.500a3 3 0 0 1 6 0V10",
  open: "M5.500 10h11v8h-11zM8 10V6.500a3 3 0 0 1 5.800-1",
  up: "M11 17V5M6 10l5-5 5 5",
  remove: "M6 6l10 10M16 6 6 16",
};

/** Return an icon of 22 units; words for it stand on its button. */
export function icon(name) {
  return s(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 22 22", "aria-hidden": "true", focusable: "false" },
    s("path", { d: PATHS[name] }),
  );
}
