import { Disposal } from "../base/disposal.ts";
import { HarnessError } from "../base/harness-error.ts";
import { seededRandom } from "../base/random.ts";
import { Span } from "../base/span.ts";
import type { Record } from "../bots/bot.ts";
import type { Crew } from "../bots/crew.ts";
import { LocalCrew } from "../bots/crew.ts";
import type { Arrivals, LoadContext } from "../bots/load.ts";
import { WorkBrake } from "../bots/work-brake.ts";
import { executeLoad, loads } from "../bots/loads.ts";
import { drain } from "../bots/load/drain.ts";
import type { Wake } from "../bots/wake.ts";
import { duration } from "../bots/load/duration.ts";
import type { FaultContext } from "../chaos/fault.ts";
import type { Phase, PhaseDetail, RoundDetail } from "../history/event.ts";
import type { Observation, Recorder } from "../history/recorder.ts";
import type { PlannedFault, PlannedRound } from "../plan/plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { wakeOf } from "../scenario/wake.ts";
import { BotClocks } from "../service/bot-clocks.ts";
import { botApplication } from "../service/bot-sessions.ts";
import { isNothingLeft } from "../service/job-notices.ts";
import type { Strategy } from "../service/strategy.ts";
import type { RunWitness } from "../service/witness/run-witness.ts";
import type { Target } from "../targets/target.ts";
import { leaseMsOf, mayHaveMoreToCome, retryRuleOf } from "./bot-options.ts";
import { ConnectionLog } from "./connection-log.ts";
import { openStage } from "./open-stage.ts";
import type { Stage, StatementNotes } from "./stage.ts";
import { sampleLockWaits } from "./lock-waits.ts";
import type { Environment } from "./environment.ts";
import { FaultSchedule } from "./fault-schedule.ts";
import { HostedCrew } from "./hosts/hosted-crew.ts";
import { MergedRecord } from "./hosts/merged-record.ts";
import { LoadTally } from "./load-tally.ts";
import { ServerWatch } from "./server-watch.ts";
import { makeBots, thinkTimes } from "./make-bots.ts";
import { makeWake } from "./make-wake.ts";
import { redriveDeadLetters, Rescuer } from "./rescuer.ts";
import { LoadMeasuring, prepareMeasuring } from "./load-measuring.ts";
import type { BotCost } from "./load-measuring.ts";
import { inspect, sampleAgreement } from "./sampler.ts";

export interface RoundOptions {
  readonly scenario: Scenario;
  readonly planned: PlannedRound;
  /** Null: the round plays a service that brings its own. */
  readonly strategy: Strategy | null;
  readonly environment: Environment;
  readonly recorder: Recorder;
  /** Null: the scenario does without. */
  readonly witness: RunWitness | null;
  /** Aborted by Ctrl-C: the load ends at once, and the round still heals, drains and verifies. */
  readonly signal: AbortSignal;
  readonly onPhase: (phase: Phase) => void;
  /** Absent: statements are not noted. */
  readonly statements?: StatementNotes | undefined;
}

const drainAfterInterruptMs = 5_000;

/**
 * One round, the unit of replication, in this order: set up ▸ warm up ▸ prepare ▸ load with faults ▸ heal ▸ drain ▸ verify.
 * Faults are healed whatever happens; what was recorded stays recorded.
 */
export async function runRound(options: RoundOptions): Promise<void> {
  const tally = new LoadTally();
  const merged = mergedRecord(options);
  const write: Record = merged?.record ?? ((event) => void options.recorder.record(event));
  const record: Record = (event) => {
    write(event);
    tally.observe(event);
  };
  const connections = new ConnectionLog(record);
  const clocks = new BotClocks();
  const stage = await openStage({
    ...options,
    clocks,
    onConnection: (bot, event, code) => connections.note(bot, event, code),
  });
  const round = new Round(options, { stage, connections, tally, record, clocks, merged });
  round.note("begin");
  try {
    await round.phase("set-up", () => round.setUp());
    if (round.warmsUp) await round.phase("warm-up", () => round.warmUp());
    await round.phase("prepare", () => round.prepare());
    await round.phase("load", () => round.load());
    await round.phase("heal", () => round.heal());
    await round.phase("drain", () => round.drain());
    await round.phase("verify", () => round.verify());
  } finally {
    await round.close();
    round.note("end");
  }
}

