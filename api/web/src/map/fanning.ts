// What a click on the map means: a cell comes nearer, one piece is opened, several on one another are spread out.
import type { Feature } from "geojson";
import type { GeoJSONSource, Map as MapLibre, MapGeoJSONFeature, MapMouseEvent } from "maplibre-gl";
import { fanAround, MOST_IN_FAN } from "./fan";
import type { Given } from "./given";
import { boxed, written } from "./ring";

const REACH = 12; // pixels around the finger
const DEEPEST = 18;

export interface Fan {
  close(): void;
}

/** Wire clicks and the pointer. */
export function wireFan(map: MapLibre, _given: Given, open: (id: string) => void, list: (polygon: string) => void): Fan {
  const source = (): GeoJSONSource | undefined => map.getSource<GeoJSONSource>("fan");
  let isOpen = false;

  map.on("click", (event) => {
    const leaf = map.queryRenderedFeatures(around(event), { layers: ["fan"] })[0];
    if (leaf) return open(String(leaf.properties["id"]));
    close();
    const pieces = distinct(map.queryRenderedFeatures(around(event), { layers: ["pieces"] }));
    const first = pieces[0];
    if (first && pieces.length === 1) return open(String(first.properties["id"]));
    if (pieces.length > MOST_IN_FAN) {
      const [near, far] = around(event);
      return list(written(boxed(map.unproject(near).toArray(), map.unproject(far).toArray())));
    }
    if (pieces.length > 1) return spread(event, pieces);
    const cell = map.queryRenderedFeatures(event.point, { layers: ["cells"] })[0];
    if (cell && cell.geometry.type === "Point") {
      const [x = 0, y = 0] = cell.geometry.coordinates;
      map.easeTo({ center: [x, y], zoom: Math.min(map.getZoom() + 2.5, DEEPEST) });
    }
  });
  map.on("mousemove", (event) => {
    const over = map.queryRenderedFeatures(event.point, { layers: ["fan", "pieces", "cells"] }).length > 0;
    map.getCanvas().style.cursor = over ? "pointer" : "";
  });
  map.on("zoomstart", () => close());

  function around(event: MapMouseEvent): [[number, number], [number, number]] {
    const { x, y } = event.point;
    return [[x - REACH, y - REACH], [x + REACH, y + REACH]];
  }

  function spread(event: MapMouseEvent, pieces: MapGeoJSONFeature[]): void {
    const middle = map.project(event.lngLat);
    const spots = fanAround(middle, pieces.length);
    const at = (spot: { x: number; y: number }): [number, number] => map.unproject([spot.x, spot.y]).toArray();
    isOpen = true;
    source()?.setData({
      type: "FeatureCollection",
      features: pieces.flatMap((piece, index): Feature[] => {
        const end = at(spots[index] ?? middle);
        const place = piece.geometry.type === "Point" ? ([...piece.geometry.coordinates] as [number, number]) : at(middle);
        return [
          { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [place, end] } },
          // a plain copy: what the map gave has no prototype, and cannot be sent to its worker
          { type: "Feature", properties: { ...piece.properties }, geometry: { type: "Point", coordinates: end } },
        ];
      }),
    });
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    source()?.setData({ type: "FeatureCollection", features: [] });
  }

  return { close };
}

/** Each piece once: tiles overlap a little, and show what lies on their edge twice. */
export function distinct<Piece extends { properties: Record<string, unknown> | null }>(pieces: Piece[]): Piece[] {
  return [...new Map(pieces.map((piece) => [piece.properties?.["id"], piece])).values()];
}
