// Keep in sight what the panel tells of: on a phone or tablet it lies over the map, often over that very place.
import type { Map } from "maplibre-gl";

interface Spot {
  x: number;
  y: number;
}
interface Sheet {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
const EDGE = 40; // pixels: a sign with its ring
const LEAST = 120; // pixels of map; a panel that leaves less leaves nothing to look at

/** How far to move a map, in pixels, so that a spot on it comes out from under a sheet; nothing if it is in sight. */
export function wayOut(spot: Spot, map: Sheet, over: Sheet): [number, number] | undefined {
  const below = over.top - map.top > LEAST; // a phone's lies below, a tablet's at the right
  const right = below || over.left - map.left < LEAST ? map.right : Math.min(over.left, map.right);
  const bottom = below ? Math.min(over.top, map.bottom) : map.bottom;
  const [wide, high] = [right - map.left, bottom - map.top];
  const seen = spot.x > EDGE && spot.x < wide - EDGE && spot.y > EDGE && spot.y < high - EDGE;
  return seen ? undefined : [spot.x - wide / 2, spot.y - high / 2];
}

/** Move the map if a piece that it shows lies under the panel. */
export function keepInSight(map: Map, page: HTMLElement, id: string): void {
  const panel = page.querySelector<HTMLElement>("[data-map-panel]");
  if (!id || !panel || panel.hidden || !map.getSource("evidence")) return;
  const [piece] = map.querySourceFeatures("evidence", { sourceLayer: "points", filter: ["==", ["get", "id"], id] });
  if (piece?.geometry.type !== "Point") return; // elsewhere, or counted in a cell
  const [longitude = 0, latitude = 0] = piece.geometry.coordinates;
  const move = wayOut(map.project([longitude, latitude]), map.getContainer().getBoundingClientRect(), panel.getBoundingClientRect());
  if (move) map.panBy(move);
}
