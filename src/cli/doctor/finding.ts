import { HarnessError } from "../../base/harness-error.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** `missing`: something that is not needed for the main job is not there. */
  readonly status: "ok" | "missing" | "failed";
  readonly text: string;
  readonly hint?: string | undefined;
}

/** What to do about a look that did not succeed: `failed` where the main job needs it, else `missing`. */
export interface Look {
  readonly name: string;
  readonly otherwise: "missing" | "failed";
  /** Returns what was found, in a few words; throws a HarnessError where it is not there. */
  readonly look: () => Promise<string>;
}

export async function finding({ name, otherwise, look }: Look): Promise<Finding> {
  try {
    return { name, status: "ok", text: await look() };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    const { what, where, hint } = error;
    const text = where === undefined ? what : `${what} (${where})`;
    return { name, status: otherwise, text, hint };
  }
}
