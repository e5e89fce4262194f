import type { VerificationDetail } from "../../history/event.ts";
import type { HttpTargetSpec } from "../../scenario/target.ts";
import type { ControlDatabase } from "../../service/control-database.ts";
import type { Inspector } from "../../targets/http/http-target.ts";
import type { Question, TargetCapability } from "../../targets/target.ts";

const rowsShown = 10;

/** The queries of a scenario on the tables of a service that is not ours: what each of them returns is wrong. */
export class VerifiedTables implements Inspector {
  readonly capabilities: ReadonlySet<TargetCapability> = new Set(["verification"] as const);
  readonly #control: ControlDatabase;
  readonly #queries: HttpTargetSpec["verify"];

  constructor(control: ControlDatabase, queries: HttpTargetSpec["verify"]) {
    this.#control = control;
    this.#queries = queries;
  }

  /** In one snapshot. Throws what `pg` throws. */
  async inspect(question: Question): Promise<VerificationDetail> {
    if (question !== "verification") throw new Error(`nobody can be asked for ${question}`);
    return await this.#control.withConnection(async (client) => {
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      const queries = [];
      for (const { name, sql } of this.#queries) {
        const { rows } = await client.query<Record<string, unknown>>(sql);
        queries.push({ name, count: rows.length, rows: rows.slice(0, rowsShown) });
      }
      return { what: "verification", queries };
    });
  }

  async deadLetters(): Promise<never> {
    throw new Error("nobody knows where the dead letters of this service are");
  }

  async redrive(): Promise<never> {
    throw new Error("nobody knows how to redrive the jobs of this service");
  }

  async hasMoreToCome(): Promise<boolean> {
    return false;
  }
}
