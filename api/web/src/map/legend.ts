// The legend: what every colour, number, ring and shape means, on the screen and on paper.
import { CELL_DOUBT, CELL_RING, figureOf, MEASURES, NO_FIGURE, POINT_ZOOM, RING_COLOUR, type Step } from "./colours";
import { say, type Given } from "./given";
import { drawHouse, drawSign, type Sign } from "./signs";

/** Draw the legend anew for a measure and a zoom: what is not to be seen is not explained. */
export function drawLegend(page: HTMLElement, given: Given, measure: string, zoom: number): void {
  const holder = page.querySelector<HTMLElement>("[data-map-legend]");
  if (!holder) return;
  holder.replaceChildren(
    ...(zoom < POINT_ZOOM && MEASURES[measure] ? [ladder(say(given.words, measure), MEASURES[measure], "square", say(given.words, "no_figures"))] : []),
    zoom < POINT_ZOOM ? ladder(say(given.words, "cells"), CELL_DOUBT, "dot") : signs(given),
  );
}

function ladder(title: string, steps: Step[], shape: string, nothing = ""): HTMLElement {
  const rows = steps.map((step, at) => row(swatch(step.colour, shape, shape === "dot" ? (CELL_RING[at] ?? 0) : undefined), step.label));
  if (nothing) {
    const none = swatch(NO_FIGURE, shape);
    none.textContent = figureOf(undefined); // as it stands under a name
    rows.push(row(none, nothing));
  }
  return group(title, rows);
}

function signs(given: Given): HTMLElement {
  const plain: Sign = { kind: "visit", purpose: "township_visit", state: "received", severity: "" };
  const rows = [
    ...Object.entries(given.purposes).map(([purpose, name]) => row(picture({ ...plain, purpose }, given), name)),
    ...Object.entries(given.states).map(([state, name]) => row(picture({ ...plain, state }, given), name)),
    ...["doubt", "look"].map((severity) => row(picture({ ...plain, severity }, given), say(given.words, severity))),
    row(canvasOf(drawHouse()), say(given.words, "home")),
  ];
  const kinds = Object.entries(given.kinds).filter(([kind]) => given.signs[kind]).map(([kind, name]) => kindIn(given.signs[kind] ?? "", name));
  const words = document.createElement("p");
  words.className = "map-legend-kinds";
  words.append(...kinds);
  const found = group("", rows);
  found.append(words);
  return found;
}

function kindIn(sign: string, name: string): HTMLElement {
  const one = document.createElement("span");
  const letter = document.createElement("b");
  letter.textContent = sign;
  one.append(letter, ` ${name}`);
  return one;
}

function group(title: string, rows: HTMLElement[]): HTMLElement {
  const holder = document.createElement("div");
  holder.className = "map-legend-group";
  if (title) {
    const heading = document.createElement("h3");
    heading.textContent = title;
    holder.append(heading);
  }
  const list = document.createElement("ul");
  list.append(...rows);
  holder.append(list);
  return holder;
}

function row(sign: HTMLElement, label: string): HTMLElement {
  const item = document.createElement("li");
  const words = document.createElement("span");
  words.textContent = label;
  item.append(sign, words);
  return item;
}

function swatch(colour: string, shape: string, ring?: number): HTMLElement {
  const one = document.createElement("i");
  one.className = `map-swatch map-swatch-${shape}`;
  one.style.backgroundColor = colour;
  if (ring !== undefined) one.style.border = `${ring * 0.6}px solid ${RING_COLOUR}`;
  return one;
}

function picture(sign: Sign, given: Given): HTMLElement {
  return canvasOf(drawSign(sign, given.signs[sign.kind]));
}

function canvasOf(image: ImageData): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  canvas.className = "map-sign";
  return canvas;
}
