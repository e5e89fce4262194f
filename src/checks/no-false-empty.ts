import type { PlannedFault } from "../plan/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Case, Check, Evidence, Judgement, RoundEvidence, WitnessEvidence } from "./check.ts";
import { isConnectionCode } from "./error-codes.ts";
import { counted, Findings, inconclusive, notJudged, timeText } from "./findings.ts";
import { roundsText } from "./inspections.ts";
import { Turns } from "./turns.ts";
import { joined } from "./witness-notes.ts";

/**
 * A claim that comes back empty says: there was nothing to do. It is wrong where work was certainly there the whole
 * time that it took.
 *
 * ```
 *   job 9     enqueued, acknowledged ──────────────────────────────────────── first changed by a commit
 *   bot 3                              claim invoke ───── claim empty
 * ```
 *
 * Only jobs count that were acknowledged before the claim was asked for and that no committed transaction had changed,
 * nor pointed a bot at, when the answer came (of jobs that share a key one, and only where all of them are so; none that
 * must wait for its time), by the witness and with all the uncertainty of its clock. Somebody may
 * still have had them locked without having committed, and to pass over locked rows is right. So as many are taken off as
 * there were claims of others in flight just then, times what each may take; as there were claims before whose connection
 * was lost, since the server may still be busy with them; and as many for each fault of the plan as it may lock. If jobs are left, one of
 * them was there for the taking.
 */
export const noFalseEmpty: Check = {
  name: "no-false-empty",
  property: "no claim comes back empty while work is certainly waiting",
  judge: ({ rounds, plan }: Evidence): Judgement => {
    const findings = new Findings();
    const unwitnessed: RoundEvidence[] = [];
    let [claims, empty] = [0, 0];
    for (const round of rounds) {
      claims += countClaims(round);
      const { witness } = round;
      if (witness === null || !witness.isWhole || witness.uncertaintyNs === null) {
        unwitnessed.push(round);
      } else {
        const { uncertaintyNs } = witness;
        const planned = plan.rounds.find((each) => each.round === round.round);
        const faults = (planned?.faults ?? []).reduce((sum, fault) => sum + rowsOf(fault), 0);
        empty += new Walk(round, { ...witness, uncertaintyNs }, { faults, findings }).go();
      }
    }
    if (claims === 0) return inconclusive("no claim was answered");
    const choosy = choosyText(plan.scenario);
    if (choosy !== undefined) return notJudged(choosy);
    const lacking = unwitnessed.length === 0 ? undefined : lackText(rounds, unwitnessed);
    if (lacking !== undefined && unwitnessed.length === rounds.length) return notJudged(lacking);
    if (empty === 0) return notJudged(joined("no claim came back empty", lacking) as string);
    return findings.judgement(
      joined(`${counted(empty, "empty answer")} held against the witness`, lacking),
    );
  },
};

/** Where not every bot may take every waiting job, an empty answer can be right whatever waits. */
function choosyText({ bots }: Scenario): string | undefined {
  if (bots.types === undefined) return undefined;
  return "bots take some types of job only, and what waits may be of others";
}

/** How many jobs a fault may have locked at once. */
function rowsOf({ spec }: PlannedFault): number {
  const { rows } = spec.settings as { readonly rows?: unknown };
  return typeof rows === "number" ? rows : 1;
}

function lackText(rounds: readonly RoundEvidence[], lacking: readonly RoundEvidence[]): string {
  const text = `in ${roundsText(rounds, lacking)}`;
  if (lacking.every(({ witness }) => witness === null)) return `there is no witness ${text}`;
  return `the witness is not whole, or its clock could not be compared, ${text}`;
}

function countClaims({ events, from, to }: RoundEvidence): number {
  let claims = 0;
  for (let event = from; event < to; event++) {
    if (events.op(event) === "claim" && events.type(event) !== "invoke") claims++;
  }
  return claims;
}

type TimedWitness = WitnessEvidence & { readonly uncertaintyNs: number };

/** The database counts in whole microseconds. */
const resolutionNs = 1_000;

/** Goes through the events once, with what is known of the moment in hand. */
class Walk {
  readonly #round: RoundEvidence;
  readonly #findings: Findings;
  /** When each job was first changed, ascending. */
  readonly #touchedAt: Float64Array;
  readonly #slackNs: number;
  readonly #faults: number;
  readonly #turns: Turns;
  #enqueued = 0;
  /** Jobs that claims in flight may have locked, and those of claims whose connection was lost. */
  #inFlight = 0;
  #lost = 0;
  readonly #asked = new Map<number, Asked>();
  readonly #doubtful = new Set<number>();
  /** Jobs that all claims asked for together: what it grew by while a claim was in flight, others began meanwhile. */
  #begun = 0;

  constructor(
    round: RoundEvidence,
    witness: TimedWitness,
    { faults, findings }: { readonly faults: number; readonly findings: Findings },
  ) {
    this.#round = round;
    this.#findings = findings;
    this.#faults = faults;
    this.#turns = new Turns(round);
    this.#touchedAt = firstTouches(witness, this.#turns);
    this.#slackNs = witness.uncertaintyNs + resolutionNs;
  }

