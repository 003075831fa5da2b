// The map page: a map that shows what is chosen, a panel that shows what is looked at, an address that keeps both.
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";
import "./map-print.css"; // last: on paper its rules hold against those of the screen
import * as maplibre from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { Protocol } from "pmtiles";
import { wireChoices } from "./map/choices";
import { wireDrawing } from "./map/drawing";
import { partOf, wireFailures } from "./map/failures";
import { wireFan } from "./map/fanning";
import { givenIn, number, say, type Given } from "./map/given";
import { wireGround } from "./map/ground";
import { FONTS, groundColour, nameAndFigure, reloadBase, styleFor, tilesFor } from "./map/layers";
import { wireHelp } from "./map/help";
import { POINT_ZOOM } from "./map/colours";
import { drawLegend } from "./map/legend";
import { wireLost } from "./map/lost";
import { wirePanel } from "./map/panel";
import { wirePrint } from "./map/printing";
import { wireSearch } from "./map/search";
import { keepInSight } from "./map/sight";
import { drawHouse, drawSign, signOf } from "./map/signs";
import { addressOf, queryOf, stateIn, type State } from "./map/state";

const PATIENCE = 15_000; // milliseconds; a base map that takes longer is said to be slow: often its host is out of reach
const SMALL = 700; // pixels; narrower, the legend would hide the map
const given = givenIn(document);
const page = document.querySelector<HTMLElement>("[data-map]");
if (page) open(page, given);

