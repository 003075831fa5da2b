// The search box: what the server finds, chosen by mouse or keys, flown to.
import type { Given } from "./given";

export interface Hit {
  kind: "division" | "household" | "evidence" | "worker";
  label: string;
  detail?: string;
  code: string;
  bbox?: [number, number, number, number] | null;
}
export interface Reached {
  fly(box: [number, number, number, number]): void;
  evidence(id: string): void;
  household(code: string): void;
  narrow(name: "area" | "worker", value: string): void;
}
const PAUSE = 250; // milliseconds after the last key

/** Wire the box and its list. */
export function wireSearch(page: HTMLElement, given: Given, reached: Reached): void {
  const box = page.querySelector<HTMLInputElement>("[data-map-search]");
  const list = page.querySelector<HTMLElement>("[data-map-hits]");
  const address = given.panel.search;
  if (!box || !list || !address) return;
  let hits: Hit[] = [];
  let at = -1;
  let timer = 0;
  let asked: AbortController | undefined;

  box.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % Math.max(hits.length, 1);
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const hit = hits[Math.max(at, 0)];
      if (hit) choose(hit);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      clear();
      box.blur();
    }
  });
  box.addEventListener("blur", () => window.setTimeout(() => clear(), 150));
  document.addEventListener("keydown", (event) => {
    const writing = event.target instanceof HTMLElement && event.target.closest("input, select, textarea");
    if (event.key !== "/" || writing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    box.focus();
  });

  async function ask(): Promise<void> {
    asked?.abort();
    const q = box?.value.trim() ?? "";
    if (!q) return clear();
    asked = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(q)}`, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      show((await answer.json()) as Hit[]);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) show([], true); // the next key asks once more
    }
  }

  function show(found: Hit[], failed = false): void {
    hits = found;
    at = -1;
    list?.replaceChildren(
      ...found.map((hit, index) => {
        const item = document.createElement("li");
        item.id = `map-hit-${index}`;
        item.setAttribute("role", "option");
        const label = document.createElement("b");
        label.textContent = hit.label;
        const detail = document.createElement("span");
        detail.textContent = hit.detail ?? "";
        item.append(label, detail);
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(hit);
        });
        return item;
      }),
    );
    if (list) list.hidden = false;
    box?.setAttribute("aria-expanded", "true");
    box?.removeAttribute("aria-activedescendant");
    list?.toggleAttribute("data-empty", found.length === 0);
    list?.toggleAttribute("data-failed", failed);
  }

  function mark(): void {
    [...(list?.children ?? [])].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    if (hits[at]) box?.setAttribute("aria-activedescendant", `map-hit-${at}`);
    list?.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function choose(hit: Hit): void {
    clear();
    if (hit.bbox) reached.fly(hit.bbox);
    if (hit.kind === "household") reached.household(hit.code);
    else if (hit.kind === "evidence") reached.evidence(hit.code);
    else reached.narrow(hit.kind === "worker" ? "worker" : "area", hit.code);
  }

  function clear(): void {
    asked?.abort();
    hits = [];
    if (list) list.hidden = true;
    box?.setAttribute("aria-expanded", "false");
    box?.removeAttribute("aria-activedescendant");
  }
}
