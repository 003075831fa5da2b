import { beforeAll, beforeEach, expect, test } from "vitest";
import { wireKeys } from "../src/keys";

let pressed: string[] = [];

beforeAll(wireKeys);

beforeEach(() => {
  pressed = [];
  document.body.innerHTML = `<button data-key="j n" id="next"></button><button data-key="k p" id="before"></button><input id="q">`;
  for (const one of document.querySelectorAll("button")) one.addEventListener("click", () => pressed.push(one.id));
});

function press(key: string, on: Element = document.body, more: KeyboardEventInit = {}): void {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
}

test("a key presses the control that names it", () => {
  for (const key of ["j", "n", "k", "p", "x"]) press(key);
  expect(pressed).toEqual(["next", "next", "before", "before"]);
});

test("no key is taken from what is being written, nor from the browser", () => {
  press("j", document.querySelector("#q")!);
  press("n", document.body, { ctrlKey: true });
  expect(pressed).toEqual([]);
});
