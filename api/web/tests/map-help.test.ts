import { beforeEach, expect, it } from "vitest";
import { wireKeys } from "../src/keys";
import { wireHelp } from "../src/map/help";

let pressed = 0;
document.body.innerHTML = `<div id="page"><button data-map-help-open data-key="?"></button><button id="box" data-key="b"></button>
  <dialog data-map-help><div><p id="words">怎样看</p><button data-map-help-close></button></div></dialog></div>`;
const of = <One extends HTMLElement>(selector: string): One => document.querySelector<One>(selector) as One;
const sheet = of<HTMLDialogElement>("dialog");
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
  this.dispatchEvent(new Event("close"));
};
wireKeys();
wireHelp(of("#page"));
of("#box").addEventListener("click", () => pressed++);

const press = (key: string): boolean => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

beforeEach(() => {
  pressed = 0;
  if (sheet.open) sheet.close();
});

it("opens and closes by its key, and gives the focus back to where it was", () => {
  of("#box").focus();
  press("?");
  expect(sheet.open).toBe(true);
  of("[data-map-help-close]").focus();
  press("?");
  expect(sheet.open).toBe(false);
  expect(document.activeElement).toBe(of("#box"));
});

it("lets no key reach the map while it is open", () => {
  press("?");
  (document.activeElement as HTMLElement).blur(); // as after a click on its words
  press("b");
  expect(pressed).toBe(0);
  sheet.close();
  press("b");
  expect(pressed).toBe(1);
});

it("closes by a click beside it, not by one on its words", () => {
  of("[data-map-help-open]").click();
  of("#words").click();
  expect(sheet.open).toBe(true);
  sheet.click();
  expect(sheet.open).toBe(false);
});
