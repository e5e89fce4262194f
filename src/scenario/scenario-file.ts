import { z } from "zod";
import { longestMs, positiveDurationMs } from "./duration.ts";
import { targetKey } from "./target.ts";
import { hosts } from "./hosts.ts";
import { botKinds, claims, jobKinds, rescue, retry } from "./lifecycle-keys.ts";
import { calibrate, enqueue, load, think, warmUp, work } from "./load-file.ts";
import { pooler } from "./pooler.ts";
import { hinted } from "./problem.ts";
import { fixedRepeat, repeat } from "./repeat.ts";
import { witnessModes } from "./scenario.ts";
import { diskMb } from "./small-disk.ts";
import { steadyState } from "./steady-state.ts";
import { wake } from "./wake-key.ts";

/** More jobs than this is a typing mistake; the tables and the history grow with them. */
const maxJobs = 10_000_000;
const maxBots = 1_000;
const maxItems = 100;

const strategyReference = z
  .string()
  .min(1)
  .describe("A name of sql/strategies, or the path of a strategy file of your own");

const strategies = z
  .strictObject({
    subjects: z
      .array(strategyReference)
      .max(maxItems)
      .default([])
      .describe("Strategies that must satisfy every check"),
    controls: z
      .array(strategyReference)
      .max(maxItems)
      .default([])
      .describe(
        "Strategies that must be caught: without one, a run that finds nothing shows little",
      ),
  })
  .describe("What is compared");

const connections = z
  .union([z.literal("per-bot"), z.int().min(1).max(maxBots)], {
    error: hinted("not a number of connections", `write per-bot, or 1 to ${maxBots}`),
  })
  .default("per-bot")
  .describe(
    "per-bot: every bot has a connection of its own; a number: all share a pool of that many",
  );

const settingValue = z
  .union([z.string(), z.number(), z.boolean()], {
    error: hinted("not the value of a server setting", "write a text, a number, or on / off"),
  })
  .transform((value) => (typeof value === "boolean" ? (value ? "on" : "off") : String(value)))
  // The values end up in a configuration file of lines.
  .refine((value) => !/[\p{Cc}]/u.test(value), "a server setting is one line of text");

const settingName = z.string().regex(/^[a-z_][a-z0-9_.]*$/i, {
  error: hinted("not the name of a server setting", "letters, digits, _ and . as in pg_settings"),
});

/** Never repeats the value: it may hold a password. */
const postgres = z
  .string()
  .refine(
    (value) => /^(embedded|docker)$|^postgres(ql)?:\/\/./.test(value),
    hinted("not a PostgreSQL to run on", "write embedded, docker or a postgres:// URL"),
  )
  .describe("embedded, docker or a postgres:// URL");

const toxiproxy = z
  .string()
  .refine(
    (value) => /^(embedded|binary|docker|off)$|^https?:\/\/./.test(value),
    hinted("not a Toxiproxy to use", "write embedded, binary, docker, off or an http:// URL"),
  )
  .describe("embedded, binary, docker, off or an http:// URL");

const images = z
  .strictObject({
    postgres: z.string().min(1).default("postgres:18"),
    toxiproxy: z.string().min(1).default("ghcr.io/shopify/toxiproxy:2.12.0"),
  })
  .prefault({})
  .describe("Docker images, where docker is used");

const environment = z
  .strictObject({
    postgres: postgres.default("embedded"),
    toxiproxy: toxiproxy.default("embedded"),
    settings: z
      .record(settingName, settingValue)
      .default({})
      .describe("Server settings beyond PostgreSQL's defaults; embedded and docker only"),
    images,
    pooler,
    diskMb,
    witness: z
      .enum(witnessModes)
      .default("auto")
      .describe(
        "How the database tells what it committed: decoding (of its log), audit (by triggers), off; auto: decoding where it can, else audit",
      ),
  })
  .prefault({})
  .describe("What the scenario runs on");

const deadlines = z
  .strictObject({
    load: positiveDurationMs
      .prefault("60s")
      .describe("The load of a round ends here, finished or not"),
    drain: positiveDurationMs
      .prefault("30s")
      .describe("Time to finish what is left once faults stopped"),
    statement: positiveDurationMs
      .prefault("10s")
      .describe("One statement of a bot; past it the outcome is unknown"),
  })
  .prefault({})
  .describe("Bounds on every wait");

const label = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, {
  error: hinted("not a label", "write small letters, digits and hyphens"),
});

const name = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
    error: hinted(
      "not a name for a scenario",
      "write letters, digits, - _ and . only: folders are named after it",
    ),
  })
  .describe("Names the folder of the run");

const jobs = z
  .strictObject({
    count: z
      .int()
      .min(1)
      .max(maxJobs)
      .describe("Jobs of a round; with load kind rounds, of a wave"),
    work,
    ...jobKinds,
  })
  .describe("What there is to do");

const bots = z
  .strictObject({
    count: z.int().min(1).max(maxBots),
    connections,
    hosts,
    think,
    wake,
    ...botKinds,
  })
  .describe("Who does it, at once");

const seed = z.int().min(0).max(4_294_967_295);

/**
 * The keys of a scenario file as they are written, with defaults filled in. `faultLine` reads one line
 * of `faults:`.
 */
export function scenarioFileSchema<T extends z.ZodType>(faultLine: T) {
  return z.strictObject({
    name,
    description: z.string().max(2_000).default("").describe("The question the scenario asks"),
    tags: z.array(label).max(maxItems).default([]).describe("To choose scenarios by"),
    seed: seed.optional().describe("Absent: drawn, and printed"),
    strategies,
    constraints: z
      .enum(["subjects", "all", "none"])
      .default("subjects")
      .describe("Whose tables get sql/constraints.sql"),
    jobs,
    bots,
    load,
    target: targetKey,
    claims: claims.optional(),
    rescue: rescue.optional(),
    retry: retry.optional(),
    enqueue: enqueue.optional(),
    warmUp,
    repeat,
    calibrate,
    faults: z.array(faultLine).max(maxItems).default([]).describe("What is broken on purpose"),
    steadyState,
    expect: z
      .array(z.string())
      .max(maxItems)
      .default([])
      .describe("Beyond the checks: skip-locked.claimsPerSecond >= 2 * naive.claimsPerSecond"),
    requires: z
      .array(label)
      .max(maxItems)
      .default([])
      .describe("Capabilities of the environment without which the scenario is skipped"),
    environment,
    deadlines,
  });
}

/** What may be said over a file: the same bounds as in it. */
export const overridesSchema = z.strictObject({
  strategies: z.array(strategyReference).min(1).max(maxItems).optional(),
  targets: z.array(z.string().min(1)).min(1).max(maxItems).optional(),
  seed: seed.optional(),
  repeat: fixedRepeat.optional(),
  loadMs: z.number().positive().max(longestMs).optional(),
  expect: z.array(z.string()).max(maxItems).optional(),
  postgres: postgres.optional(),
  toxiproxy: toxiproxy.optional(),
});

/** A fault line before its fault is known. */
export const anyFaultLine = z.record(z.string(), z.unknown());

const rawScenarioFile = scenarioFileSchema(anyFaultLine);

/** What a scenario file says, defaults filled in, its fault lines not yet read. */
export type ScenarioFile = z.output<typeof rawScenarioFile>;
