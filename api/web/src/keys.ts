// Links and buttons that a key presses, fields that it enters: <a data-key="j n">. Not while something is being written.

/** The control that a key stands for on this page, if any. */
function controlOf(key: string): HTMLElement | undefined {
  return [...document.querySelectorAll<HTMLElement>("[data-key]")].find((one) =>
    (one.dataset["key"] ?? "").split(" ").includes(key),
  );
}

/** Let the keys of `data-key` press their controls. */
export function wireKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const where = event.target;
    if (where instanceof HTMLElement && where.closest("input, select, textarea, [contenteditable]")) return;
    const control = controlOf(event.key);
    if (!control) return;
    event.preventDefault();
    if (control.matches("input, textarea, select")) control.focus();
    else control.click();
  });
}
