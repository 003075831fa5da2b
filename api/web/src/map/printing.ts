// Print the map: at the size it has on paper, so that its scale bar holds there, its legend, in words what was chosen.
import type { Map } from "maplibre-gl";
import { language, say, type Given } from "./given";

const SHARP = 2; // dots of the picture for each pixel of the page
const SLIGHT = 0.05; // of a zoom level: not worth losing the signs that show from a level on
const PATIENCE = 5000; // milliseconds for the tiles around what was on the screen

/** How far to zoom out that all of a map of one size stays in sight at another. */
export function further(now: [number, number], paper: [number, number]): number {
  const levels = Math.log2(Math.max(now[0] / paper[0], now[1] / paper[1], 1));
  return levels < SLIGHT ? 0 : levels;
}

/** Wire the button; the browser's own print command gives the same. */
export function wirePrint(page: HTMLElement, map: Map, given: Given, inWords: () => string[]): void {
  const caption = page.querySelector<HTMLElement>("[data-map-caption]");
  let restore: (() => void) | undefined;

  page.querySelector("[data-map-print]")?.addEventListener("click", () => {
    prepare();
    let asked = false;
    const print = (): void => {
      if (asked) return;
      asked = true;
      window.print();
    };
    map.once("idle", print);
    window.setTimeout(print, PATIENCE);
    map.triggerRepaint();
  });
  window.addEventListener("beforeprint", () => {
    prepare();
    map.redraw(); // at once: the browser does not wait
  });
  window.addEventListener("afterprint", () => {
    restore?.();
    restore = undefined;
  });

  function prepare(): void {
    write();
    if (restore) return;
    const [zoom, ratio] = [map.getZoom(), map.getPixelRatio()];
    const now = sizeOf(map);
    page.classList.add("is-printing");
    map.setPixelRatio(SHARP);
    map.resize();
    map.setZoom(zoom - further(now, sizeOf(map)));
    restore = () => {
      page.classList.remove("is-printing");
      map.setPixelRatio(ratio);
      map.resize();
      map.setZoom(zoom);
    };
  }

  function write(): void {
    if (!caption) return;
    const chosen = inWords();
    const time = new Date().toLocaleString(language(), { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "short" });
    const parts = [
      ...(chosen.length ? chosen : [say(given.words, "all")]),
      page.querySelector("[data-map-status]")?.textContent ?? "",
      page.querySelector("[data-map-failed]:not([hidden]) [data-map-failed-words]")?.textContent?.replaceAll("\n", " ") ?? "",
      page.hasAttribute("data-synthetic") ? say(given.words, "synthetic") : "",
      say(given.words, "north"),
      say(given.words, "printed", { time }),
    ];
    caption.textContent = parts.filter(Boolean).join(" · ");
  }
}

function sizeOf(map: Map): [number, number] {
  const { clientWidth, clientHeight } = map.getContainer();
  return [clientWidth, clientHeight];
}
