/** One sentence in the place where something went wrong, read aloud when it comes. */

import { h, say, show } from "./dom.js";
import { problemOf } from "./store.js";

/** Return an element that shows the problem kept at `place` while there is one. */
export function problemLine(store, place) {
  const element = h("p", { class: "problem", role: "alert", hidden: true, data: { place } });
  store.watch((state) => showProblem(element, problemOf(state, place)));
  return element;
}

/** Show a problem in an element made for it, or hide it. */
export function showProblem(element, problem) {
  show(element, problem !== null);
  if (problem) {
    say(element, problem.message);
    element.title = problem.code || "";
  }
}