/** What happens in several processes has to be brought into one order; null: the bots live in this one. */
function mergedRecord({ scenario, recorder }: RoundOptions): MergedRecord | null {
  if ((scenario.bots.hosts ?? 0) === 0) return null;
  return new MergedRecord((event) => void recorder.record(event), recorder.clock);
}

interface RoundParts {
  readonly merged: MergedRecord | null;
  readonly stage: Stage;
  readonly connections: ConnectionLog;
  /** What was recorded in this round, counted. */
  readonly tally: LoadTally;
  readonly record: Record;
  readonly clocks: BotClocks;
}

class Round {
  readonly #options: RoundOptions;
  readonly #record: Record;
  readonly #target: Target;
  readonly #crew: Crew;
  /** Undefined: the bots live in other processes, and are woken there. */
  #wake: Wake | undefined;
  /** Null: the bots live in this process. */
  readonly #hosted: HostedCrew | null;
  readonly #faults: FaultSchedule;
  readonly #watch: ServerWatch;
  readonly #loading: Span;
  /** From the beginning of the load to the end of the drain; absent: nobody rescues. */
  #rescuer: Rescuer | undefined;
  readonly #tally: LoadTally;
  readonly #brake = new WorkBrake();
  readonly #clocks: BotClocks;
  readonly #stage: Stage;
  readonly #connections: ConnectionLog;
  #measuring: LoadMeasuring | undefined;
  #arrivals: Arrivals | null = null;

