import { Argument, Command } from "commander";
import { z } from "zod";
import { faults } from "../chaos/faults.ts";
import { comparisonResultSchema } from "../compare/comparison-result.ts";
import { historyJsonSchema } from "../history/schema.ts";
import { witnessJsonSchema } from "../history/witness-schema.ts";
import { batchSchema } from "../report/batch.ts";
import { runResultSchema } from "../report/result.ts";
import { scenarioJsonSchema } from "../scenario/json-schema.ts";
import { trendSchema } from "../trend/trend-result.ts";

/** The files that doubletake reads and writes, each with its JSON Schema. */
const schemas = {
  scenario: () => scenarioJsonSchema(faults),
  result: () => z.toJSONSchema(runResultSchema),
  history: historyJsonSchema,
  witness: witnessJsonSchema,
  comparison: () => z.toJSONSchema(comparisonResultSchema),
  batch: () => z.toJSONSchema(batchSchema),
  trend: () => z.toJSONSchema(trendSchema),
};

export function schemaCommand(): Command {
  return new Command("schema")
    .description(
      "prints the JSON Schema of a scenario file, a result.json, a comparison, a trend, the index of a batch, or a line of a history or a witness",
    )
    .addArgument(new Argument("<file>", "which schema").choices(Object.keys(schemas)))
    .option("--json", "print one JSON document, which is what is printed anyway")
    .action((file: keyof typeof schemas) => {
      process.stdout.write(schemaText(file));
    });
}

/** The text that is printed and, for scenarios, committed as `scenarios/scenario.schema.json`. */
export function schemaText(file: keyof typeof schemas): string {
  return `${JSON.stringify(schemas[file](), null, 2)}\n`;
}
