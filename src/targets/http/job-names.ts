/**
 * Jobs are numbers in a history. A service whose ids are no numbers has them numbered here, from 1 in the order in
 * which they are first seen; ids that are whole numbers stay what they are.
 */
export class JobNames {
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();

  /** The number of a job; undefined for what can be no id. */
  numberOf(id: unknown): number | undefined {
    if (typeof id === "number") return Number.isSafeInteger(id) && id >= 0 ? id : undefined;
    if (typeof id !== "string" || id === "") return undefined;
    if (/^(0|[1-9]\d{0,14})$/.test(id)) return Number(id);
    const known = this.#numbers.get(id) ?? this.#numbers.size + 1;
    this.#numbers.set(id, known);
    this.#names.set(known, id);
    return known;
  }

  /** The service's own id of that job. */
  nameOf(job: number): string | number {
    return this.#names.get(job) ?? job;
  }
}
