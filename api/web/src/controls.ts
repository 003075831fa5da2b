// Small controls that every page has: the language switch, printing, forms that send themselves.

/** Tick or untick every box of a name in the same form, except rows that a filter hides. */
function checkAll(master: HTMLInputElement): void {
  const boxes = document.querySelectorAll<HTMLInputElement>(`input[name="${CSS.escape(master.dataset["checkAll"] ?? "")}"]`);
  for (const box of boxes) {
    if (box.form === master.form && !box.disabled && !box.closest("[hidden]")) box.checked = master.checked;
  }
}

/** Wire the page's controls by delegation, so that parts that arrive later have them too. */
export function wireControls(): void {
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLSelectElement || field instanceof HTMLInputElement) || !field.form) return;
    const ticked = field.dataset["tickAll"];
    if (ticked && field instanceof HTMLInputElement) {
      const boxes = field.form.querySelectorAll<HTMLInputElement>(`input[type="checkbox"][name="${CSS.escape(ticked)}"]`);
      for (const box of boxes) box.checked = field.checked;
      return;
    }
    if (field.form.matches("[data-language-switch]")) {
      // come back to the same rows in the same order, or the same part of the map, whatever the address says by now
      const next = field.form.elements.namedItem("next");
      if (next instanceof HTMLInputElement) next.value = location.pathname + location.search + location.hash;
      field.form.requestSubmit();
    } else if (field.form.matches("[data-autosubmit]")) {
      field.form.requestSubmit();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.dataset["checkAll"]) checkAll(event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
  });
}
