// The ground: divisions with their figures, their edges and their names.
import type { FeatureCollection, Geometry } from "geojson";
import type { GeoJSONSource, Map } from "maplibre-gl";
import { figuresOf } from "./colours";
import type { Failures } from "./failures";
import type { Given } from "./given";

type Ground = FeatureCollection<Geometry, { code: string; name: string; synthetic: boolean }>;

export interface GroundMap {
  load(area: string): void;
  choose(area: string): void;
}

/** Load counties and townships once; mark the one that is chosen. */
export function wireGround(map: Map, given: Given, failures: Pick<Failures, "fail">): GroundMap {
  async function put(level: "county" | "township", figures: boolean): Promise<Ground | undefined> {
    let status: number | undefined;
    try {
      const answer = await fetch(`${given.divisions}?level=${level}${figures ? "" : "&figures=false"}`, { headers: { Accept: "application/json" } });
      status = answer.status;
      if (!answer.ok) throw new Error(String(status));
      const found = (await answer.json()) as Ground;
      map.getSource<GeoJSONSource>(level === "county" ? "counties" : "townships")?.setData(found);
      return found;
    } catch {
      failures.fail("divisions", status);
      return undefined;
    }
  }

  return {
    load(area) {
      void Promise.all([put("county", false), put("township", true)]).then(([counties, townships]) => {
        const many = (counties?.features.length ?? 0) > 1;
        const named = [...(many ? (counties?.features ?? []) : []), ...(townships?.features ?? [])];
        const figures = new Set<unknown>(townships?.features);
        map.getSource<GeoJSONSource>("names")?.setData({
          type: "FeatureCollection",
          features: named.map((one) => ({
            type: "Feature",
            properties: { code: one.properties.code, name: one.properties.name, ...(figures.has(one) ? figuresOf(one.properties) : {}) },
            geometry: { type: "Point", coordinates: middleOf(one.geometry) },
          })),
        });
        map.getContainer().closest("[data-map]")?.toggleAttribute("data-synthetic", named.some((one) => one.properties.synthetic));
        this.choose(area);
      });
    },
    choose(area) {
      map.setFilter("chosen-edge", area ? ["==", ["slice", ["get", "code"], 0, area.length], area] : ["==", ["get", "code"], ""]);
    },
  };
}

/** The middle of the largest part of a ground: good enough for a name. */
export function middleOf(ground: Geometry): [number, number] {
  const parts = ground.type === "MultiPolygon" ? ground.coordinates : ground.type === "Polygon" ? [ground.coordinates] : [];
  let best: [number, number] = [0, 0];
  let largest = -1;
  for (const part of parts) {
    const ring = part[0] ?? [];
    let area = 0;
    let x = 0;
    let y = 0;
    for (let at = 0; at + 1 < ring.length; at++) {
      const [x1 = 0, y1 = 0] = ring[at] ?? [];
      const [x2 = 0, y2 = 0] = ring[at + 1] ?? [];
      const cross = x1 * y2 - x2 * y1;
      area += cross;
      x += (x1 + x2) * cross;
      y += (y1 + y2) * cross;
    }
    if (Math.abs(area) > largest && area !== 0) {
      largest = Math.abs(area);
      best = [x / (3 * area), y / (3 * area)];
    }
  }
  return best;
}
