import { beforeEach, expect, it, vi } from "vitest";
import { partOf, wireFailures, type Failures } from "../src/map/failures";
import type { Given } from "../src/map/given";
import { wireGround } from "../src/map/ground";
import { wireLost } from "../src/map/lost";

const words = { failed_tiles: "取证没有载入", failed_divisions: "边界没有载入", failed_base_slow: "底图慢", offline: "没有联网", signed_out: "登录已过期", again: "重试", sign_in: "重新登录" };
const given = { words, base: { kind: "none" } } as unknown as Given;
const page = document.body;
let again = vi.fn();
let online = true;
let failures: Failures;
Object.defineProperty(navigator, "onLine", { get: () => online });

beforeEach(() => {
  online = true;
  again = vi.fn(); // those wired before hear of the network as well
  page.innerHTML = `<div data-map-failed hidden><p data-map-failed-words></p><button data-map-again><span></span></button></div>`;
  failures = wireFailures(page, given, again);
});

const holder = (): HTMLElement => page.querySelector("[data-map-failed]") as HTMLElement;
const said = (): string => (holder().hidden ? "" : (holder().querySelector("p")?.textContent ?? ""));
const button = (): HTMLElement => holder().querySelector("button") as HTMLElement;

it("says each part once, however many tiles fail, the gravest first", () => {
  expect(said()).toBe("");
  failures.fail("divisions", 500);
  for (let tile = 0; tile < 20; tile++) failures.fail("tiles", 500);
  expect(said()).toBe("取证没有载入\n边界没有载入");
});

it("tries again, and says again what failed again", () => {
  failures.fail("tiles");
  button().click();
  expect(again).toHaveBeenCalledOnce();
  expect(said()).toBe("");
  failures.fail("tiles");
  expect(said()).toBe("取证没有载入");
});

it("says only that the device is offline, and tries again by itself when it is back", () => {
  online = false;
  window.dispatchEvent(new Event("offline"));
  failures.fail("divisions");
  expect(said()).toBe("没有联网");
  online = true;
  window.dispatchEvent(new Event("online"));
  expect(again).toHaveBeenCalledOnce();
  expect(said()).toBe("");
});

it("asks to sign in again rather than to try in vain", () => {
  failures.fail("tiles", 401);
  expect(said()).toBe("登录已过期");
  expect(button().textContent).toBe("重新登录");
});

it("takes back what came late", () => {
  failures.fail("base_slow");
  failures.mend("base_slow");
  expect(said()).toBe("");
});

it("knows which source is which part, and does not complain of what the page draws itself", () => {
  expect(["evidence", "base", "counties", "townships"].map(partOf)).toEqual(["tiles", "base", "divisions", "divisions"]);
  expect(partOf("fan")).toBeUndefined();
  expect(partOf(undefined)).toBeUndefined();
});

it("hears of boundaries that are refused or cannot be fetched", async () => {
  const map = { getSource: () => undefined, setFilter: () => undefined, getContainer: () => page } as never;
  for (const answer of [() => Promise.resolve(new Response("", { status: 503 })), () => Promise.reject(new TypeError("failed"))]) {
    vi.stubGlobal("fetch", answer);
    const heard = vi.fn();
    wireGround(map, given, { fail: heard }).load("");
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
    expect(heard.mock.calls[0]?.[0]).toBe("divisions");
  }
});

it("asks again for the vector tiles that failed, and only once", () => {
  const heard: ((event: object) => void)[] = [];
  const refreshed = vi.fn();
  const map = { on: (_: string, hears: (event: object) => void) => heard.push(hears), getSource: (id: string) => ({ type: id === "base" ? "raster" : "vector" }), refreshTiles: refreshed };
  const lost = wireLost(map as never);
  const tile = (x: number) => ({ tileID: { canonical: { z: 9, x, y: 212, key: "any" } } });
  for (const event of [{ sourceId: "evidence", tile: tile(383) }, { sourceId: "evidence", tile: tile(384) }, { sourceId: "base", tile: tile(1) }, { sourceId: "counties" }, {}]) {
    heard[0]?.(event);
  }
  lost.ask();
  lost.ask();
  expect(refreshed.mock.calls).toEqual([["evidence", [{ z: 9, x: 383, y: 212 }, { z: 9, x: 384, y: 212 }]]]);
});
