// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { wireControls } from "../src/controls";

const boxes = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>('input[name="household"]')];

beforeEach(() => {
  document.body.innerHTML = `
    <form id="one"><input type="checkbox" data-check-all="household">
      <table><tr><td><input type="checkbox" name="household" value="1"></td></tr>
        <tr hidden><td><input type="checkbox" name="household" value="2"></td></tr>
        <tr><td><input type="checkbox" name="household" value="3" disabled></td></tr></table>
      <input type="checkbox" name="worker" value="4"></form>
    <form id="two"><input type="checkbox" name="household" value="5"></form>`;
});
wireControls();

test("one box ticks all of its name in its form, not those a filter hides or that cannot be chosen", () => {
  const master = document.querySelector<HTMLInputElement>("[data-check-all]")!;
  master.click();
  expect(boxes().map((box) => box.checked)).toEqual([true, false, false, false]);
  expect(document.querySelector<HTMLInputElement>('input[name="worker"]')!.checked).toBe(false);
  master.click();
  expect(boxes().some((box) => box.checked)).toBe(false);
});

test("another language comes back to the same rows and the same part of the map", () => {
  history.replaceState(null, "", "/map?doubt=doubt#14/28.95/89.61");
  document.body.innerHTML = `<form data-language-switch><input type="hidden" name="next" value="/map"><select name="language"><option>zh</option><option>en</option></select></form>`;
  const form = document.forms[0]!;
  form.requestSubmit = () => undefined;
  form.querySelector("select")!.dispatchEvent(new Event("change", { bubbles: true }));
  expect(new FormData(form).get("next")).toBe("/map?doubt=doubt#14/28.95/89.61");
});
