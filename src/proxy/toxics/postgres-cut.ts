import type { AttributeSpec, Attributes } from "../attributes.ts";
import { count } from "../attributes.ts";
import { cutKinds, cutSides } from "../cut.ts";
import type { CutKind, CutSide } from "../cut.ts";
import type { SessionToxicType } from "../toxic-type.ts";

/**
 * When the connection is cut, in terms of the statement that matches:
 *
 * ```
 *   client                    proxy                     server
 *     │── statement ───────────▶│  before                   │        not executed
 *     │                         │── statement ────────────▶│
 *     │              after      │◀───────────── answer ────│        executed, the client does not know
 *     │◀─ half the answer ─     │  truncate                │
 *     │── COMMIT ──────────────▶│  commit-withheld         │        rolled back when the connection goes
 *     │                         │── COMMIT ───────────────▶│
 *     │     commit-unanswered   │◀────────────── COMMIT ───│        committed, the client does not know
 * ```
 * `blackhole` is `after` with both sockets left open: the server's backend sits in its transaction and keeps its locks.
 */
export const statementMoments = [
  "before",
  "after",
  "commit-withheld",
  "commit-unanswered",
  "truncate",
  "blackhole",
] as const;
/**
 * Moments of messages, whatever statement they belong to. Each side's are counted from 1, since the toxic was added or
 * changed:
 *
 * - `request`: instead of the client's message of number `message`, the connection is cut
 * - `answer`: that message of the server and what follows it are dropped, and the connection is cut at the ReadyForQuery
 * - `listen`: nothing is cut; each message is told by an event, to see which there are
 */
export const messageMoments = ["request", "answer", "listen"] as const;
export const cutMoments = [...statementMoments, ...messageMoments] as const;
export const messageParts = ["none", "half"] as const;
export type CutMoment = (typeof cutMoments)[number];

/**
 * Cuts PostgreSQL connections at an exact moment of the protocol. Not in Toxiproxy. Every condition that is given must
 * hold; with none, `commit-…` meets every COMMIT and the other moments every statement.
 *
 * - `sql`: a regular expression, without regard to case, over the first 4096 bytes of the statement
 * - `name`: the name of a prepared statement
 * - `statement`, `transaction`: the ordinal on the connection, from 1; 0: any
 * - `probability`: of each statement that meets the rest, drawn from the seed
 * - `message`, `part`: which message, for the moments of messages, and how much of it passes: none, or half of its bytes
 * - `side`, `how`: whom to cut, and how
 * - `times`: after so many cuts on all connections together it does nothing more; 0: no end. An update starts anew.
 */
export const postgresCut: SessionToxicType = {
  kind: "postgres",
  name: "postgres_cut",
  attributes: [
    { kind: "choice", name: "moment", initial: "before", of: cutMoments },
    { kind: "text", name: "sql", initial: "" },
    { kind: "text", name: "name", initial: "" },
    count("statement"),
    count("transaction"),
    { kind: "fraction", name: "probability", initial: 1 },
    { kind: "choice", name: "side", initial: "both", of: cutSides },
    { kind: "choice", name: "how", initial: "fin", of: cutKinds },
    count("times"),
    count("message"),
    { kind: "choice", name: "part", initial: "none", of: messageParts },
  ] satisfies readonly AttributeSpec[],
  problem: (attributes) => patternProblem(String(attributes["sql"])) ?? messageProblem(attributes),
};

/** The attributes, with their types. */
export interface PostgresCutSettings {
  readonly moment: CutMoment;
  readonly sql: RegExp | undefined;
  readonly name: string;
  readonly statement: number;
  readonly transaction: number;
  readonly probability: number;
  readonly side: CutSide;
  readonly how: CutKind;
  readonly times: number;
  readonly message: number;
  readonly part: (typeof messageParts)[number];
}

/** Of attributes that were checked when the toxic was made. */
export function postgresCutSettings(attributes: Attributes): PostgresCutSettings {
  const { moment, sql, how, side } = attributes;
  const isBlackhole = moment === "blackhole";
  return {
    moment: moment as CutMoment,
    sql: sql === "" ? undefined : new RegExp(String(sql), "i"),
    name: String(attributes["name"]),
    statement: Number(attributes["statement"]),
    transaction: Number(attributes["transaction"]),
    probability: Number(attributes["probability"]),
    side: isBlackhole ? "both" : (side as CutSide),
    how: isBlackhole ? "silent" : (how as CutKind),
    times: Number(attributes["times"]),
    message: Number(attributes["message"]),
    part: attributes["part"] as PostgresCutSettings["part"],
  };
}

function messageProblem({ moment, message }: Attributes): string | undefined {
  const needsOne = moment === "request" || moment === "answer";
  return needsOne && message === 0 ? `message must be 1 or more with moment ${moment}` : undefined;
}

function patternProblem(sql: string): string | undefined {
  try {
    // Only compiled: the constructor throws for what is no regular expression.
    void new RegExp(sql, "i");
    return undefined;
  } catch (error) {
    return `sql is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}
