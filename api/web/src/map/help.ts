// The help sheet: how to read the map, and its keys; while it lies over the map, no key reaches what is under it.

/** Wire the button (its key is in `data-key`) and the sheet; focus goes back to where it was. */
export function wireHelp(page: HTMLElement): void {
  const sheet = page.querySelector<HTMLDialogElement>("[data-map-help]");
  const button = page.querySelector<HTMLElement>("[data-map-help-open]");
  if (!sheet || !button) return;
  let from: HTMLElement | undefined;

  button.addEventListener("click", () => {
    if (sheet.open) return;
    from = document.activeElement instanceof HTMLElement && document.activeElement !== document.body ? document.activeElement : button;
    sheet.showModal();
    sheet.scrollTop = 0;
  });
  // on its way down: a click on the sheet's text leaves the focus on the page, whose keys must not reach the map either
  window.addEventListener("keydown", (event) => {
    if (!sheet.open) return;
    event.stopPropagation(); // Escape closes the sheet by itself, and only the sheet
    if (event.key === "?") sheet.close();
  }, true);
  sheet.addEventListener("click", (event) => {
    const on = event.target;
    // what is written fills it: a click on the dialog itself is one beside the sheet
    if (on === sheet || (on instanceof Element && on.closest("[data-map-help-close]"))) sheet.close();
  });
  sheet.addEventListener("close", () => from?.focus());
}
