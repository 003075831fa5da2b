import { beforeEach, expect, it, vi } from "vitest";
import { wirePhotos, wireReasons } from "../src/photos";

wirePhotos();
wireReasons();

beforeEach(() => {
  document.body.innerHTML = `<div data-photos><a href="/1" data-photo data-caption="一">1</a><a href="/2" data-photo>2</a></div>
    <textarea id="note"></textarea><button data-fill="note" data-words="请重拍">x</button>`;
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = function close() {
    this.dispatchEvent(new Event("close"));
  };
});

const screen = (): HTMLElement => document.querySelector<HTMLElement>(".photo-screen") as HTMLElement;

it("opens the photo that was clicked, goes round with arrows, and gives the screen back", () => {
  document.querySelectorAll<HTMLElement>("a[data-photo]")[1]?.click();
  expect(screen().querySelector("img")?.src).toContain("/2");
  screen().dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
  expect(screen().querySelector("img")?.src).toContain("/1");
  expect(screen().querySelector("figcaption")?.textContent).toContain("1 / 2");
  screen().querySelector<HTMLElement>("[data-photo-close]")?.click();
  expect(screen()).toBeNull();
});

it("adds a ready-made reason to what is written", () => {
  const note = document.getElementById("note") as HTMLTextAreaElement;
  note.value = "位置不对";
  document.querySelector<HTMLElement>("[data-fill]")?.click();
  expect(note.value).toBe("位置不对；请重拍");
});