function open(page: HTMLElement, given: Given): void {
  const holder = page.querySelector<HTMLElement>("[data-map-canvas]");
  const status = page.querySelector<HTMLElement>("[data-map-status]");
  if (!holder || !status) return;
  let state: State = stateIn(location.search);
  let counted = 0; // how often was asked how much fits

  maplibre.setWorkerUrl(workerUrl);
  const archives = new Protocol();
  maplibre.addProtocol("pmtiles", archives.tile);
  let map: maplibre.Map;
  try {
    map = new maplibre.Map({
      container: holder,
      style: styleFor(given, queryOf(state.selection), state.measure),
      hash: true,
      ...(given.extent ? { bounds: given.extent, fitBoundsOptions: { padding: 40, maxZoom: 12 } } : { center: [89.6, 28.9], zoom: 8 }),
      maxZoom: 20,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      boxZoom: false,
      attributionControl: { compact: false },
      localIdeographFontFamily: FONTS.map((font) => `"${font}"`).join(", "),
      canvasContextAttributes: { preserveDrawingBuffer: true }, // else a printer gets an empty sheet
      locale: { "Map.Title": say(given.words, "map"), "NavigationControl.ZoomIn": say(given.words, "zoom_in"), "NavigationControl.ZoomOut": say(given.words, "zoom_out") },
    });
  } catch {
    holder.textContent = say(given.words, "no_webgl");
    return;
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ maxWidth: 140, unit: "metric" }), "bottom-left");
  map.setMissingStyleImageResolver((id) => {
    if (map.hasImage(id)) return;
    const sign = signOf(id);
    if (sign) map.addImage(id, drawSign(sign, given.signs[sign.kind]), { pixelRatio: 1 });
    else if (id === "house") map.addImage(id, drawHouse(), { pixelRatio: 1 });
  });
  // for tests and for whoever reads the page by a program
  (window as unknown as { ruhuMap: maplibre.Map }).ruhuMap = map;

  const panel = wirePanel(page, given, {
    shown: (what) => {
      change({ ...state, seen: what.seen ?? "", of: what.of ?? "" }, false);
      ring();
      keepInSight(map, page, state.seen);
    },
    changed: () => reload(),
  });
  const failures = wireFailures(page, given, () => {
    archives.tiles.clear(); // one that failed would be remembered as failing
    reloadBase(map, given.base);
    lost.ask();
    ground.load(state.selection.area ?? "");
    void summarise();
  });
  const lost = wireLost(map);
  const ground = wireGround(map, given, failures);
  const fan = wireFan(map, given, (id) => panel.evidence(id), (polygon) => panel.pieces({ polygon, ...state.selection }));
  const choices = wireChoices(page, given, (selection) => change({ ...state, selection }, true), (measure) => change({ ...state, measure }, false));
  wireDrawing(page, map, given, (polygon) => panel.pieces({ polygon, ...state.selection }));
  wireSearch(page, given, {
    fly: (box) => map.fitBounds(box, { padding: 60, maxZoom: 16 }),
    evidence: (id) => panel.evidence(id),
    household: (code) => panel.household(code),
    narrow: (name, value) => change({ ...state, selection: { ...state.selection, [name]: value } }, true),
  });
  wireHelp(page);
  wirePrint(page, map, given, () => choices.inWords());

  // not "load", which waits for every tile: a base map out of reach must not keep the boundaries away
  map.once("style.load", () => {
    ground.load(state.selection.area ?? "");
    restore();
    window.setTimeout(() => {
      if (map.getSource("base") && !map.isSourceLoaded("base")) failures.fail("base_slow");
    }, PATIENCE);
  });
  map.on("load", () => (holder.dataset["ready"] = ""));
  map.once("idle", () => keepInSight(map, page, state.seen)); // of an address that was shared from a larger screen
  map.on("sourcedata", (event) => {
    if (event.sourceId === "base" && map.isSourceLoaded("base")) failures.mend("base_slow");
  });
  map.on("idle", () => (holder.dataset["idle"] = String(Number(holder.dataset["idle"] ?? 0) + 1)));
  map.on("error", (event) => {
    const { error, sourceId } = event as typeof event & { sourceId?: string };
    status.dataset["failed"] = error.message; // for whoever looks for the cause
    const part = partOf(sourceId);
    // an answer of another host says nothing of who is signed in here
    if (part) failures.fail(part, part === "base" ? undefined : (error as { status?: number }).status);
  });
  window.addEventListener("popstate", () => {
    const before = state;
    state = stateIn(location.search);
    choices.show(state);
    if (queryOf(before.selection) !== queryOf(state.selection)) reload();
    colour();
    restore();
  });
  page.querySelector("[data-map-fit]")?.addEventListener("click", () => void fit());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      fan.close();
      panel.close();
    }
  });

  if (page.clientWidth < SMALL) page.querySelector(".map-legend")?.removeAttribute("open");
  let near = map.getZoom() >= POINT_ZOOM;
  map.on("zoomend", () => {
    if (near === map.getZoom() >= POINT_ZOOM) return;
    near = !near;
    drawLegend(page, given, state.measure, map.getZoom());
  });
  choices.show(state);
  drawLegend(page, given, state.measure, map.getZoom());
  void summarise();

  /** Take a new state, and keep it in the address; what narrows is a step that "back" undoes. */
  function change(next: State, narrows: boolean): void {
    const moved = next.measure !== state.measure;
    const area = next.selection.area ?? "";
    const elsewhere = area !== (state.selection.area ?? "");
    state = next;
    const query = addressOf(state);
    const address = `${location.pathname}${query ? `?${query}` : ""}${location.hash}`;
    if (narrows) history.pushState(null, "", address);
    else history.replaceState(history.state, "", address);
    choices.show(state);
    if (narrows) reload();
    if (moved) colour();
    if (elsewhere) ground.choose(area);
  }

  function reload(): void {
    fan.close();
    const source = map.getSource<maplibre.VectorTileSource>("evidence");
    source?.setTiles([tilesFor(given, queryOf(state.selection))]);
    failures.mend("tiles");
    lost.ask();
    void summarise();
  }

  function colour(): void {
    map.setPaintProperty("townships", "fill-color", groundColour(state.measure) as string);
    map.setLayoutProperty("names", "text-field", nameAndFigure(state.measure) as never);
    drawLegend(page, given, state.measure, map.getZoom());
  }

  function restore(): void {
    ring();
    if (state.seen) panel.evidence(state.seen, true);
    else if (state.of) panel.household(state.of, true);
    else panel.hide();
  }

  /** A ring around the piece that the panel shows. */
  function ring(): void {
    if (map.getLayer("seen")) map.setFilter("seen", ["==", ["get", "id"], state.seen]);
  }

  async function summarise(): Promise<Summary | undefined> {
    const mine = ++counted;
    let answered: number | undefined;
    failures.mend("count");
    if (status) status.textContent = say(given.words, "loading");
    try {
      const answer = await fetch(`${given.summary}?${queryOf(state.selection)}`, { headers: { Accept: "application/json" } });
      answered = answer.status;
      if (!answer.ok) throw new Error(String(answered));
      const found = (await answer.json()) as Summary;
      if (mine !== counted) return undefined; // something else was chosen meanwhile
      const rest = found.pieces - found.placed;
      const key = found.pieces === 0 ? "none" : rest ? "placed" : "pieces";
      if (status) status.textContent = say(given.words, key, { n: number(found.placed), rest: number(rest) });
      return found;
    } catch {
      if (mine !== counted) return undefined;
      if (status) status.textContent = "";
      failures.fail("count", answered);
      return undefined;
    }
  }

  async function fit(): Promise<void> {
    const found = await summarise();
    if (found?.bbox) map.fitBounds(found.bbox, { padding: 50, maxZoom: 16 });
  }
}

interface Summary {
  pieces: number;
  placed: number;
  bbox: [number, number, number, number] | null;
}
