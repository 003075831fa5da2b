// What the map is made of, from below: ground, base map, divisions, ways home, homes, cells, pieces.
import type { LayerSpecification, Map, RasterTileSource, SourceSpecification, StyleSpecification, VectorTileSource } from "maplibre-gl";
import { say, type Base, type Given } from "./given";
import { CELL_DOUBT, CELL_RING, MEASURES, NO_FIGURE, POINT_ZOOM, propertyOf, RING_COLOUR, writtenOf } from "./colours";

export const FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

type Expression = unknown[];

/** The colour of a division by a measure, as the map library computes it. */
export function groundColour(measure: string): string | Expression {
  const steps = MEASURES[measure];
  if (!steps) return "rgba(0,0,0,0)";
  const value: Expression = ["get", propertyOf(measure)];
  const ladder = steps.slice(1).flatMap((step) => [step.from, step.colour]);
  return ["case", ["==", ["typeof", value], "number"], ["step", value, steps[0]?.colour, ...ladder], NO_FIGURE];
}

/** A division's name, with its figure below it while its colour shows: colour alone says nothing to many. */
export function nameAndFigure(measure: string): Expression {
  const name: Expression = ["get", "name"];
  const figure: Expression = ["get", writtenOf(measure)];
  if (!MEASURES[measure]) return name;
  const both: Expression = ["format", name, {}, "\n", {}, figure, { "font-scale": 0.95, "text-color": "#23262b" }];
  return ["step", ["zoom"], ["case", ["has", writtenOf(measure)], both, name], POINT_ZOOM, name];
}

const doubtful: Expression = ["/", ["get", "doubt"], ["max", 1, ["get", "n"]]];
const cellRing: Expression = [
  "step", doubtful, 1.5, ...CELL_DOUBT.slice(1).flatMap((step, at) => [step.from, CELL_RING[at + 1]]),
];
const cellEdge: Expression = ["step", doubtful, "#fffefb", CELL_DOUBT[1]?.from, RING_COLOUR];
const cellColour: Expression = [
  "step",
  doubtful,
  CELL_DOUBT[0]?.colour,
  ...CELL_DOUBT.slice(1).flatMap((step) => [step.from, step.colour]),
];
const cellRadius: Expression = ["interpolate", ["linear"], ["sqrt", ["get", "n"]], 1, 9, 6, 15, 30, 24, 120, 34, 400, 44];

const signName: Expression = [
  "concat", "sign|", ["get", "kind"], "|", ["get", "purpose"], "|", ["get", "state"], "|", ["get", "severity"],
];

/** The source of evidence for a query of the selection; absolute, since a worker asks for it. */
export function tilesFor(given: Given, query: string): string {
  return `${location.origin}${given.tiles}${query ? `?${query}` : ""}`;
}

