/** What the plan brings: how much nearer, by part, the figures before and after beside the target, and the tonal balance. */

import { balanceView } from "./balance_view.js";
import { h, say, show } from "./dom.js";
import { figureRows, shares } from "./figures.js";
import { number } from "./words.js";

/** Fill the part. Where it stands above the suggestions it is folded to the headline and the bars until it is asked for. */
export function resultView(root, store) {
  const headline = h("p", { class: "headline" });
  const distance = h("p", { class: "distance" });
  const composition = h("div", { class: "composition" });
  const rows = h("tbody");
  const figures = h(
    "table",
    { class: "figures" },
    h("caption", { class: "unseen" }, "The mix before, after and its target"),
    h("thead", {}, h("tr", {}, ...heads())),
    rows,
  );
  const warnings = h("ul", { class: "warnings" });
  const unverified = h("p", { class: "quiet" }, "This plan carries no measured before and after.");
  const balance = h("div", { class: "balance" });
  const unfold = h("button", {
    type: "button",
    class: "small",
    id: "unfold",
    "aria-controls": root.id,
    on: { click: () => folded(!root.classList.contains("folded")) },
  });
  const words = h(
    "div",
    { class: "result-words" },
    h("div", { class: "result-head" }, h("h2", {}, "Before and after"), unfold),
    headline,
    distance,
    composition,
    figures,
    unverified,
  );
  root.append(words, balance, warnings);
  const chart = balanceView(balance);
  let shown = null;
  folded(true);

  function folded(isFolded) {
    root.classList.toggle("folded", isFolded);
    unfold.setAttribute("aria-expanded", String(!isFolded));
    const notes = warnings.children.length;
    say(unfold, isFolded ? `Figures and picture${notes ? ` \u00b7 ${notes} note${notes === 1 ? "" : "s"}` : ""}` : "Fold");
  }

  store.watch((state) => {
    const document_ = state.plan?.plan ?? null;
    show(root, document_ !== null);
    if (!document_) return;
    const told = newIn(document_.warnings, state.warnings[state.sessionName] ?? []);
    if (warnings.told !== told.join("\n")) {
      warnings.told = told.join("\n");
      warnings.replaceChildren(...told.map((text) => h("li", {}, text)));
      folded(unfold.ariaExpanded !== "true");
    }
    if (document_ === shown) return;
    shown = document_;
    const { verification } = document_;
    for (const part of [headline, distance, composition, figures, balance]) show(part, verification !== null);
    show(unverified, verification === null);
    if (!verification) return;
    fillHead(headline, distance, document_);
    fillComposition(composition, verification);
    fillFigures(rows, document_);
    chart.update(verification, aimName(document_), state.plan.id);
  });
}

function heads() {
  const [first, ...rest] = ["Figure", "Before", "After", "Target", "Apart"].map((name) => h("th", { scope: "col" }, name));
  first.replaceChildren(h("span", { class: "unseen" }, first.textContent));
  return [first, ...rest];
}

/** What the session's notes say already is not said again. */
function newIn(warnings, said) {
  return warnings.filter((text) => !said.includes(text));
}

function aimName({ target }) {
  return target.kind === "reference" ? "references" : target.name;
}

function fillHead(headline, distance, { verification, target, suggestions }) {
  const { before, after, metric } = verification;
  const percent = before > 0 ? Math.round((1 - after / before) * 100) : 0;
  headline.replaceChildren(h("strong", {}, percent > 0 ? `${percent} % nearer` : "As near as it was"));
  headline.append(` to ${target.kind === "reference" ? "the references" : target.name}`);
  say(
    distance,
    `Distance ${before.toFixed(4)} \u2192 ${after.toFixed(4)} (${metric}) with all ${suggestions.length} as suggested.`,
  );
  distance.title = `${metric}: how far the mix lies from its target in spectrum, width, balance, peaks and level; 0 is on it.`;
}

function fillComposition(root, verification) {
  const scale = Math.max(verification.before, verification.after, 1e-9);
  const parts = shares(verification);
  const bar = (name, side) =>
    h(
      "div",
      { class: "stacked" },
      h("span", { class: "stacked-name" }, name),
      h("div", { class: "stacked-bar" }, ...parts.map((part) => piece(part, part[side] / scale))),
      h("span", { class: "stacked-sum" }, number(verification[side], 4)),
    );
  const legend = parts.filter((part) => part.before + part.after > 0.005 * scale);
  root.replaceChildren(
    bar("Before", "before"),
    bar("After", "after"),
    h("ul", { class: "legend" }, ...legend.map((part) => h("li", {}, h("i", { class: `part ${part.id}` }), part.name))),
  );
}

function piece(part, share) {
  const element = h("i", {
    class: `part ${part.id}`,
    title: `${part.name}: ${part.before.toFixed(4)} before, ${part.after.toFixed(4)} after`,
  });
  element.style.width = `${share * 100}%`;
  return element;
}

function fillFigures(body, document_) {
  body.replaceChildren(
    ...figureRows(document_).map(({ name, about, before, after, target, apart }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row", title: about }, name),
        h("td", { class: "before" }, before),
        h("td", { class: "after" }, after),
        h("td", { class: "target" }, target),
        h("td", { class: `apart ${apart.way}` }, apart.text),
      ),
    ),
  );
}
