// The map's colours; each stands beside a number, a sign or a ring, since not everybody tells them apart.

export interface Step {
  /** The smallest value of the step. */
  from: number;
  colour: string;
  label: string;
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;

function steps(bounds: number[], colours: string[]): Step[] {
  return bounds.map((from, at) => {
    const next = bounds[at + 1];
    return { from, colour: colours[at] ?? "#ccc", label: next === undefined ? `≥ ${percent(from)}` : `${percent(from)}–${percent(next)}` };
  });
}

/** More is better: from pale to lake. */
const COVERED = ["#f3e3d3", "#dfe6d5", "#b9d3cf", "#7fb1b6", "#3b8090"];
/** More is worse: from pale to rust. */
const WORSE = ["#eef0ea", "#f4dfc4", "#ecb98f", "#d98560", "#a63d2f"];

/** The steps by which a measure colours divisions. */
export const MEASURES: Record<string, Step[]> = {
  coverage: steps([0, 0.3, 0.6, 0.9, 1], COVERED),
  doubt_share: steps([0, 0.02, 0.05, 0.1, 0.2], WORSE),
  error_rate: steps([0, 0.02, 0.05, 0.1, 0.2], WORSE),
};
/** From this zoom on single pieces show instead of counts, as the server's tiles do; divisions lose their colour. */
export const POINT_ZOOM = 13;
/** What stands for no figure. */
export const NO_FIGURE = "#f1efe9";

/** The property of a division that a measure colours it by: of a range, its lower end. */
export function propertyOf(measure: string): string {
  return measure === "error_rate" ? "error_lower" : measure;
}

/** A figure as it stands under a name: as the table of the same figures rounds it, a dash where there is none. */
export function figureOf(value: unknown): string {
  return typeof value === "number" ? `${Number((value * 100).toFixed(1))}%` : "—";
}

/** The property of a name that holds its figure by a measure, written. */
export function writtenOf(measure: string): string {
  return `written_${measure}`;
}

/** The figures of a division, by every measure, written. */
export function figuresOf(properties: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.keys(MEASURES).map((measure) => [writtenOf(measure), figureOf(properties[propertyOf(measure)])]));
}

/** The colour of a value of a measure. */
export function colourOf(measure: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return NO_FIGURE;
  const found = (MEASURES[measure] ?? []).filter((step) => value >= step.from).at(-1);
  return found?.colour ?? NO_FIGURE;
}

/** The steps by which the share of doubts colours a cell. */
export const CELL_DOUBT: Step[] = steps([0, 0.02, 0.1, 0.25], ["#0f5e73", "#8a6412", "#c0622f", "#a63d2f"]);
/** How thick the dark ring of each of these steps is, in pixels: told apart on grey paper and without colours. */
export const CELL_RING = [0, 1.5, 3, 5];
export const RING_COLOUR = "#23262b";

export const STATE_COLOURS: Record<string, string> = {
  received: "#fffefb",
  in_review: "#cfe3e8",
  accepted: "#2f6f4f",
  returned: "#c98a1b",
  rejected: "#6b6f76",
};
export const SEVERITY_COLOURS: Record<string, string> = { doubt: "#a63d2f", look: "#8a6412", "": "#0f5e73" };
