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
