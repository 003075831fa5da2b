// Chance that comes out the same for a seed on every machine (mulberry32): a form that failed can be filled again.

export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A number from 0 up to 1. */
  share(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0, less than `end`. */
  upTo(end: number): number {
    return Math.floor(this.share() * end);
  }

  one<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error("nothing to choose from");
    return items[this.upTo(items.length)] as Item;
  }

  /** At least one of them. */
  some<Item>(items: readonly Item[]): Item[] {
    const chosen = items.filter(() => this.share() < 0.3);
    return chosen.length || !items.length ? chosen : [this.one(items)];
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    return items.map(() => left.splice(this.upTo(left.length), 1)[0] as Item);
  }
}
