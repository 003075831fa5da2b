// Tiles that did not load, asked for once more by name: the map library asks again only for those it has.
// Of MapLibre 6.17 a vector tile that failed waits for ever when its source changes (`setTiles`, since its #7911).
import type { ErrorEvent, Map as MapLibre } from "maplibre-gl";

interface Name {
  z: number;
  x: number;
  y: number;
}
type Failed = ErrorEvent & { sourceId?: string; tile?: { tileID: { canonical: Name } } };

export interface Lost {
  /** Ask for them again; to be called in the same breath as a change of the source's address. */
  ask(): void;
}

/** Remember what fails. */
export function wireLost(map: Pick<MapLibre, "on" | "getSource" | "refreshTiles">): Lost {
  const lost = new Map<string, Name[]>();
  map.on("error", (event) => {
    const { sourceId, tile } = event as Failed;
    if (!sourceId || !tile || map.getSource(sourceId)?.type !== "vector") return; // pictures are asked for again
    const { z, x, y } = tile.tileID.canonical;
    lost.set(sourceId, [...(lost.get(sourceId) ?? []), { z, x, y }]);
  });
  return {
    ask() {
      for (const [source, names] of lost) map.refreshTiles(source, names);
      lost.clear();
    },
  };
}
