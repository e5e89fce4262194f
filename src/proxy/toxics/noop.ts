import type { StageToxicType } from "../toxic-type.ts";

/** Does nothing: every chunk is passed on as it came. The one to copy when writing another. */
export const noop: StageToxicType = {
  kind: "stage",
  name: "noop",
  attributes: [],
  start: (site) => ({
    take: (chunk) => site.pass(chunk),
    end: () => site.end(),
  }),
};
