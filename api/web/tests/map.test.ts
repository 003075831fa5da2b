import { describe, expect, it } from "vitest";
import { createExpression } from "@maplibre/maplibre-gl-style-spec";
import { CELL_DOUBT, CELL_RING, colourOf, figureOf, figuresOf, MEASURES, NO_FIGURE } from "../src/map/colours";
import { fanAround } from "../src/map/fan";
import { say } from "../src/map/given";
import { distinct } from "../src/map/fanning";
import { middleOf } from "../src/map/ground";
import { groundColour, nameAndFigure } from "../src/map/layers";
import { sayingOf } from "../src/map/saying";
import { further } from "../src/map/printing";
import { boxed, thinned, written, type Degrees } from "../src/map/ring";
import { wayOut } from "../src/map/sight";
import { nameOf, signOf } from "../src/map/signs";
import { addressOf, narrowed, queryOf, stateIn } from "../src/map/state";

describe("what is chosen", () => {
  it("reads what it writes, in one order whatever the order it was given in", () => {
    const state = stateIn("?state=returned&area=540222100&unknown=1&search=%E7%8E%8B&measure=none");
    expect(state.selection).toEqual({ area: "540222100", state: "returned", search: "王" });
    expect(stateIn(addressOf(state))).toEqual(state);
    expect(queryOf(state.selection)).toBe("area=540222100&state=returned&search=%E7%8E%8B");
    expect(narrowed(state.selection)).toBe(3);
  });

  it("leaves out what goes without saying", () => {
    expect(addressOf(stateIn(""))).toBe("");
    expect(queryOf({ kind: "", doubt: "doubt" })).toBe("doubt=doubt");
  });

  it("keeps what the panel shows out of what narrows", () => {
    const state = stateIn("?seen=abc&doubt=doubt");
    expect(queryOf(state.selection)).toBe("doubt=doubt");
    expect(addressOf(state)).toBe("doubt=doubt&seen=abc");
  });
});

describe("pieces on one another", () => {
  it("stand apart in a ring, the first above", () => {
    const spots = fanAround({ x: 100, y: 100 }, 12);
    expect(spots[0]?.x).toBeCloseTo(100);
    expect(spots[0]?.y).toBeLessThan(100);
    for (const [at, one] of spots.entries()) {
      const other = spots[(at + 1) % spots.length];
      expect(Math.hypot(one.x - (other?.x ?? 0), one.y - (other?.y ?? 0))).toBeGreaterThan(30);
    }
  });

  it("are counted once though two tiles show them", () => {
    expect(distinct([{ properties: { id: "a" } }, { properties: { id: "b" } }, { properties: { id: "a" } }])).toHaveLength(2);
  });
});

describe("a ring drawn by hand", () => {
  it("stays short enough for an address, and keeps its shape", () => {
    const ring = Array.from({ length: 1000 }, (_, at): Degrees => [Math.cos(at / 159), Math.sin(at / 159)]);
    expect(thinned(ring)).toHaveLength(90);
    expect(encodeURIComponent(written(ring)).length).toBeLessThan(3000);
    expect(written([[89.4, 28.7], [89.8, 28.7], [89.8, 29.1]])).toBe("89.40000,28.70000 89.80000,28.70000 89.80000,29.10000");
  });

  it("may be a box between two corners", () => {
    expect(boxed([1, 2], [3, 4])).toEqual([[1, 2], [3, 2], [3, 4], [1, 4]]);
  });
});

describe("colours", () => {
  it("say nothing where there is no figure", () => {
    expect(colourOf("coverage", null)).toBe(NO_FIGURE);
    expect(groundColour("none")).toBe("rgba(0,0,0,0)");
  });

  it("of cells stand beside a ring that grows with doubt", () => {
    expect(CELL_RING).toHaveLength(CELL_DOUBT.length);
    expect([...CELL_RING].sort((one, other) => one - other)).toEqual(CELL_RING);
    expect(new Set(CELL_RING).size).toBe(CELL_RING.length);
  });

  it("step where the legend says they step", () => {
    for (const [measure, steps] of Object.entries(MEASURES)) {
      for (const step of steps) expect(colourOf(measure, step.from)).toBe(step.colour);
    }
    expect(colourOf("coverage", 0.29)).toBe(MEASURES["coverage"]?.[0]?.colour);
  });
});

