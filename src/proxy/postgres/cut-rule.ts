import type { Random } from "../../base/random.ts";
import type { Toxic } from "../toxic.ts";
import { messageMoments, postgresCutSettings } from "../toxics/postgres-cut.ts";
import type { PostgresCutSettings } from "../toxics/postgres-cut.ts";
import type { Statement } from "./statement.ts";

const momentsOfMessages: ReadonlySet<string> = new Set(messageMoments);

/** A `postgres_cut` at work on one connection: says which statement it acts on. */
export class CutRule {
  readonly toxic: Toxic;
  readonly #random: Random;
  #settings: PostgresCutSettings;
  readonly #messages = { request: 0, answer: 0 };
  /** The transaction whose COMMIT is meant, because one of its statements matched. */
  #meant: number | undefined;

  constructor(toxic: Toxic, random: Random) {
    this.toxic = toxic;
    this.#random = random;
    this.#settings = postgresCutSettings(toxic.attributes);
  }

  get settings(): PostgresCutSettings {
    return this.#settings;
  }

  update(): void {
    this.#settings = postgresCutSettings(this.toxic.attributes);
    this.#meant = undefined;
    this.#messages.request = 0;
    this.#messages.answer = 0;
  }

  get listens(): boolean {
    return this.#settings.moment === "listen";
  }

  /** Whether it cuts at this message of the client (`request`) or of the server. To be asked once for each, in order. */
  reaches(moment: "request" | "answer"): boolean {
    const { moment: wanted, message, times } = this.#settings;
    if (moment !== wanted || (times > 0 && this.toxic.cuts >= times)) return false;
    return ++this.#messages[moment] === message;
  }

  /** Whether this is the statement to cut at. To be asked once for each, in order. */
  actsOn(statement: Statement): boolean {
    const { moment, times } = this.#settings;
    if (times > 0 && this.toxic.cuts >= times) return false;
    if (momentsOfMessages.has(moment)) return false;
    const isCommitMoment = moment === "commit-withheld" || moment === "commit-unanswered";
    return isCommitMoment ? this.#actsOnCommit(statement) : this.#matches(statement);
  }

  /**
   * A commit is meant when its transaction had a matching statement, or without conditions always. A statement that
   * matches outside a block is its own commit.
   */
  #actsOnCommit(statement: Statement): boolean {
    const { endsTransaction, transaction } = statement;
    if (!this.#hasConditions()) return endsTransaction === "commit" && this.#draw();
    if (this.#matches(statement)) this.#meant = transaction;
    if (this.#meant !== transaction) return false;
    return endsTransaction === "commit" || endsTransaction === "autocommit";
  }

  #hasConditions(): boolean {
    const { sql, name, statement, transaction } = this.#settings;
    return sql !== undefined || name !== "" || statement > 0 || transaction > 0;
  }

  #matches({ ordinal, transaction, name, sql }: Statement): boolean {
    const wanted = this.#settings;
    if (wanted.statement > 0 && wanted.statement !== ordinal) return false;
    if (wanted.transaction > 0 && wanted.transaction !== transaction) return false;
    if (wanted.name !== "" && wanted.name !== name) return false;
    if (wanted.sql !== undefined && !wanted.sql.test(sql)) return false;
    return this.#draw();
  }

  #draw(): boolean {
    return this.#settings.probability >= 1 || this.#random.next() < this.#settings.probability;
  }
}
