// A refusal comes as a page with its own header and menu; beside the map only what it says has room.

/** What the panel shows of an answer: a fragment as it is; of a whole page, a refusal, what it says. */
export function sayingOf(answer: string): string {
  if (!/^\s*<!doctype/i.test(answer)) return answer;
  return new DOMParser().parseFromString(answer, "text/html").querySelector("main")?.innerHTML ?? "";
}
