import type { EvidenceEvent } from "../event-text.ts";
import type { Violation } from "../result.ts";

/** One operation of a bot in a piece of evidence: from its invoke to its completion. */
export interface BotOperation {
  readonly bot: number;
  readonly fromNs: number;
  readonly toNs: number;
  /** `claim ok, job 17 (granted again)`. */
  readonly label: string;
  readonly tone: "ok" | "empty" | "failed" | "unknown" | "open";
  /** Whether the job the case is about was granted here, for the first time or while it was granted already. */
  readonly grant: "first" | "again" | null;
}

/**
 * Pairs the events of a case into operations, in the order in which they began. A case holds the smallest set of events,
 * so a completion may stand without its invoke (it is drawn as a moment) and an invoke without its completion (it is
 * drawn up to the end: still open).
 */
export function botOperations(violation: Violation): readonly BotOperation[] {
  const events = [...violation.events, ...(violation.around ?? [])]
    .filter((event) => typeof event["bot"] === "number")
    .toSorted((one, other) => one.i - other.i);
  const end = Math.max(...events.map((event) => event.t));
  const grants = grantsOf(violation);
  const open = new Map<string, EvidenceEvent>();
  const operations: BotOperation[] = [];
  for (const event of events) {
    const key = `${String(event["bot"])} ${event.op}`;
    if (event.type === "invoke") {
      open.set(key, event);
      continue;
    }
    operations.push(operation(open.get(key) ?? event, event, grants.get(event.i) ?? null));
    open.delete(key);
  }
  const unfinished = [...open.values()].map((invoke) => unanswered(invoke, end));
  return [...operations, ...unfinished].toSorted((one, other) => one.fromNs - other.fromNs);
}

function operation(
  invoke: EvidenceEvent,
  completion: EvidenceEvent,
  grant: BotOperation["grant"],
): BotOperation {
  const job = typeof completion["job"] === "number" ? `, job ${completion["job"]}` : "";
  const attempt =
    typeof completion["attempt"] === "number" ? `, attempt ${completion["attempt"]}` : "";
  const granted = grant === "again" ? " (granted again)" : grant === "first" ? " (granted)" : "";
  return {
    bot: Number(completion["bot"]),
    fromNs: invoke.t,
    toNs: completion.t,
    label: `${completion.op} ${completion.type}${job}${attempt}${granted}`,
    tone: toneOf(completion.type),
    grant,
  };
}

function unanswered(invoke: EvidenceEvent, end: number): BotOperation {
  const label = `${invoke.op}, no answer here`;
  return {
    bot: Number(invoke["bot"]),
    fromNs: invoke.t,
    toNs: end,
    label,
    tone: "open",
    grant: null,
  };
}

function toneOf(type: string): BotOperation["tone"] {
  switch (type) {
    case "ok":
    case "empty":
    case "failed":
    case "unknown":
      return type;
    default:
      return "open";
  }
}

/**
 * The answers by which bots came to hold the case's job, by event number. A later one is a second grant unless the
 * evidence shows that the job was given back in between. A bot that resumes what it holds is granted nothing new.
 */
function grantsOf({ job, events }: Violation): ReadonlyMap<number, "first" | "again"> {
  const grants = new Map<number, "first" | "again">();
  let holder: unknown;
  for (const event of events) {
    if (job === undefined || event["job"] !== job || event.type !== "ok") continue;
    const bot = event["bot"];
    if (event.op === "claim" || (event.op === "resume" && bot !== holder)) {
      grants.set(event.i, holder === undefined ? "first" : "again");
      holder = bot;
    }
    if (givesBack.has(event.op)) holder = undefined;
  }
  return grants;
}

/** Not `complete`: a job that is done may not be granted to anybody. */
const givesBack: ReadonlySet<string> = new Set(["fail", "rescue"]);
