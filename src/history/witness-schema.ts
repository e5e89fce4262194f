import { z } from "zod";
import { changeKinds, witnessSources } from "./witness-change.ts";

/** The lines of `witness.ndjson` as schemas: for other systems that write one, and for the header, which is read once. */

const count = z.int().min(0);
const int32 = z.int().min(-2_147_483_647).max(2_147_483_647);

export const witnessHeaderSchema = z
  .looseObject({
    format: z.literal("doubletake-witness"),
    version: z.literal(1),
    source: z.enum(witnessSources).describe("how the database was made to tell"),
  })
  .describe("the first line");

const committed = {
  n: count.describe("0, 1, 2 … in commit order over the whole run"),
  round: count,
  xid: count.describe("the transaction"),
  at: z
    .number()
    .nullable()
    .describe("when it was committed, in nanoseconds on the clock of the history"),
};

const kind = z.enum(changeKinds);

const jobChange = z.looseObject({
  ...committed,
  of: z.literal("job"),
  kind,
  job: z.int(),
  status: z.string().nullable().describe("null: deleted"),
  bot: z.int().nullable().describe("the bot that holds it"),
  attempt: int32.nullable().describe("null: deleted"),
  leaseUntil: z.number().optional().describe("when the lease of a held job runs out, likewise"),
  dueAt: z.number().optional().describe("until when a pending job must wait, likewise"),
});

const botChange = z.looseObject({
  ...committed,
  of: z.literal("bot"),
  kind,
  bot: z.int(),
  job: z.int().nullable().describe("the job it points at"),
});

const effectChange = z.looseObject({
  ...committed,
  of: z.literal("effect"),
  job: z.int(),
  attempt: int32,
  bot: z.int(),
  value: int32,
});

const roundNote = z
  .looseObject({
    of: z.literal("round"),
    round: count,
    changes: count.describe("how many changes of the round stand above"),
    isWhole: z.boolean().describe("false: the database could not tell all of it"),
    uncertaintyNs: z.number().min(0).nullable().describe("how far `at` may be off"),
    problem: z.string().optional(),
  })
  .describe("the line after a round's last change");

export const witnessLineSchema = z.discriminatedUnion("of", [
  jobChange,
  botChange,
  effectChange,
  roundNote,
]);

/** JSON Schema (draft 2020-12) of one line of a witness. */
export function witnessJsonSchema(): unknown {
  return z.toJSONSchema(z.union([witnessHeaderSchema, witnessLineSchema]), { io: "input" });
}
