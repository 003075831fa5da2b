// What a page says when the server refuses or cannot be reached.
import { beforeEach, expect, it, vi } from "vitest";
import { wireParts } from "../src/parts";

wireParts();

beforeEach(() => {
  document.head.innerHTML = '<meta name="csrf-token" content="t0ken">';
  document.documentElement.lang = "zh";
  document.body.innerHTML = "";
});

function happen(name: string, ctx: unknown): boolean {
  return document.dispatchEvent(new CustomEvent(name, { detail: { ctx }, cancelable: true }));
}

it("gives htmx the token", () => {
  const request = { method: "POST", action: "/reviews", headers: {} };
  happen("htmx:config:request", { request });
  expect(request.headers).toEqual({ "X-CSRFToken": "t0ken" });
});

it("says a problem in words instead of swapping JSON into the page", async () => {
  const raw = Response.json(
    { title: "名单已冻结", detail: "请另行抽样<b>并说明原因</b>" },
    { status: 409, headers: { "Content-Type": "application/problem+json" } },
  );
  expect(happen("htmx:before:response", { response: { raw, status: 409, headers: raw.headers } })).toBe(false);
  await vi.waitFor(() => expect(document.querySelector("#notice p")).not.toBeNull());
  expect(document.querySelector("#notice p")!.textContent).toBe("名单已冻结 请另行抽样<b>并说明原因</b>");
});

it("lets a refusal that is a page be swapped", () => {
  const raw = new Response("<p>缺少日期</p>", { status: 422, headers: { "Content-Type": "text/html" } });
  expect(happen("htmx:before:response", { response: { raw, status: 422, headers: raw.headers } })).toBe(true);
  expect(document.getElementById("notice")).toBeNull();
});

it("says once that the server cannot be reached, in the page's language, until it is closed", () => {
  happen("htmx:error", {});
  document.documentElement.lang = "en";
  happen("htmx:error", {});
  expect(document.querySelectorAll("#notice").length).toBe(1);
  expect(document.querySelector("#notice p")!.textContent).toContain("not saved");
  document.querySelector<HTMLButtonElement>("#notice button")!.click();
  expect(document.getElementById("notice")).toBeNull();
});
