// Photos over the whole screen: click one, then arrows to the next, Escape back. Without scripts a link opens the photo.

interface Shot {
  address: string;
  caption: string;
}

/** Let every `[data-photos]` open its `a[data-photo]` over the whole screen, also those that come later. */
export function wirePhotos(page: Document = document): void {
  page.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-photo]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const links = [...(link.closest("[data-photos]") ?? page).querySelectorAll<HTMLAnchorElement>("a[data-photo]")];
    const shots = links.map((one) => ({ address: one.href, caption: one.dataset["caption"] ?? "" }));
    open(page, shots, links.indexOf(link), link);
  });
}

/** Fill a field with the words of a button: `<button data-fill="note" data-words="…">`. */
export function wireReasons(page: Document = document): void {
  page.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-fill]") : null;
    const field = button ? page.getElementById(button.dataset["fill"] ?? "") : null;
    if (!(field instanceof HTMLTextAreaElement)) return;
    field.value = [field.value.trim(), button?.dataset["words"] ?? ""].filter(Boolean).join("；");
    field.focus();
  });
}

function open(page: Document, shots: Shot[], first: number, from: HTMLElement): void {
  let at = first;
  const screen = page.createElement("dialog");
  screen.className = "photo-screen";
  const figure = page.createElement("figure");
  const image = page.createElement("img");
  const caption = page.createElement("figcaption");
  figure.append(image, caption);
  screen.append(figure, button("✕", { photoClose: "" }));
  if (shots.length > 1) screen.append(button("‹", { photoStep: "-1" }), button("›", { photoStep: "1" }));
  screen.addEventListener("click", (event) => {
    const pressed = event.target instanceof HTMLElement ? event.target.dataset : {};
    if ("photoClose" in pressed) screen.close();
    else if (pressed["photoStep"]) step(Number(pressed["photoStep"]));
  });
  screen.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key !== "Escape") return;
    event.stopPropagation();
  });
  screen.addEventListener("close", () => {
    screen.remove();
    from.focus();
  });
  page.body.append(screen);
  show();
  screen.showModal();

  function step(by: number): void {
    at = (at + by + shots.length) % shots.length;
    show();
  }

  function show(): void {
    const shot = shots[at];
    if (!shot) return;
    image.src = shot.address;
    image.alt = shot.caption;
    caption.textContent = shots.length > 1 ? `${at + 1} / ${shots.length}　${shot.caption}` : shot.caption;
  }

  function button(words: string, data: Record<string, string>): HTMLButtonElement {
    const one = page.createElement("button");
    one.type = "button";
    one.textContent = words;
    Object.assign(one.dataset, data);
    return one;
  }
}
