// The choices beside the map: a plain form, read whenever something in it changes.
import { say, type Given } from "./given";
import { NARROWING, narrowed, type Selection, type State } from "./state";

export interface Choices {
  show(state: State): void;
  /** The choices in words, for paper. */
  inWords(): string[];
}

const DESK = "(min-width: 1101px)"; // as in map.css: there they stand beside the map, elsewhere they lie over it
type Field = HTMLInputElement | HTMLSelectElement;

/** Wire the form. */
export function wireChoices(page: HTMLElement, given: Given, chosen: (selection: Selection) => void, coloured: (measure: string) => void): Choices {
  const form = page.querySelector<HTMLFormElement>("[data-map-choices]");
  const count = page.querySelectorAll<HTMLElement>("[data-map-narrowed]");
  const fields = (): Field[] => [...(form?.elements ?? [])].filter((one): one is Field => one instanceof HTMLInputElement || one instanceof HTMLSelectElement);

  form?.addEventListener("submit", (event) => event.preventDefault());
  form?.addEventListener("change", (event) => {
    const field = event.target;
    if (field instanceof HTMLSelectElement && field.name === "measure") coloured(field.value);
    else chosen(read());
  });
  form?.addEventListener("reset", (event) => {
    event.preventDefault();
    chosen({});
  });
  for (const button of page.querySelectorAll<HTMLElement>("[data-map-toggle]")) {
    button.addEventListener("click", () => {
      page.toggleAttribute(window.matchMedia(DESK).matches ? "data-choices-folded" : "data-choices-open");
      tell();
    });
  }
  tell();

  function tell(): void {
    const open = form !== null && getComputedStyle(form).display !== "none";
    for (const button of page.querySelectorAll("[data-map-toggle][aria-expanded]")) button.setAttribute("aria-expanded", String(open));
  }

  function read(): Selection {
    const selection: Selection = {};
    for (const field of fields()) {
      const name = NARROWING.find((one) => one === field.name);
      const value = field.value.trim();
      if (name && value) selection[name] = value;
    }
    return selection;
  }

  return {
    show(state) {
      for (const field of fields()) {
        const name = NARROWING.find((one) => one === field.name);
        if (name) field.value = state.selection[name] ?? "";
        else if (field.name === "measure") field.value = state.measure;
        if (name) field.closest("label, .map-field")?.classList.toggle("is-chosen", Boolean(state.selection[name]));
      }
      const how = narrowed(state.selection);
      for (const one of count) one.textContent = how ? String(how) : "";
    },
    inWords() {
      return fields()
        .filter((field) => NARROWING.some((one) => one === field.name) && field.value)
        .map((field) => {
          const label = field.closest("label")?.querySelector("span")?.textContent ?? field.name;
          const value = field instanceof HTMLSelectElement ? (field.selectedOptions[0]?.textContent ?? field.value) : field.value;
          return say(given.words, "choice", { label, value: value.trim() });
        });
    },
  };
}
