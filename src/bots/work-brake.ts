/** Makes bots work longer than their jobs take: each job they work on meanwhile, until it is let go. */
export class WorkBrake {
  readonly #extraMs = new Map<string, number>();
  #braked = 0;

  /** Jobs that were slowed down so far. */
  get braked(): number {
    return this.#braked;
  }

  /** `by` names who slows them: several may at once, and their times add up. */
  pull(by: string, extraMs: number): void {
    this.#extraMs.set(by, extraMs);
  }

  release(by: string): void {
    this.#extraMs.delete(by);
  }

  /** Asked by a bot as it begins to work on a job: how much longer this job takes, in milliseconds. */
  extraMs(): number {
    let extraMs = 0;
    for (const ms of this.#extraMs.values()) extraMs += ms;
    if (extraMs > 0) this.#braked++;
    return extraMs;
  }
}