  /** Returns the number of empty answers. */
  go(): number {
    const { events, from, to } = this.#round;
    let empty = 0;
    for (let event = from; event < to; event++) {
      const [op, type] = [events.op(event), events.type(event)];
      if (type === "info") continue;
      if (op === "enqueue" && type === "ok") this.#enqueued += this.#turns.addedBy(event);
      if (op === "claim" && type === "invoke") this.#begin(event);
      else if (op === "claim") empty += this.#end(event);
      this.#takeDoubt(event);
    }
    return empty;
  }

  #begin(event: number): void {
    const { events } = this.#round;
    const bot = events.bot(event);
    this.#drop(bot);
    const limit = limitOf(this.#round, event);
    this.#inFlight += limit;
    this.#begun += limit;
    const others = this.#inFlight - limit;
    this.#asked.set(bot, { event, limit, others, begun: this.#begun, enqueued: this.#enqueued });
  }

  /** What the bot had asked for before and was never answered. */
  #drop(bot: number): void {
    const open = this.#asked.get(bot);
    if (open === undefined) return;
    this.#lost += open.limit;
    this.#inFlight -= open.limit;
    this.#asked.delete(bot);
  }

  #end(event: number): 0 | 1 {
    const { events } = this.#round;
    const [bot, type] = [events.bot(event), events.type(event)];
    const asked = this.#asked.get(bot);
    if (asked === undefined) return 0;
    this.#asked.delete(bot);
    this.#inFlight -= asked.limit;
    const isCut = type === "failed" && isConnectionCode(events.code(event));
    if (type === "unknown" || isCut) this.#lost += asked.limit;
    if (type !== "empty") return 0;
    // A bot that may hold a job already may rightly be refused another.
    if (!this.#doubtful.has(bot)) this.#judge(asked, event);
    return 1;
  }

  #judge(asked: Asked, event: number): void {
    const untilNs = this.#round.events.t(event) + this.#slackNs;
    const untouched = asked.enqueued - countUpTo(this.#touchedAt, untilNs);
    const mayBeLocked = asked.others + (this.#begun - asked.begun) + this.#lost + this.#faults;
    const waiting = untouched - mayBeLocked;
    if (waiting > 0) this.#findings.add(() => this.#tell(asked, event, { untouched, waiting }));
  }

  #takeDoubt(event: number): void {
    const { events } = this.#round;
    const [bot, type] = [events.bot(event), events.type(event)];
    const op = events.op(event);
    if (type === "unknown" || (type === "failed" && op !== "claim")) this.#doubtful.add(bot);
    const isTold = type === "ok" || type === "empty";
    if (isTold && (op === "resume" || op === "complete" || op === "fail")) {
      this.#doubtful.delete(bot);
    }
  }

  #tell(
    { event: invoke }: Asked,
    event: number,
    { untouched, waiting }: { readonly untouched: number; readonly waiting: number },
  ): Case {
    const { events, round } = this.#round;
    const bot = events.bot(event);
    return {
      summary:
        `the claim of bot ${bot} came back empty (${timeText(this.#round, event)}) while ${counted(untouched, "job")} had been ` +
        `waiting untouched all along, at least ${waiting} of which nobody can have had locked`,
      round,
      bots: [bot],
      events: [events.event(invoke), events.event(event)],
    };
  }
}

interface Asked {
  readonly event: number;
  readonly limit: number;
  /** Jobs that claims of others in flight may have taken when it was asked for. */
  readonly others: number;
  /** Jobs that were asked for up to and with this claim. */
  readonly begun: number;
  /** Jobs acknowledged before; those of one key count as one. */
  readonly enqueued: number;
}

function limitOf({ events }: RoundEvidence, event: number): number {
  const detail = events.detail(event) as { readonly limit?: number } | undefined;
  return detail?.limit ?? 1;
}

/**
 * When each job, or any of its key, was first changed after it was put there, or pointed at, ascending. A time not known
 * is before all, and so is that of a job which must wait.
 */
function firstTouches(witness: WitnessEvidence, turns: Turns): Float64Array {
  const { changes, from, to } = witness;
  const first: number[] = [];
  for (let change = from; change < to; change++) {
    const job = changes.job(change);
    const isNew =
      changes.of(change) === "job" &&
      changes.kind(change) === "insert" &&
      changes.status(change) === "pending";
    const mustWait = isNew && !Number.isNaN(changes.dueAt(change));
    if (job === null || job < 0 || (isNew && !mustWait)) continue;
    const at = mustWait ? Number.NaN : changes.at(change);
    const turn = turns.number(job);
    const known = first[turn] ?? Number.POSITIVE_INFINITY;
    first[turn] = Number.isNaN(at) ? Number.NEGATIVE_INFINITY : Math.min(known, at);
  }
  return Float64Array.from(first).toSorted();
}

/** By bisection. */
function countUpTo(sorted: Float64Array, most: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
