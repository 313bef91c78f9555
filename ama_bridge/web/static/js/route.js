/** Which session and plan are shown stands in the address (#session=...&plan=...): a reload, a bookmark and a second window find it again. */

/** Return what the address names. */
export function readRoute() {
  const named = new URLSearchParams(location.hash.slice(1));
  return { sessionName: named.get("session"), planId: named.get("plan") };
}

/** Open what the address names when another is put in its place: a bookmark, a link, a step back. */
export function followRoute(store, open) {
  addEventListener("hashchange", () => {
    const { sessionName: session, planId: plan } = readRoute();
    if (session) open({ session, plan });
    else writeRoute(store.get());
  });
}

/** Write what is shown into the address, without a step in the history. */
export function writeRoute({ sessionName, planId }) {
  const named = new URLSearchParams();
  if (sessionName) named.set("session", sessionName);
  if (planId) named.set("plan", planId);
  const hash = `#${named}`;
  if (hash !== location.hash) history.replaceState(null, "", hash === "#" ? location.pathname : hash);
}
