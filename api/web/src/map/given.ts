// What the server gives the page: addresses, words, and where everything lies.

export interface Base {
  kind: "none" | "pmtiles" | "raster";
  url: string;
  attribution: string;
  max_zoom: number;
  min_zoom?: number;
  bounds?: [number, number, number, number];
  vector?: boolean;
  tile_size?: number;
  /** What was set cannot be read any more. */
  broken?: boolean;
}
export interface Given {
  tiles: string;
  summary: string;
  divisions: string;
  table: string;
  panel: Partial<Record<"list" | "evidence" | "household" | "search", string>>;
  base: Base;
  extent: [number, number, number, number] | null;
  areas: string[];
  measures: string[];
  words: Record<string, string>;
  /** The character of each kind of evidence. */
  signs: Record<string, string>;
  kinds: Record<string, string>;
  purposes: Record<string, string>;
  states: Record<string, string>;
}

/** Read what stands in the page. */
export function givenIn(page: Document): Given {
  return JSON.parse(page.getElementById("map-given")?.textContent ?? "{}") as Given;
}

/** A word of the server with its numbers put in. */
export function say(words: Record<string, string>, key: string, values: Record<string, string | number> = {}): string {
  const written = words[key] ?? key;
  return written.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

/** A number as the page's readers write it. */
export function number(value: number): string {
  return value.toLocaleString(language());
}

/** The language of the page, for numbers and times. */
export function language(): string {
  return document.documentElement.lang || "zh-CN";
}
