import { HarnessError } from "../../base/harness-error.ts";

/**
 * What a module does that cannot be explored. It may well catch what is thrown at it, so the first is kept: whatever was
 * shown by then counts for nothing.
 */
export class Misuse {
  readonly #file: string;
  #first: HarnessError | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  get first(): HarnessError | undefined {
    return this.#first;
  }

  note(what: string, hint: string): HarnessError {
    const error = new HarnessError({ kind: "usage", what, where: this.#file, hint });
    this.#first ??= error;
    return error;
  }
}
