import { z } from "zod";
import type { FaultCatalogue } from "./fault-catalogue.ts";
import { faultLineSchema } from "./fault-line.ts";
import { scenarioFileSchema } from "./scenario-file.ts";

/**
 * The JSON Schema of a scenario file, for editors. Draft 7, which the YAML language servers understand wholly. It
 * knows keys, types and bounds; only reading a file also finds impossible combinations.
 */
export function scenarioJsonSchema(catalogue: FaultCatalogue): object {
  const schema = scenarioFileSchema(faultLineSchema(catalogue)).meta({
    title: "doubletake scenario",
    description: "One question about how jobs are claimed, and what to break while asking it",
  });
  return z.toJSONSchema(schema, { io: "input", target: "draft-7" });
}
