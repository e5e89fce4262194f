/**
 * Things to stop, in the reverse order of their start. Node 20 lacks AsyncDisposableStack; this is the part of it that
 * is needed.
 */
export class Disposal implements AsyncDisposable {
  #stops: (() => PromiseLike<void> | void)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(stop: () => PromiseLike<void> | void): void {
    this.#stops.push(stop);
  }

  /** Hands everything over to a new owner; disposing this one then does nothing. */
  move(): Disposal {
    const owner = new Disposal();
    owner.#stops = this.#stops;
    this.#stops = [];
    return owner;
  }

  /** Stops everything even if one of them fails, then throws the first failure. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
