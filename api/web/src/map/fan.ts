// Pieces that lie on one another are spread in a ring around the place, each with a line back to it.

export interface Spot {
  x: number;
  y: number;
}
export const MOST_IN_FAN = 14;
const LEAST_RADIUS = 34;
const ROOM = 32; // pixels along the ring for each

/** Where each of so many is shown, in pixels, around a spot; the first above it, then clockwise. */
export function fanAround(spot: Spot, count: number): Spot[] {
  const radius = Math.max(LEAST_RADIUS, (count * ROOM) / (2 * Math.PI));
  return Array.from({ length: count }, (_, at) => {
    const turn = (2 * Math.PI * at) / count - Math.PI / 2;
    return { x: spot.x + radius * Math.cos(turn), y: spot.y + radius * Math.sin(turn) };
  });
}
