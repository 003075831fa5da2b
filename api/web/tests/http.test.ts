// The token goes with what changes something, to our own server, and nowhere else.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { csrfHeaders, send } from "../src/http";

beforeEach(() => {
  document.head.innerHTML = '<meta name="csrf-token" content="t0ken">';
});

afterEach(() => {
  vi.restoreAllMocks();
});

it("carries the token on a change to our own server", () => {
  expect(csrfHeaders("post", "/spot-checks")).toEqual({ "X-CSRFToken": "t0ken" });
});

it("keeps the token from other servers, and from requests that only read", () => {
  expect(csrfHeaders("POST", "https://example.org/")).toEqual({});
  expect(csrfHeaders("GET", "/spot-checks")).toEqual({});
});

it("sends no empty token from a page without a session", () => {
  document.head.innerHTML = "";
  expect(csrfHeaders("POST", "/sign-in")).toEqual({});
});

it("adds the token to fetch and leaves the caller's headers alone", async () => {
  const fetched = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response());
  await send("/spot-checks", { method: "DELETE", headers: { "If-Match": '"1"' } });
  const headers = new Headers(fetched.mock.calls[0]![1]!.headers);
  expect([headers.get("X-CSRFToken"), headers.get("If-Match")]).toEqual(["t0ken", '"1"']);
});
