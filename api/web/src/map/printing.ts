// Print the map: the picture as it is, its legend, and in words what was chosen.
import type { Map } from "maplibre-gl";
import { say, type Given } from "./given";

/** Wire the button; the browser's own print command gives the same. */
export function wirePrint(page: HTMLElement, map: Map, given: Given, inWords: () => string[]): void {
  const caption = page.querySelector<HTMLElement>("[data-map-caption]");
  page.querySelector("[data-map-print]")?.addEventListener("click", () => {
    write();
    map.once("idle", () => window.print());
    map.triggerRepaint();
  });
  window.addEventListener("beforeprint", write);

  function write(): void {
    if (!caption) return;
    const chosen = inWords();
    const time = new Date().toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
    const parts = [
      `${say(given.words, "filters")}：${chosen.length ? chosen.join("；") : say(given.words, "all")}`,
      page.querySelector("[data-map-status]")?.textContent ?? "",
      page.hasAttribute("data-synthetic") ? say(given.words, "synthetic") : "",
      `${say(given.words, "north")}`,
      `${say(given.words, "printed")} ${time}`,
    ];
    caption.textContent = parts.filter(Boolean).join("　·　");
  }
}
