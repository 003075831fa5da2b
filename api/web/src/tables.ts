// Sorting and filtering of tables that the server sent whole, remembered in the page's address.
// Longer tables are sorted, filtered and paged by the server; they carry links in their headings instead.

const EMPTY_LAST = 1;

type Direction = "ascending" | "descending";

function collator(): Intl.Collator {
  return new Intl.Collator(document.documentElement.lang || "zh", { numeric: true, sensitivity: "base" });
}

/** What a cell is sorted by: `data-value` where shown and meant differ (dates, money, masked numbers). */
function keyOf(row: HTMLTableRowElement, column: number): string {
  const cell = row.cells[column];
  return (cell?.dataset["value"] ?? cell?.textContent ?? "").trim();
}

function compare(a: string, b: string, numeric: boolean, direction: Direction, words: Intl.Collator): number {
  const order = numeric ? Number(a) - Number(b) : words.compare(a, b);
  return direction === "ascending" ? order : -order;
}

/** Sort the table's body by one column; equal rows keep their order, empty cells come last either way. */
export function sortTable(table: HTMLTableElement, column: number, direction: Direction): void {
  const heading = table.tHead?.rows[table.tHead.rows.length - 1]?.cells[column];
  const body = table.tBodies[0];
  if (!heading || !body) return;
  const numeric = heading.dataset["sort"] === "number";
  const words = collator();
  const missing = (key: string): boolean => key === "" || (numeric && Number.isNaN(Number(key)));
  const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
  rows.sort((a, b) => {
    if (missing(a.key) || missing(b.key)) return (missing(a.key) ? EMPTY_LAST : 0) - (missing(b.key) ? EMPTY_LAST : 0);
    return compare(a.key, b.key, numeric, direction, words);
  });
  body.append(...rows.map(({ row }) => row));
  for (const other of heading.parentElement?.children ?? []) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
}

/** Hide the rows that lack one of the words; returns how many of how many are shown. */
export function filterTable(table: HTMLTableElement, text: string): { shown: number; all: number } {
  const plain = (s: string): string => s.normalize("NFKC").toLowerCase();
  const wanted = plain(text).split(/\s+/).filter(Boolean);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  let shown = 0;
  for (const row of rows) {
    const has = plain(row.textContent ?? "");
    row.hidden = !wanted.every((word) => has.includes(word));
    if (!row.hidden) shown += 1;
  }
  return { shown, all: rows.length };
}

function remember(name: string, value: string): void {
  const url = new URL(location.href);
  if (value) url.searchParams.set(name, value);
  else url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}

function remembered(name: string): string {
  return new URL(location.href).searchParams.get(name) ?? "";
}

function applyFilter(box: HTMLInputElement): void {
  const id = box.dataset["filter"] ?? "";
  const table = document.getElementById(id);
  if (!(table instanceof HTMLTableElement)) return;
  const { shown, all } = filterTable(table, box.value);
  for (const count of document.querySelectorAll(`[data-filter-count="${CSS.escape(id)}"]`)) {
    count.textContent = shown === all ? String(all) : `${shown} / ${all}`;
  }
  for (const none of document.querySelectorAll<HTMLElement>(`[data-filter-empty="${CSS.escape(id)}"]`)) {
    none.hidden = shown > 0 || all === 0;
  }
}

function prepare(table: HTMLTableElement): void {
  if (table.dataset["sortable"] === "ready") return;
  table.dataset["sortable"] = "ready";
  const headings = table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [];
  [...headings].forEach((heading, column) => {
    if (!heading.dataset["sort"]) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort-button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => {
      const direction = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      sortTable(table, column, direction);
      if (table.id) remember(`sort-${table.id}`, `${column}.${direction}`);
    });
    heading.append(button);
  });
  const [column, direction] = table.id ? remembered(`sort-${table.id}`).split(".") : [];
  if (column && (direction === "ascending" || direction === "descending")) sortTable(table, Number(column), direction);
}

/** Make the tables and filter boxes under `root` work; called again for parts that arrive later. */
export function wireTables(root: ParentNode = document): void {
  for (const table of root.querySelectorAll<HTMLTableElement>("table[data-sortable]")) prepare(table);
  for (const box of root.querySelectorAll<HTMLInputElement>("input[data-filter]")) {
    if (box.dataset["wired"]) continue;
    box.dataset["wired"] = "yes";
    const name = `filter-${box.dataset["filter"] ?? ""}`;
    box.value ||= remembered(name);
    box.addEventListener("input", () => {
      applyFilter(box);
      remember(name, box.value.trim());
    });
    applyFilter(box);
  }
}