/** The whole style, for a query of the selection and a measure. */
export function styleFor(given: Given, query: string, measure: string): StyleSpecification {
  const nothing = { type: "FeatureCollection" as const, features: [] };
  const sources: Record<string, SourceSpecification> = {
    counties: { type: "geojson", data: nothing },
    townships: { type: "geojson", data: nothing, attribution: say(given.words, "brand") },
    names: { type: "geojson", data: nothing },
    evidence: { type: "vector", tiles: [tilesFor(given, query)], minzoom: 0, maxzoom: 18 },
    fan: { type: "geojson", data: nothing },
  };
  const layers: LayerSpecification[] = [
    { id: "paper", type: "background", paint: { "background-color": "#f6f3ec" } },
    ...baseLayers(given, sources),
    { id: "townships", type: "fill", source: "townships", paint: { "fill-color": groundColour(measure) as string, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 11, given.base.kind === "none" ? 0.85 : 0.45, 13, 0.1] } },
    { id: "township-edges", type: "line", source: "townships", paint: { "line-color": "#a9a294", "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.4, 12, 1.4] } },
    { id: "county-edges", type: "line", source: "counties", paint: { "line-color": "#6f6a5e", "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.8, 12, 2.4] } },
    { id: "chosen-edge", type: "line", source: "townships", filter: ["==", ["get", "code"], ""], paint: { "line-color": "#0f5e73", "line-width": 3 } },
    { id: "ties", type: "line", source: "evidence", "source-layer": "ties", minzoom: 14, paint: { "line-color": ["case", [">", ["get", "metres"], 1000], "#a63d2f", "#5a5f66"], "line-width": 1.5, "line-dasharray": [2, 2] } },
    { id: "homes", type: "symbol", source: "evidence", "source-layer": "homes", minzoom: 14, layout: { "icon-image": "house", "icon-size": 0.6, "icon-allow-overlap": true } },
    { id: "cells", type: "circle", source: "evidence", "source-layer": "cells", paint: { "circle-color": cellColour as never, "circle-radius": cellRadius as never, "circle-opacity": 0.86, "circle-stroke-color": cellEdge as never, "circle-stroke-width": cellRing as never } },
    { id: "names", type: "symbol", source: "names", layout: { "text-field": nameAndFigure(measure) as never, "symbol-sort-key": ["length", ["get", "code"]], "text-line-height": 1.15, "text-font": FONTS, "text-size": ["interpolate", ["linear"], ["zoom"], 6, 11, 12, 15], "text-padding": 1, "text-variable-anchor": ["top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right", "center"], "text-radial-offset": 1.3 }, paint: { "text-color": "#4a4a45", "text-halo-color": "rgba(255,254,251,0.9)", "text-halo-width": 1.6 } },
    { id: "cell-counts", type: "symbol", source: "evidence", "source-layer": "cells", layout: { "text-field": ["to-string", ["get", "n"]], "text-font": FONTS, "text-size": ["interpolate", ["linear"], ["sqrt", ["get", "n"]], 1, 11, 30, 14], "text-allow-overlap": true, "text-padding": 5 }, paint: { "text-color": "#fff" } },
    { id: "pieces", type: "symbol", source: "evidence", "source-layer": "points", layout: { "icon-image": signName as never, "icon-size": ["interpolate", ["linear"], ["zoom"], 13, 0.36, 16, 0.5], "icon-allow-overlap": true, "symbol-sort-key": ["match", ["get", "severity"], "doubt", 2, "look", 1, 0] } },
    { id: "fan-legs", type: "line", source: "fan", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": "#5a5f66", "line-width": 1.2 } },
    { id: "fan", type: "symbol", source: "fan", filter: ["==", ["geometry-type"], "Point"], layout: { "icon-image": signName as never, "icon-size": 0.5, "icon-allow-overlap": true } },
    { id: "seen", type: "circle", source: "evidence", "source-layer": "points", filter: ["==", ["get", "id"], ""], paint: { "circle-radius": 18, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": "#0f5e73", "circle-stroke-width": 3 } },
  ];
  return { version: 8, sources, layers };
}

/** Ask for the base map anew. */
export function reloadBase(map: Map, base: Base): void {
  const source = map.getSource<RasterTileSource | VectorTileSource>("base");
  if (base.kind === "raster") source?.setTiles([base.url]);
  else source?.setUrl(archiveOf(base));
}

function archiveOf(base: Base): string {
  return `pmtiles://${location.origin}${base.url}`;
}

function baseLayers(given: Given, sources: Record<string, SourceSpecification>): LayerSpecification[] {
  const base = given.base;
  if (base.kind === "raster") {
    sources["base"] = { type: "raster", tiles: [base.url], tileSize: base.tile_size ?? 256, maxzoom: base.max_zoom, attribution: base.attribution };
    return [{ id: "base", type: "raster", source: "base", paint: { "raster-saturation": -0.4, "raster-opacity": 0.8 } }];
  }
  if (base.kind !== "pmtiles") return [];
  const url = archiveOf(base);
  if (!base.vector) {
    sources["base"] = { type: "raster", url, tileSize: 256, attribution: base.attribution };
    return [{ id: "base", type: "raster", source: "base" }];
  }
  // the layers that vector archives of the Protomaps basemap have; others show what they share with them
  sources["base"] = { type: "vector", url, attribution: base.attribution };
  const fill = (id: string, layer: string, colour: string): LayerSpecification => ({ id, type: "fill", source: "base", "source-layer": layer, paint: { "fill-color": colour } });
  return [
    fill("base-earth", "earth", "#f6f3ec"),
    fill("base-landcover", "landcover", "#ecefe2"),
    fill("base-water", "water", "#cfe0e6"),
    { id: "base-roads", type: "line", source: "base", "source-layer": "roads", paint: { "line-color": "#d8cfbd", "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.4, 14, 2.5] } },
  ];
}
