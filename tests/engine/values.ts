// Answers to try on a question by its type alone: the form's own constraint says which of them it takes.
import type { Dice } from "./dice.ts";

const TEXTS = [
  "虚构甲",
  "测试 <乙> & 丙",
  "多行\n第二行",
  "ཚིག",
  "a \"quoted\" 'text'",
  "540222100201-0007",
  "540222100201",
  "13900000000",
  "0892-8800000",
];
const DAY_MS = 86_400_000;

/** Values to try, the likeliest order left to chance. */
export function candidates(type: string, dice: Dice): (string | number)[] {
  switch (type) {
    case "int":
      // small counts, years, amounts, and the edge where a zero too many begins
      return dice.shuffled([0, 1, 2, dice.upTo(8), dice.upTo(30), 1930 + dice.upTo(90), dice.upTo(90_000), 2_000_000]);
    case "decimal":
      return dice.shuffled([0.5, 1 + dice.upTo(300), dice.upTo(4000) / 10]);
    case "date":
      return [...Array(4)].map(() => new Date(Date.now() - dice.upTo(400) * DAY_MS).toISOString().slice(0, 10)).concat(
        new Date().toISOString().slice(0, 10), // not before another day, not after this one
      );
    case "geopoint":
      return [`${28.9 + dice.upTo(64) / 1024} ${89.6 + dice.upTo(64) / 1024} 4021.5 ${3 + dice.upTo(9)}`];
    default:
      return dice.shuffled(TEXTS);
  }
}
