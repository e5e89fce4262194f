import { z } from "zod";
import { positiveDurationMs } from "./duration.ts";
import { hinted } from "./problem.ts";
import type { Finding } from "./problem.ts";
import type { Scenario } from "./scenario.ts";
import type { Wake } from "./wake.ts";

const policy = {
  by: z
    .enum(["poll", "notify"])
    .describe("poll: it asks again; notify: it waits until PostgreSQL's NOTIFY tells it"),
  poll: positiveDurationMs
    .optional()
    .describe(
      "It asks by itself after so long. Absent, with notify: never; with poll: after a pause that doubles up to 40ms",
    ),
  reconnect: z
    .boolean()
    .optional()
    .describe("With notify: a listening connection that was lost is opened again; true"),
  catchUp: z
    .boolean()
    .optional()
    .describe("With notify: after that all bots look once, since what was sent is lost; true"),
};

const controls = noIdleKeys(z.strictObject(policy))
  .optional()
  .describe("Controls do it so instead");

/** Beside `count` and `connections`. */
export const wake = noIdleKeys(z.strictObject({ ...policy, controls }))
  .optional()
  .describe("How a bot that found nothing learns of work; absent: it asks again and again");

interface Policy {
  readonly by: "poll" | "notify";
  readonly poll?: number | undefined;
  readonly reconnect?: boolean | undefined;
  readonly catchUp?: boolean | undefined;
}

export function readWake(key: z.output<typeof wake>): Pick<Scenario["bots"], "wake"> {
  if (key === undefined) return {};
  return { wake: { subject: toWake(key), control: toWake(key.controls ?? key) } };
}

function toWake({ by, poll, reconnect, catchUp }: Policy): Wake {
  if (by === "poll") return { kind: "poll", ...(poll === undefined ? {} : { everyMs: poll }) };
  return {
    kind: "notify",
    ...(poll === undefined ? {} : { pollMs: poll }),
    reconnect: reconnect ?? true,
    catchUp: (reconnect ?? true) && (catchUp ?? true),
  };
}

/** Refuses keys that say nothing, or contradict each other. */
function noIdleKeys<T extends z.ZodType<Policy>>(schema: T): T {
  const listens = hinted("is for bots that wait to be told", "write by: notify, or remove it");
  const comesBack = hinted("nobody comes back, so nobody catches up", "remove one of the two");
  return schema
    .refine(({ by, reconnect }) => by === "notify" || reconnect === undefined, {
      error: listens,
      path: ["reconnect"],
    })
    .refine(({ by, catchUp }) => by === "notify" || catchUp === undefined, {
      error: listens,
      path: ["catchUp"],
    })
    .refine(({ reconnect, catchUp }) => reconnect !== false || catchUp === undefined, {
      error: comesBack,
      path: ["catchUp"],
    });
}

/** Loads in which a bot decides by itself when to ask. */
const loadsThatWait: readonly string[] = ["drain", "duration"];

/** What does not go together with bots that wait to be told. */
export function wakeFindings({ bots, load, target }: Scenario): Finding[] {
  if (bots.wake === undefined) return [];
  const path = ["bots", "wake"];
  if (!loadsThatWait.includes(load.kind)) {
    const what = `with load kind ${load.kind} bots claim when they are told to, not when they wake`;
    const hint = `remove bots.wake, or use one of ${loadsThatWait.join(", ")}`;
    return [{ path, at: "key", what, hint }];
  }
  if (target === undefined) return [];
  const what = "only the reference service, called in process, wakes its bots";
  return [{ path, at: "key", what, hint: "remove bots.wake, or target" }];
}
