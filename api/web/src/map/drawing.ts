// Draw a box or a ring by hand, with mouse, finger or pen, to choose what lies in it.
import type { Map } from "maplibre-gl";
import { say, type Given } from "./given";
import { boxed, written, type Degrees } from "./ring";

type How = "box" | "lasso";
const LEAST = 8; // pixels; a smaller ring was a slip

/** Wire the two buttons and the drawing itself. */
export function wireDrawing(page: HTMLElement, map: Map, given: Given, drawn: (polygon: string) => void): void {
  const sheet = page.querySelector<SVGSVGElement>("[data-map-sheet]");
  const line = sheet?.querySelector("polygon");
  const hint = page.querySelector<HTMLElement>("[data-map-hint]");
  let how: How | undefined;
  let corners: [number, number][] = [];

  for (const button of page.querySelectorAll<HTMLElement>("[data-map-draw]")) {
    button.addEventListener("click", () => begin(button.dataset["mapDraw"] === "box" ? "box" : "lasso"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !how) return;
    event.stopImmediatePropagation(); // the panel stays
    end();
  });
  // with Shift held, a box without a button; the sheet takes the pointer before the map begins to move
  map.getCanvasContainer().addEventListener("pointerdown", (event) => {
    if (!event.shiftKey || event.button !== 0 || event.pointerType === "touch") return;
    begin("box");
    start(event);
  });
  sheet?.addEventListener("pointerdown", start);
  sheet?.addEventListener("pointercancel", end);
  sheet?.addEventListener("pointermove", (event) => {
    const first = corners[0];
    if (!first) return;
    const here = spot(event);
    corners = how === "box" ? [first, here] : [...corners, here];
    draw();
  });
  sheet?.addEventListener("pointerup", () => {
    const ring = shape();
    end();
    const xs = ring.map(([x]) => x);
    const ys = ring.map(([, y]) => y);
    if (Math.max(...xs) - Math.min(...xs) < LEAST || Math.max(...ys) - Math.min(...ys) < LEAST) return;
    drawn(written(ring.map((corner): Degrees => map.unproject(corner).toArray())));
  });

  function start(event: PointerEvent): void {
    sheet?.setPointerCapture(event.pointerId);
    corners = [spot(event)];
    draw();
  }

  function spot(event: PointerEvent): [number, number] {
    const box = map.getContainer().getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function shape(): [number, number][] {
    const [first, last] = [corners[0], corners.at(-1)];
    return how === "box" && first && last ? boxed(first, last) : corners;
  }

  function draw(): void {
    line?.setAttribute("points", shape().map((corner) => corner.join(",")).join(" "));
  }

  function begin(which: How): void {
    how = which;
    corners = [];
    draw();
    sheet?.removeAttribute("hidden");
    if (hint) {
      hint.textContent = say(given.words, "draw_hint");
      hint.hidden = false;
    }
    mark();
  }

  function end(): void {
    how = undefined;
    corners = [];
    draw();
    sheet?.setAttribute("hidden", "");
    if (hint) hint.hidden = true;
    mark();
  }

  function mark(): void {
    for (const button of page.querySelectorAll<HTMLElement>("[data-map-draw]")) {
      button.setAttribute("aria-pressed", String(button.dataset["mapDraw"] === how));
    }
  }
}
