// What did not load, said once in words over the map, with a button that tries again: an empty map looks like good news.
import { say, type Given } from "./given";

/** The parts of the map that can fail, in the order in which they are said. */
const PARTS = ["tiles", "count", "divisions", "base", "base_slow"] as const;
export type Part = (typeof PARTS)[number];
export interface Failures {
  /** A part did not load; of an answer, its status. */
  fail(part: Part, status?: number): void;
  /** It came after all. */
  mend(part: Part): void;
}
const SIGNED_OUT = 401;

/** The part that a source of the map belongs to; none of what we draw ourselves. */
export function partOf(source: string | undefined): Part | undefined {
  if (source === "evidence") return "tiles";
  if (source === "base") return "base";
  return source === "counties" || source === "townships" ? "divisions" : undefined;
}

/** Wire the words and the button; `again` loads everything anew. */
export function wireFailures(page: HTMLElement, given: Given, again: () => void): Failures {
  const holder = page.querySelector<HTMLElement>("[data-map-failed]");
  const words = holder?.querySelector<HTMLElement>("[data-map-failed-words]");
  const button = holder?.querySelector<HTMLElement>("[data-map-again]");
  const label = button?.querySelector("span");
  const failed = new Set<Part>(given.base.broken ? ["base"] : []);
  let signedOut = false;

  button?.addEventListener("click", retry);
  window.addEventListener("online", () => (failed.size ? retry() : tell()));
  window.addEventListener("offline", tell);
  tell();

  function retry(): void {
    if (signedOut || given.base.broken) return location.reload(); // the page asks who is there, and what lies beneath
    failed.clear();
    tell();
    again();
  }

  function tell(): void {
    const said = saying();
    if (words && words.textContent !== said) words.textContent = said; // else it would be read out again
    if (label) label.textContent = say(given.words, signedOut ? "sign_in" : "again");
    if (holder) holder.hidden = !said;
  }

  function saying(): string {
    if (signedOut) return say(given.words, "signed_out");
    if (!navigator.onLine) return say(given.words, "offline");
    return PARTS.filter((part) => failed.has(part)).map((part) => say(given.words, `failed_${part}`)).join("\n");
  }

  return {
    fail(part, status) {
      if (status === SIGNED_OUT) signedOut = true;
      failed.add(part);
      tell();
    },
    mend(part) {
      if (failed.delete(part)) tell();
    },
  };
}
