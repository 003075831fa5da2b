// What is chosen on the map, as the address writes it: whoever gets the address sees the same.

/** The parameters that narrow what is shown; the server reads them under the same names. */
export const NARROWING = [
  "area", "kind", "purpose", "household", "worker", "since", "until", "state", "rule", "doubt", "drawn", "band", "search",
] as const;
/** The parameters that only this page reads: what colours the ground, and what the panel shows. */
export const SHOWING = ["measure", "seen", "of"] as const;

export type Selection = Partial<Record<(typeof NARROWING)[number], string>>;
export interface State {
  selection: Selection;
  /** A measure that colours the divisions; empty for none. */
  measure: string;
  /** The evidence the panel shows, or empty. */
  seen: string;
  /** The household whose timeline the panel shows, or empty. */
  of: string;
}

/** Read an address's query; what is unknown is left alone. */
export function stateIn(query: string): State {
  const given = new URLSearchParams(query);
  const selection: Selection = {};
  for (const name of NARROWING) {
    const value = given.get(name)?.trim();
    if (value) selection[name] = value;
  }
  return { selection, measure: given.get("measure") ?? "coverage", seen: given.get("seen") ?? "", of: given.get("of") ?? "" };
}

/** Write a selection as a query without its question mark, always in the same order: equal choices, equal addresses. */
export function queryOf(selection: Selection): string {
  const written = new URLSearchParams();
  for (const name of NARROWING) {
    const value = selection[name];
    if (value) written.set(name, value);
  }
  return written.toString();
}

/** Write the whole state as a query; what goes without saying is left out. */
export function addressOf(state: State): string {
  const written = new URLSearchParams(queryOf(state.selection));
  if (state.measure !== "coverage") written.set("measure", state.measure);
  if (state.seen) written.set("seen", state.seen);
  if (state.of) written.set("of", state.of);
  return written.toString();
}

/** How many choices narrow what is shown. */
export function narrowed(selection: Selection): number {
  return NARROWING.filter((name) => selection[name]).length;
}
