// Answers to try on a question by its type alone: the form's own constraint says which of them it takes.
import type { Dice } from "./dice.ts";

const TEXTS = [
  "虚构甲",
  "测试 <乙> & 丙",
  "多行\n第二行",
  "540222100201-0007",
  "540222100201",
  "13900000000",
  "0892-8800000",
  "  前后有空格  ",
];
const DAY_MS = 86_400_000;

/** One value to try. */
export function candidates(type: string, dice: Dice, seed: number): string | number {
  switch (type) {
    case "int":
      // small counts, years, amounts, and the edges where a zero too many begins
      return dice.one([0, 1, 2, dice.upTo(8), dice.upTo(30), 1930 + dice.upTo(90), dice.upTo(90_000), 2_000_000]);
    case "decimal":
      return dice.one([0.5, dice.upTo(300), dice.upTo(4000) / 10]);
    case "date":
      return new Date(Date.now() - dice.upTo(400) * DAY_MS).toISOString().slice(0, 10);
    case "dateTime":
      return new Date(Date.now() - dice.upTo(400) * DAY_MS).toISOString();
    case "geopoint":
      return `${28.9 + dice.upTo(1000) / 10_000} ${89.6 + dice.upTo(1000) / 10_000} 4021.5 ${3 + dice.upTo(9)}`;
    default:
      return `${dice.one(TEXTS)}${dice.share() < 0.3 ? "" : ""}`.replace("虚构甲", `虚构${seed}`);
  }
}