describe("figures under names", () => {
  it("are rounded as the table rounds them, and a dash where there are none", () => {
    expect([0.9637, 1, 0.0196, 0, null, undefined].map(figureOf)).toEqual(["96.4%", "100%", "2%", "0%", "—", "—"]);
  });

  it("follow the measure, of a range its lower end", () => {
    const figures = figuresOf({ name: "纳如乡", coverage: 0.5, doubt_share: null, error_lower: 0.031 });
    const shown = (measure: string, zoom: number, properties: object): string => {
      const made = createExpression(nameAndFigure(measure), { type: "formatted" } as never);
      if (made.result !== "success") throw new Error(JSON.stringify(made.value));
      return String(made.value.evaluate({ zoom }, { type: 1, properties: { name: "纳如乡", ...properties } } as never));
    };
    expect(shown("coverage", 9, figures)).toBe("纳如乡\n50%");
    expect(shown("doubt_share", 9, figures)).toBe("纳如乡\n—");
    expect(shown("error_rate", 9, figures)).toBe("纳如乡\n3.1%");
    expect(shown("coverage", 14, figures)).toBe("纳如乡");
    expect(shown("none", 9, figures)).toBe("纳如乡");
    expect(shown("coverage", 9, {})).toBe("纳如乡"); // a county, which is not coloured
  });
});

describe("signs, words and middles", () => {
  it("have names that can be read back", () => {
    const sign = { kind: "visit", purpose: "spot_check", state: "returned", severity: "" };
    expect(signOf(nameOf(sign))).toEqual(sign);
    expect(signOf("house")).toBeUndefined();
  });

  it("put numbers into words", () => {
    expect(say({ pieces: "地图上 {n} 条" }, "pieces", { n: "1,200" })).toBe("地图上 1,200 条");
  });

  it("lie in the middle of the largest part", () => {
    const square = (x: number, size: number) => [[[x, 0], [x + size, 0], [x + size, size], [x, size], [x, 0]]];
    const ground = { type: "MultiPolygon" as const, coordinates: [square(0, 1), square(10, 4)] };
    expect(middleOf(ground)).toEqual([12, 2]);
  });
});

describe("what the panel tells of", () => {
  const phone = { left: 0, top: 190, right: 375, bottom: 812 };
  const tablet = { left: 0, top: 170, right: 820, bottom: 1180 };

  it("comes out from under a phone's panel, which lies below", () => {
    const panel = { left: 0, top: 428, right: 375, bottom: 812 };
    expect(wayOut({ x: 187, y: 311 }, phone, panel)).toEqual([187 - 187.5, 311 - 119]);
    expect(wayOut({ x: 187, y: 120 }, phone, panel)).toBeUndefined();
  });

  it("comes out from under a tablet's, which lies at the right", () => {
    const panel = { left: 396, top: 170, right: 820, bottom: 1180 };
    expect(wayOut({ x: 500, y: 505 }, tablet, panel)).toEqual([500 - 198, 0]);
    expect(wayOut({ x: 200, y: 900 }, tablet, panel)).toBeUndefined();
  });

  it("stays where it is on a desk, where the panel lies beside the map", () => {
    expect(wayOut({ x: 570, y: 300 }, { left: 240, top: 170, right: 856, bottom: 800 }, { left: 856, top: 170, right: 1280, bottom: 800 })).toBeUndefined();
  });
});

describe("on paper", () => {
  it("a larger map is drawn from further away, so that nothing is cut off; a smaller one stays", () => {
    expect(further([2000, 600], [1000, 600])).toBe(1);
    expect(further([375, 509], [1047, 624])).toBe(0);
    expect(further([1054, 628], [1047, 624])).toBe(0);
  });
});

describe("the panel", () => {
  it("shows of a whole page, a refusal, only what it says", () => {
    expect(sayingOf("<p>一条取证</p>")).toBe("<p>一条取证</p>");
    expect(sayingOf("<!doctype html><html><body><header>首页</header><main><h1>找不到</h1></main></body></html>")).toBe("<h1>找不到</h1>");
  });
});
