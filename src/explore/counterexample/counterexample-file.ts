import { readFileSync } from "node:fs";
import { z } from "zod";
import { HarnessError } from "../../base/harness-error.ts";
import { crashKinds, messageMoments, statementMoments } from "../crash/crash.ts";
import type { Counterexample } from "./counterexample.ts";
import { programs } from "../programs.ts";
import type { ProgramName } from "../programs.ts";

const programNames = Object.keys(programs) as [ProgramName, ...ProgramName[]];
const place = z.int().min(1);

const crash = z.union([
  z.object({ kind: z.enum(crashKinds), moment: z.enum(statementMoments) }),
  z.object({
    kind: z.enum(crashKinds),
    moment: z.enum(messageMoments),
    message: place,
    type: z.string().length(1),
    part: z.enum(["none", "half"]),
  }),
]);

/** What `docs/explore.md` says of the file; keys that a later version adds are passed over. */
const schema = z.object({
  format: z.literal("doubletake-counterexample"),
  version: z.literal(1),
  doubletake: z.string(),
  strategy: z.object({ reference: z.string(), sql: z.string() }),
  module: z.object({ text: z.string(), isSetUpWhole: z.boolean() }).optional(),
  program: z.enum(programNames),
  bots: place.max(16),
  jobs: place.max(1000),
  constraints: z.boolean(),
  property: z.string(),
  broken: z.array(z.object({ property: z.string(), how: z.string() })),
  preemptions: z.int().min(0),
  steps: z
    .array(
      z.object({
        bot: place,
        name: z.string(),
        before: z.array(z.string()),
        sql: z.string(),
        values: z.array(z.unknown()),
        saw: z.string().nullable(),
        waitedUntil: place.nullable(),
        hasWaited: z.boolean(),
        observation: z.string(),
        told: z.array(z.object({ bot: place, text: z.string() })),
        crash: crash.optional(),
      }),
    )
    .min(1),
  left: z.array(
    z.object({
      id: z.number(),
      status: z.string(),
      claimed_by: z.number().nullable(),
      attempt: z.number(),
    }),
  ),
});

/** HarnessError (usage) where it cannot be read or is no counterexample. */
export function readCounterexample(file: string): Counterexample {
  const read = schema.safeParse(readJson(file, "a counterexample that `doubletake explore` wrote"));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const at = issue?.path.join(".") ?? "";
  throw new HarnessError({
    kind: "usage",
    what: `is no counterexample: ${at === "" ? "" : `${at}: `}${issue?.message ?? ""}`,
    where: file,
    hint: "name a file that `doubletake explore` wrote",
  });
}

/** HarnessError (usage) where the file cannot be read or holds no JSON. `what`: what it should be. */
export function readJson(file: string, what: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === undefined ? "holds no JSON" : `cannot be read (${code})`;
    throw new HarnessError({
      kind: "usage",
      what: reason,
      where: file,
      hint: `name ${what}`,
      cause,
    });
  }
}