  constructor(options: RoundOptions, parts: RoundParts) {
    const { stage, connections, tally, record } = parts;
    this.#clocks = parts.clocks;
    this.#options = options;
    this.#stage = stage;
    this.#connections = connections;
    this.#tally = tally;
    this.#record = record;
    this.#loading = new Span({ outer: options.signal });
    this.#hosted = parts.merged === null ? null : this.#makeHosts(parts.merged);
    this.#target = stage.target;
    this.#crew = this.#hosted ?? this.#localCrew();
    this.#watch = this.#watchServer();
    this.#faults = new FaultSchedule({
      planned: options.planned.faults,
      record: this.#record,
      contextOf: (planned) => this.#faultContext(planned),
      load: this.#tally,
      steadyState: options.scenario.steadyState,
      gone: this.#watch.gone,
    });
  }

  #watchServer(): ServerWatch {
    const { control, postgres } = this.#options.environment;
    const patienceMs = (): number => this.#faults.silenceMs;
    const watch = new ServerWatch({ control, address: postgres.address, patienceMs });
    watch.gone.addEventListener("abort", () => this.#loading.end());
    return watch;
  }

  async setUp(): Promise<void> {
    const { scenario, planned } = this.#options;
    this.#watch.start();
    await this.#stage.clear();
    await this.#options.witness?.beginRound(planned.round);
    await this.#stage.prepare();
    if (loads[scenario.load.kind].startsWithJobs) await this.#enqueue();
    await this.#stage.settle();
    await this.#hosted?.start();
    await this.#connectBots(scenario.deadlines.statementMs);
  }

  get warmsUp(): boolean {
    return (this.#options.scenario.warmUpMs ?? 0) > 0;
  }

  /** The same bots on the same jobs as in the load, before anything is measured or broken. */
  async warmUp(): Promise<void> {
    const forMs = this.#options.scenario.warmUpMs ?? 0;
    await duration(
      { kind: "duration", forMs },
      { crew: this.#crew, signal: this.#options.signal, drawThinkMs: this.#drawThinkMs() },
    );
  }

  /** What takes time before the first bot moves, and is in no rate: measuring is set up, the first faults are injected. */
  async prepare(): Promise<void> {
    const { environment, strategy } = this.#options;
    const prepared = await prepareMeasuring(environment, strategy);
    await this.#faults.injectFirst();
    const botCost = (): BotCost => (this.#hosted ?? this.#target).cost();
    this.#measuring = await LoadMeasuring.begin({ environment, prepared, botCost });
  }

  async load(): Promise<PhaseDetail["note"]> {
    const { scenario, signal } = this.#options;
    const loading = this.#loading;
    loading.expireAfter(scenario.deadlines.loadMs);
    this.#faults.start(loading.signal);
    this.#startRescuer();
    const sampling = Promise.all([
      sampleAgreement(this.#target, this.#record, loading.signal),
      this.#sampleLockWaits(loading.signal),
    ]);
    try {
      this.#arrivals = await executeLoad(scenario.load, this.#loadContext(loading.signal));
    } finally {
      loading.end();
      this.#measuring?.stop();
      await sampling;
    }
    if (signal.aborted) return "interrupted";
    return loading.isExpired ? "deadline" : undefined;
  }

  /** Before anything is mended, what the load has cost the server is read: mending is no part of it. */
  async heal(): Promise<void> {
    await this.#measuring?.end();
    await this.#faults.healAll();
  }

  /** What the load left is claimed and settled by the same bots, now that nothing is broken; then what died meanwhile. */
  async drain(): Promise<PhaseDetail["note"]> {
    const { scenario, signal } = this.#options;
    const deadlineMs = signal.aborted ? drainAfterInterruptMs : scenario.deadlines.drainMs;
    using draining = new Span({ deadlineMs, outer: this.#watch.gone });
    await this.#drainOnce(draining.signal);
    const redrives = scenario.retry?.redrive !== undefined && !draining.signal.aborted;
    if (redrives && (await redriveDeadLetters(this.#target, this.#record))) {
      await this.#drainOnce(draining.signal);
    }
    await this.#rescuer?.[Symbol.asyncDispose]();
    return draining.isExpired ? "deadline" : undefined;
  }

  async #drainOnce(signal: AbortSignal): Promise<void> {
    const hasMoreToCome = this.#hasMoreToCome();
    const isFinished = this.#isFinished();
    await drain({ kind: "drain" }, { crew: this.#crew, hasMoreToCome, isFinished, signal });
  }

  async verify(): Promise<void> {
    await inspect(this.#target, "locks", this.#record);
    await inspect(this.#target, "agreement", this.#record);
    await inspect(this.#target, "verification", this.#record);
    if (this.#options.planned.constraints) await inspect(this.#target, "constraints", this.#record);
    await inspect(this.#target, "final", this.#record);
  }

  /** Stops everything, also where some of it does not let itself be stopped. */
  async close(): Promise<void> {
    this.#loading.end();
    await using open = new Disposal();
    // Last: as long as a bot is connected, something may still be committed.
    open.defer(() => this.#options.witness?.endRound());
    open.use(this.#stage);
    for (const part of [this.#wake, this.#hosted, this.#rescuer]) {
      if (part) open.use(part);
    }
    open.use(this.#watch);
    open.defer(() => this.#faults.healAll());
    open.defer(() => this.#measuring?.end());
  }

  note(event: "begin" | "end"): void {
    const { round, strategy, role, constraints } = this.#options.planned;
    const { scenario } = this.#options;
    const measured = event === "end" ? this.#measured() : {};
    const rescueEveryMs = scenario.rescue?.everyMs;
    const rescue = rescueEveryMs === undefined ? {} : { rescueEveryMs };
    // How long failed jobs wait is known of our own service, and is a foreign one's business.
    const retry = scenario.target === undefined ? { retry: retryRuleOf(scenario) } : {};
    const rules = { leaseMs: leaseMsOf(scenario), ...rescue, ...retry };
    const detail = { event, round, strategy, role, constraints, ...rules, ...measured };
    this.#record({ op: "round", type: "info", detail });
  }

  /** Nothing where the load did not come to its end. */
  #measured(): Pick<RoundDetail, "cost" | "load"> {
    const { cost, detail } = this.#measuring ?? {};
    if (cost === undefined || detail === undefined) return {};
    return {
      cost,
      load: this.#arrivals === null ? detail : { ...detail, arrivals: this.#arrivals },
    };
  }

  async phase(phase: Phase, carryOut: () => Promise<PhaseDetail["note"] | void>): Promise<void> {
    // What is healed, is healed when the round is closed, too.
    this.#watch.rejectGone();
    this.#options.onPhase(phase);
    this.#record({ op: "phase", type: "info", detail: { phase, event: "begin" } });
    const note = await carryOut();
    const why = note === undefined ? {} : { note };
    this.#record({ op: "phase", type: "info", detail: { phase, event: "end", ...why } });
  }

  async #connectBots(deadlineMs: number): Promise<void> {
    using connecting = new Span({ deadlineMs });
    const { signal } = connecting;
    const refused = await this.#crew.connect(signal);
    if (refused === 0) return;
    const what = `${refused} bots could not connect within ${deadlineMs} ms`;
    const hint =
      "raise max_connections of the server, or share connections: bots: { connections: 20 }";
    throw new HarnessError({ kind: "environment", what, hint });
  }

  #loadContext(signal: AbortSignal): LoadContext {
    const { scenario, planned, recorder } = this.#options;
    return {
      crew: this.#crew,
      record: this.#record,
      enqueue: (count) => this.#enqueue(count),
      hasMoreToCome: this.#hasMoreToCome(),
      isFinished: this.#isFinished(),
      signal,
      now: () => recorder.clock.now(),
      random: seededRandom(planned.seed, "load"),
      producer: scenario.enqueue,
      drawThinkMs: this.#drawThinkMs(),
    };
  }

  #drawThinkMs(): (() => number) | undefined {
    return thinkTimes(this.#options.scenario, this.#options.planned);
  }

  async #enqueue(count: number = this.#options.scenario.jobs.count): Promise<void> {
    this.#record({ op: "enqueue", type: "invoke" });
    const detail = await this.#target.enqueue(count);
    this.#record({ op: "enqueue", type: "ok", detail });
  }

  async #sampleLockWaits(signal: AbortSignal): Promise<void> {
    const { statements, environment } = this.#options;
    if (statements === undefined) return;
    await sampleLockWaits(environment.control, statements.clock, statements.note, signal);
  }

  #startRescuer(): void {
    const { rescue } = this.#options.scenario;
    if (rescue === undefined) return;
    this.#rescuer = new Rescuer({
      target: this.#target,
      record: this.#record,
      everyMs: rescue.everyMs,
      onFailure: () => this.#loading.end(),
    });
  }

  /** Undefined where no job becomes free by itself, so that nobody need ask. Unanswered, it may be so. */
  #hasMoreToCome(): (() => Promise<boolean>) | undefined {
    if (!mayHaveMoreToCome(this.#options.scenario)) return undefined;
    return () => this.#target.hasMoreToCome().catch(() => true);
  }

  /** Undefined where bots ask again and again, so that nobody else need look. Unanswered, it is not so. */
  #isFinished(): (() => Promise<boolean>) | undefined {
    const { scenario, planned, environment } = this.#options;
    if (wakeOf(scenario, planned.role)?.kind !== "notify") return undefined;
    return () => isNothingLeft(environment.control).catch(() => false);
  }

  #localCrew(): LocalCrew {
    const { scenario, planned, environment } = this.#options;
    const ids = Array.from({ length: scenario.bots.count }, (_, index) => index + 1);
    const extraWorkMs = (): number => this.#brake.extraMs();
    const shared = { target: this.#target, record: this.#record, extraWorkMs };
    const { botAddress: address, control } = environment;
    const { record } = this.#connections;
    const { schema } = control;
    this.#wake = makeWake({ scenario, planned, address, schema, place: 1, record });
    return new LocalCrew(makeBots({ scenario, planned, ids, ...shared }), this.#wake);
  }

  #makeHosts(merged: MergedRecord): HostedCrew {
    const { scenario, planned, environment, recorder } = this.#options;
    const onEvent = (event: Observation): void => {
      if (event.op === "connection") this.#connections.observe(event);
      this.#tally.observe(event);
    };
    const { clock } = recorder;
    return new HostedCrew({ scenario, planned, environment, clock, merged, onEvent });
  }

  #faultContext({ id }: PlannedFault): FaultContext {
    const { environment, scenario, planned } = this.#options;
    return {
      id,
      control: environment.control,
      link: environment.link,
      bots: scenario.bots.count,
      application: `${botApplication}-${environment.control.schema}-`,
      connectionsLost: () => this.#connections.lost,
      server: environment.postgres,
      told: this.#tally,
      work: this.#brake,
      clocks: this.#clocks,
      hosts: this.#hosted,
      leaseMs: leaseMsOf(scenario),
      random: seededRandom(planned.seed, id),
      signal: this.#loading.signal,
    };
  }
}
