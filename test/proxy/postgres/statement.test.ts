import { describe, expect, it } from "vitest";
import { MessageFramer } from "../../../src/proxy/postgres/framing.ts";
import { StatementTracker } from "../../../src/proxy/postgres/statement.ts";
import type { Statement } from "../../../src/proxy/postgres/statement.ts";
import { wire } from "./wire.ts";

/** Statements of a client that waits for each answer; `status` is what the server says after it. */
function track(...steps: readonly (readonly [Buffer, ("I" | "T" | "E")?])[]): Statement[] {
  const tracker = new StatementTracker();
  const statements: Statement[] = [];
  const both = [new MessageFramer({ headBodyBytes: 4096, untyped: false, noted: "" })] as const;
  const answer = (status: string): void =>
    tracker.fromServer({ type: "Z", totalBytes: 6, body: Buffer.from(status) });
  answer("I");
  for (const [bytes, status] of steps) {
    for (const piece of both[0].feed(bytes)) {
      const statement = piece.kind === "head" ? tracker.fromClient(piece.message) : undefined;
      if (statement !== undefined) statements.push(statement);
    }
    if (status !== undefined) answer(status);
  }
  return statements;
}

describe("StatementTracker", () => {
  it("counts statements and transactions", () => {
    const statements = track(
      [wire.query("SELECT 1"), "I"],
      [wire.query("BEGIN"), "T"],
      [wire.query("UPDATE jobs SET a = 1"), "T"],
      [wire.query("commit"), "I"],
      [wire.query("SELECT 2"), "I"],
    );
    expect(statements.map(({ ordinal, transaction }) => [ordinal, transaction])).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 3],
    ]);
    expect(statements.map(({ endsTransaction }) => endsTransaction)).toEqual([
      "autocommit",
      "no",
      "no",
      "commit",
      "autocommit",
    ]);
  });

  it("finds the text of a prepared statement by its name, as often as it is bound", () => {
    const first = Buffer.concat([wire.parse("claim", "UPDATE jobs"), wire.bind("claim")]);
    const [one, two] = track(
      [Buffer.concat([first, wire.execute(), wire.sync()]), "I"],
      [Buffer.concat([wire.bind("claim"), wire.execute(), wire.sync()]), "I"],
    );
    expect(one).toMatchObject({ name: "claim", sql: "UPDATE jobs", ordinal: 1, answerAfter: 1 });
    expect(two).toMatchObject({ name: "claim", sql: "UPDATE jobs", ordinal: 2, answerAfter: 2 });
  });

  it("keeps count of the answers that pipelined statements wait for", () => {
    const [one, two] = track([Buffer.concat([wire.query("SELECT 1"), wire.query("SELECT 2")])]);
    expect([one?.answerAfter, two?.answerAfter]).toEqual([1, 2]);
  });

  it("believes the server about the end of a block", () => {
    const statements = track(
      [wire.query("BEGIN; SELECT 1; COMMIT"), "I"],
      [wire.query("SELECT 2"), "I"],
    );
    expect(statements.at(-1)).toMatchObject({ transaction: 2, endsTransaction: "autocommit" });
  });

  it.each([
    ["-- a comment\n /* another */ COMMIT", "commit"],
    ["END", "commit"],
    ["ROLLBACK", "rollback"],
    ["ROLLBACK TO SAVEPOINT a", "no"],
    ["/*".repeat(2000), "no"],
    ["SELECT 'commit'", "no"],
  ] as const)("in a block, %s ends it by: %s", (sql, expected) => {
    const [, statement] = track([wire.query("BEGIN"), "T"], [wire.query(sql), "T"]);
    expect(statement?.endsTransaction).toBe(expected);
  });

  it("forgets the oldest prepared statements rather than grow without end", () => {
    const many = Array.from({ length: 600 }, (_, i) => wire.parse(`s${i}`, `SELECT ${i}`));
    const [old, young] = track(
      [Buffer.concat([...many, wire.bind("s0"), wire.sync()]), "I"],
      [Buffer.concat([wire.bind("s599"), wire.sync()]), "I"],
    );
    expect([old?.sql, young?.sql]).toEqual(["", "SELECT 599"]);
  });
});
