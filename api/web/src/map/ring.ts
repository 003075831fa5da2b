// A ring drawn on the map by hand: what is kept of it, and how the server is told.

export type Degrees = [number, number];
const MOST_CORNERS = 90; // an address holds no more

/** Leave out corners until few enough are left; the shape stays about the same. */
export function thinned(ring: Degrees[], most: number = MOST_CORNERS): Degrees[] {
  if (ring.length <= most) return ring;
  const every = ring.length / most;
  return Array.from({ length: most }, (_, at) => ring[Math.floor(at * every)] as Degrees);
}

/** The ring as the server reads it: longitude and latitude of each corner, corners apart by spaces. */
export function written(ring: Degrees[]): string {
  return thinned(ring)
    .map(([longitude, latitude]) => `${longitude.toFixed(5)},${latitude.toFixed(5)}`)
    .join(" ");
}

/** The four corners of a box between two opposite ones. */
export function boxed(one: Degrees, other: Degrees): Degrees[] {
  return [
    [one[0], one[1]],
    [other[0], one[1]],
    [other[0], other[1]],
    [one[0], other[1]],
  ];
}
