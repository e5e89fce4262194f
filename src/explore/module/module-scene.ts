import { readFileSync } from "node:fs";
import { Disposal } from "../../base/disposal.ts";
import { HarnessError } from "../../base/harness-error.ts";
import { databaseUrl } from "../../environment/postgres/database-url.ts";
import { emptySchema } from "../../service/tables.ts";
import { ModuleTarget } from "../../targets/module/module-target.ts";
import type { Around } from "../../targets/module/module-target.ts";
import type { ModuleContext, QueuePool } from "../../targets/module/queue-module.ts";
import type { QueueFile } from "../claimer.ts";
import { leaseMsOf } from "../play.ts";
import type { Play } from "../play.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import type { Schedule } from "../schedule.ts";
import { GatedPool } from "./gated-pool.ts";
import { judgeModule, judgeModuleCrash } from "./judge-module.ts";
import { Memory } from "./memory.ts";
import { Misuse } from "./misuse.ts";
import { moduleTables, tablesElsewhere } from "./module-tables.ts";
import { ModuleService } from "./module-service.ts";
import { OwnConnections } from "./own-connections.ts";
import { SetUp } from "./set-up.ts";

/** A call that waits for its turn waits as long as the others take; that it never ends is seen by its bot's door. */
const callMs = 3_600_000;

/** The module's own tables, with its own jobs. HarnessError (usage) where it cannot be opened, or not be explored. */
export async function openModuleScene({ file }: QueueFile, options: SceneOptions): Promise<Scene> {
  const { play, control, address } = options;
  await emptySchema(control);
  const before = await tablesElsewhere(control);
  await using owned = new Disposal();
  const backstage = await openBackstage(file, options, owned);
  const { target, pool, misuse } = backstage;
  refuseUnfit(target, play, file);
  await target.reset();
  const { jobs } = await target.enqueue(play.jobs);
  const strangers = [...(await tablesElsewhere(control))].filter((name) => !before.has(name));
  if (strangers.length > 0) throw outside(file, strangers, control.schema);
  seal(backstage);
  await control.query("ANALYZE");
  const tables = await moduleTables(control, play.crashes !== undefined);
  const memory = new Memory();
  const judge = play.crashes === undefined ? judgeModule : judgeModuleCrash;
  const parts = owned.move();
  return {
    source: sourceOf(backstage, file),
    jobs,
    tables,
    // What its code makes of a bot's number nobody knows.
    areAlike: false,
    statements: [],
    get strayed() {
      return memory.strayed;
    },
    openService: (service) =>
      new ModuleService({ ...service, target, pool, misuse, address, schema: control.schema }),
    watched: (scheduler) => memory.watch(scheduler),
    judge: (schedule) => {
      refuseUnseen(schedule, file);
      return judge(schedule);
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}

/** The module, and all by which it can speak to the database. */
interface Backstage {
  readonly target: ModuleTarget;
  readonly pool: GatedPool;
  readonly setUp: SetUp;
  readonly own: OwnConnections;
  readonly misuse: Misuse;
}

async function openBackstage(
  file: string,
  { play, control, address }: SceneOptions,
  owned: Disposal,
): Promise<Backstage> {
  const misuse = new Misuse(file);
  const own = owned.use(await OwnConnections.open(address, misuse));
  const setUp = owned.use(new SetUp(databaseUrl(address, control.schema)));
  const pool = new GatedPool(setUp, misuse);
  const context: ModuleContext = {
    databaseUrl: databaseUrl(own.address, control.schema),
    controlUrl: databaseUrl(own.address, control.schema),
    schema: control.schema,
    pool: pool as unknown as QueuePool,
    bots: play.bots + (play.crashes === undefined ? 0 : 1),
    leaseMs: leaseMsOf(play),
    // The same in every schedule.
    seed: 1,
  };
  const around: Around = async (name, call) => {
    const { conversation } = pool;
    try {
      return await call();
    } finally {
      await conversation?.afterCall(name);
    }
  };
  const target = await ModuleTarget.open({ file, context, timeoutMs: callMs, around });
  return { target: owned.use(target), pool, setUp, own, misuse };
}

/** The set-up is over: nothing passes any more but by the bots' doors. */
function seal({ setUp, own, misuse }: Backstage): void {
  setUp.end(misuse);
  own.seal();
  if (misuse.first !== undefined) throw misuse.first;
}

function sourceOf({ setUp, own }: Backstage, file: string): Scene["source"] {
  const text = readFileSync(file, "utf8");
  return { sql: sqlOf(setUp.said), module: { text, isSetUpWhole: !own.wereUsed } };
}

function refuseUnfit(target: ModuleTarget, { program, crashes }: Play, file: string): void {
  const hasRescue = target.capabilities.has("rescue");
  if (program.hasRescue === true && !hasRescue) {
    const hint = "use --program lifecycle, or give it a rescue()";
    throw new HarnessError({
      kind: "usage",
      what: "it has no rescue to explore",
      where: file,
      hint,
    });
  }
  if (crashes === undefined || hasRescue === target.canExpire) return;
  const [what, hint] = hasRescue
    ? [
        "it rescues claims whose lease has run out, and in a schedule nobody waits for that",
        "give it an expire() that makes all leases run out at once",
      ]
    : [
        "its leases run out, and nobody tells whose: a job that is granted again would look as if it were given out twice",
        "give it a rescue() that takes such claims back, and tells of them",
      ];
  throw new HarnessError({ kind: "usage", what, where: file, hint });
}

/** A job that came without a statement came from somewhere that nobody watches. */
function refuseUnseen({ steps, recording: { events } }: Schedule, file: string): void {
  for (let event = 0; event < events.length; event++) {
    const bot = events.bot(event);
    if (events.op(event) !== "claim" || events.type(event) !== "ok") continue;
    if (steps.some((step) => step.bot === bot)) continue;
    throw new HarnessError({
      kind: "usage",
      what: "it grants jobs without a statement through the pool that it was opened with",
      where: file,
      hint: "only what is sent through it can be put in an order: ({ pool }) => …",
    });
  }
}

function outside(file: string, tables: readonly string[], schema: string): HarnessError {
  const what = `it keeps ${tables.slice(0, 3).join(", ")} outside of its schema, where nothing is set back before the next order`;
  const hint = `keep all of its tables in the schema that it is told ("${schema}" here)`;
  return new HarnessError({ kind: "usage", what, where: file, hint });
}

function sqlOf(said: readonly string[]): string {
  return said.map((sql) => `${sql.replace(/;$/, "")};`).join("\n");
}
