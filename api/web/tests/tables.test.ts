// Sorting and filtering as a supervisor meets them: Chinese names, figures, empty cells, an address to send on.
import { beforeEach, describe, expect, it } from "vitest";
import { filterTable, sortTable, wireTables } from "../src/tables";

const PAGE = `
  <input data-filter="towns" aria-label="筛选"><span data-filter-count="towns"></span>
  <p data-filter-empty="towns" hidden>没有符合的乡镇</p>
  <table id="towns" data-sortable>
    <thead><tr><th data-sort="text">乡镇</th><th data-sort="number">户数</th><th>备注</th></tr></thead>
    <tbody>
      <tr><th>江孜镇</th><td data-value="1204">1,204</td><td>ABC</td></tr>
      <tr><th>纳如乡</th><td data-value="96">96</td><td></td></tr>
      <tr><th>卡堆乡</th><td data-value=""></td><td></td></tr>
      <tr><th>日星乡</th><td data-value="310">310</td><td></td></tr>
    </tbody>
  </table>`;

const table = (): HTMLTableElement => document.querySelector("table")!;
const names = (): string[] => [...table().tBodies[0]!.rows].map((row) => row.cells[0]!.textContent!);

beforeEach(() => {
  document.documentElement.lang = "zh";
  history.replaceState(null, "", "/home");
  document.body.innerHTML = PAGE;
});

describe("sorting", () => {
  it("orders figures by value, not by their letters, and empty cells last either way", () => {
    sortTable(table(), 1, "ascending");
    expect(names()).toEqual(["纳如乡", "日星乡", "江孜镇", "卡堆乡"]);
    sortTable(table(), 1, "descending");
    expect(names()).toEqual(["江孜镇", "日星乡", "纳如乡", "卡堆乡"]);
  });

  it("orders Chinese names by pinyin", () => {
    sortTable(table(), 0, "ascending");
    expect(names().slice(0, 2)).toEqual(["江孜镇", "卡堆乡"]);
  });

  it("is done by a button in the heading, told to screen readers and kept in the address", () => {
    wireTables();
    const heading = table().tHead!.rows[0]!.cells[1]!;
    const button = heading.querySelector("button")!;
    button.click();
    expect(heading.getAttribute("aria-sort")).toBe("ascending");
    button.click();
    expect(heading.getAttribute("aria-sort")).toBe("descending");
    expect(new URL(location.href).searchParams.get("sort-towns")).toBe("1.descending");
    expect(table().tHead!.rows[0]!.cells[2]!.querySelector("button")).toBeNull();
  });

  it("is found again when the address is opened by someone else", () => {
    history.replaceState(null, "", "/home?sort-towns=1.descending&filter-towns=%E4%B9%A1");
    wireTables();
    expect(names()[0]).toBe("江孜镇");
    expect(document.querySelector("[data-filter-count]")!.textContent).toBe("3 / 4");
  });

  it("ignores a column that the address makes up", () => {
    history.replaceState(null, "", "/home?sort-towns=99.descending");
    wireTables();
    expect(names()[0]).toBe("江孜镇");
  });

  it("wires a table once, however often parts arrive", () => {
    wireTables();
    wireTables();
    expect(table().querySelectorAll("button").length).toBe(2);
  });
});

describe("filtering", () => {
  it("keeps rows that have every word, in any width of letters", () => {
    expect(filterTable(table(), "镇 ａｂｃ")).toEqual({ shown: 1, all: 4 });
    expect(filterTable(table(), "")).toEqual({ shown: 4, all: 4 });
  });

  it("says so when nothing is left", () => {
    wireTables();
    const box = document.querySelector("input")!;
    box.value = "拉萨";
    box.dispatchEvent(new Event("input"));
    expect(document.querySelector<HTMLElement>("[data-filter-empty]")!.hidden).toBe(false);
    expect(document.querySelector("[data-filter-count]")!.textContent).toBe("0 / 4");
    expect(new URL(location.href).searchParams.get("filter-towns")).toBe("拉萨");
  });
});
