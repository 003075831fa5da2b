// A slider and a number that are the same answer: whichever is moved, the other follows before anything is sent.

/** Wire by delegation: `<input type="range" data-twin="id of the number">`, which bears no name of its own. */
export function wireTwins(): void {
  document.addEventListener(
    "input",
    (event) => {
      const field = event.target;
      if (!(field instanceof HTMLInputElement)) return;
      const twin = field.dataset["twin"]
        ? document.getElementById(field.dataset["twin"])
        : document.querySelector(`[data-twin="${CSS.escape(field.id)}"]`);
      if (twin instanceof HTMLInputElement) twin.value = field.value;
    },
    { capture: true },
  );
}
