import type { Clock } from "../base/clock.ts";
import type { RecordedStatement } from "../history/statements.ts";
import { BotConnection } from "./bot-connection.ts";
import type {
  ConnectionOptions,
  Statement,
  StatementCounter,
  StatementResult,
} from "./bot-connection.ts";
import { statementName } from "./statement-name.ts";

export interface Timing {
  readonly bot: number;
  readonly clock: Clock;
  /** Names of prepared statements begin so; others are the lifecycle's and are not noted. */
  readonly prefix: string;
  readonly note: (statement: RecordedStatement) => void;
}

/** A bot's connection that notes when each statement of a claim was sent, when it was answered, and what it said. */
export class TimedConnection extends BotConnection {
  readonly #timing: Timing;

  constructor(options: ConnectionOptions, counter: StatementCounter, timing: Timing) {
    super(options, counter);
    this.#timing = timing;
  }

  override async query(statement: Statement): Promise<StatementResult> {
    const { clock, prefix } = this.#timing;
    if (statement.name?.startsWith(prefix) === false) return await super.query(statement);
    const from = clock.now();
    try {
      const result = await super.query(statement);
      this.#note(statement, from, saidBy(result));
      return result;
    } catch (error) {
      this.#note(statement, from, { code: (error as { code?: string }).code ?? "CONNECTION-LOST" });
      throw error;
    }
  }

  #note(
    statement: Statement,
    from: number,
    said: Pick<RecordedStatement, "rows" | "job" | "code">,
  ): void {
    const { bot, clock, note } = this.#timing;
    note({ bot, from, to: clock.now(), name: statementName(statement), ...said });
  }
}

function saidBy({
  columns,
  rows,
  rowCount,
}: StatementResult): Pick<RecordedStatement, "rows" | "job"> {
  const at = columns.indexOf("job_id");
  const job = at < 0 ? undefined : rows[0]?.[at];
  return job === undefined || job === null
    ? { rows: rowCount }
    : { rows: rowCount, job: Number(job) };
}
