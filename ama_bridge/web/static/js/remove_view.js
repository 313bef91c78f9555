/** The question before a session or a plan is removed: what goes, and what stays. */

import { dialogOf } from "./dialog.js";
import { h, say } from "./dom.js";
import { showProblem } from "./problem_line.js";

/** Return `{open}`, which takes the name of a session, and where just one plan of it is meant that plan's id; `act` holds remove. */
export function removeView(store, act) {
  const asked = { session: null, plan: undefined };
  const what = h("p");
  const stays = h(
    "p",
    { class: "quiet" },
    "Your own files stay as they are. What AMA has set in a DAW stays set, and can be taken back there (AMA Revert) as before.",
  );
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const remove = h("button", { type: "button", class: "danger", id: "remove-now", on: { click: take } }, "Remove");
  const keep = h("button", { type: "button", on: { click: () => dialog.close() } }, "Keep");
  const body = h("div", { class: "stack" }, what, stays, problem, h("div", { class: "dialog-end" }, keep, remove));
  const dialog = dialogOf({ id: "remove", title: "Remove", body });

  async function take() {
    remove.disabled = true;
    try {
      await act.remove(asked.session, asked.plan);
      dialog.close();
    } catch (error) {
      showProblem(problem, error);
    } finally {
      remove.disabled = false;
    }
  }

  return {
    open(session, plan) {
      Object.assign(asked, { session, plan });
      const plans = store.get().service.plans.filter((each) => each.session === session);
      say(dialog.querySelector("h2"), plan ? "Remove this plan?" : `Remove ${session}?`);
      say(what, plan ? planGoes(plan) : sessionGoes(plans.length));
      showProblem(problem, null);
      dialog.showModal();
      keep.focus();
    },
  };
}

function planGoes(plan) {
  return `Plan ${Number(plan.slice(plan.lastIndexOf("-") + 1))} and what you decided in it go from AMA\u2019s own folder.`;
}

function sessionGoes(plans) {
  const rest = plans ? ` with its ${plans === 1 ? "plan" : `${plans} plans`} and what you decided in ${plans === 1 ? "it" : "them"}` : "";
  return `The session goes from AMA\u2019s own folder${rest}.`;
}
