/** Which engine, the one button, and how far the work is. */

import { h, say, show } from "./dom.js";
import { problemLine } from "./problem_line.js";
import { progressView } from "./progress_view.js";
import { sessionOf, suggestingOf } from "./store.js";

const ENGINES = {
  auto: "Automatic: matches the references, else follows the style's rules",
  rules: "Rules of thumb for each role",
  cnn: "The learned gain predictor",
  reference: "Matches the references by their measured spectra",
};

/** Append the choice of an engine; `act` holds setAim. */
export function engineView(root, store, act) {
  const engines = h("select", {
    id: "engine",
    "aria-label": "Engine",
    on: { change: () => act.setAim({ engine: engines.value }) },
  });
  const about = h("p", { class: "quiet" });
  root.append(h("details", { class: "more" }, h("summary", {}, "Engine"), engines, about));

  store.watch((state) => {
    const aim = act.aimOf(state);
    fillEngines(engines, state.service?.engines ?? [], aim.engine);
    say(about, ENGINES[aim.engine] ?? "");
  });
}

/** Fill the part that stays in sight, which takes the focus where its button goes; `act` holds suggest, cancel. */
export function suggestView(root, store, act) {
  const pressed = (work) => {
    root.focus({ preventScroll: true });
    return work();
  };
  const button = h(
    "button",
    { type: "button", class: "primary wide big", id: "suggest", on: { click: () => pressed(act.suggest) } },
    "Suggest",
  );
  const progress = progressView({ label: "Suggesting", onCancel: (job) => pressed(() => act.cancel(job, "suggest")) });
  root.append(button, progress.element, problemLine(store, "suggest"));

  store.watch((state) => {
    const job = suggestingOf(state);
    const session = sessionOf(state);
    show(button, job === null);
    show(progress.element, job !== null);
    if (job) progress.update(job);
    const asking = state.asking.includes(state.sessionName);
    button.disabled = asking || !session || session.tracks.length === 0 || state.connection === "lost";
  });
}

function fillEngines(select, engines, chosen) {
  const told = engines.join();
  if (select.told !== told) {
    select.told = told;
    select.replaceChildren(...engines.map((name) => h("option", { value: name }, name)));
  }
  if (chosen && select.value !== chosen) select.value = chosen;
}
