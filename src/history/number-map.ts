const absent = -1;

/** Keys below this live in an array, which at worst takes 32 MB; whatever is above lives in a Map. */
const denseKeys = 1 << 23;

/**
 * Whole numbers from 0 to whole numbers from 0, for ids: close to each other and from 1 upwards in a database of our
 * own, anything in another's. Looking up a small key is one array access, where a Map takes ten times as long.
 */
export class NumberMap {
  #dense = new Int32Array(64).fill(absent);
  readonly #sparse = new Map<number, number>();

  /** -1 where there is none. */
  get(key: number): number {
    if (key < this.#dense.length) return this.#dense[key] as number;
    return this.#sparse.get(key) ?? absent;
  }

  set(key: number, value: number): void {
    if (key >= denseKeys) {
      this.#sparse.set(key, value);
      return;
    }
    if (key >= this.#dense.length) this.#grow(key);
    this.#dense[key] = value;
  }

  #grow(key: number): void {
    let length = this.#dense.length;
    while (length <= key) length *= 2;
    const grown = new Int32Array(length).fill(absent);
    grown.set(this.#dense);
    this.#dense = grown;
  }
}
