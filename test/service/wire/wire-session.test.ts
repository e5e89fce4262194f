import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireSession } from "../../../src/service/wire/wire-session.ts";

const message = (type: string, body: string): Buffer => {
  const bytes = Buffer.from(body, "latin1");
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
};

const parseComplete = message("1", "");
const bindComplete = message("2", "");
const columns = message("T", `\0\x01job_id\0${"\0".repeat(6)}\0\0\0\x14${"\0".repeat(8)}`);
const job = (id: string): Buffer =>
  message("D", `\0\x01\0\0\0${String.fromCharCode(id.length)}${id}`);
const complete = message("C", "SELECT 1\0");
const ready = message("Z", "I");
const error = (code: string, severity = "ERROR"): Buffer =>
  message("E", `S${severity}\0V${severity}\0C${code}\0Mno\0\0`);

const statement = { name: "claim", text: "SELECT 1" };
const first = [parseComplete, columns, bindComplete, job("7"), complete, ready];

function open(options: { readonly statementMs?: number } = {}) {
  const written: Buffer[] = [];
  const unasked: Buffer[] = [];
  const session = new WireSession({
    write: (bytes) => void written.push(bytes),
    onUnasked: (bytes) => void unasked.push(bytes),
    statementMs: options.statementMs ?? 10_000,
  });
  return { session, written, unasked };
}

describe("a session", () => {
  it("prepares a statement once, and then only runs it", async () => {
    const { session, written } = open();
    const one = session.execute(statement, []);
    session.take(Buffer.concat(first));
    expect(await one).toEqual({ columns: ["job_id"], types: [20], rows: [[7]], rowCount: 1 });
    const two = session.execute(statement, []);
    session.take(Buffer.concat([bindComplete, job("-8"), complete, ready]));
    expect(await two).toEqual({ columns: ["job_id"], types: [20], rows: [[-8]], rowCount: 1 });
    expect(written.map((bytes) => bytes.toString("latin1", 0, 1))).toEqual(["P", "B"]);
    session.fail(new Error("over"));
  });

  it("sends what goes ahead in the same write, and answers with the statement alone", async () => {
    const { session, written } = open();
    const answer = session.execute(statement, [], "BEGIN");
    expect(written.length).toBe(1);
    expect(written[0]?.toString("latin1", 0, 1)).toBe("Q");
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    session.take(Buffer.concat([message("C", "BEGIN\0"), message("Z", "T")]));
    await Promise.resolve();
    expect(isAnswered).toBe(false);
    session.take(Buffer.concat(first));
    expect(await answer).toEqual({ columns: ["job_id"], types: [20], rows: [[7]], rowCount: 1 });
    session.fail(new Error("over"));
  });

  it("reads the same, however the bytes are cut, and into whatever buffer they come", async () => {
    const bytes = Buffer.concat(first);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
        const { session } = open();
        const answer = session.execute(statement, []);
        const reused = Buffer.alloc(bytes.length);
        const ends = [...cuts, bytes.length].toSorted((a, b) => a - b);
        let from = 0;
        for (const to of ends) {
          const length = bytes.copy(reused, 0, from, to);
          session.take(reused.subarray(0, length));
          reused.fill(0xff);
          from = to;
        }
        expect(await answer).toEqual({
          columns: ["job_id"],
          types: [20],
          rows: [[7]],
          rowCount: 1,
        });
        session.fail(new Error("over"));
      }),
    );
  });

  it("is answered only with ReadyForQuery: what was lost before it is lost, rows or not", async () => {
    const { session } = open();
    const answer = session.execute(statement, []);
    session.take(Buffer.concat(first.slice(0, -1)));
    session.fail(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    await expect(answer).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("an error of the server is what happened, though the connection ends before ReadyForQuery", async () => {
    const { session } = open();
    const answer = session.execute(statement, []);
    session.take(Buffer.concat([parseComplete, columns, error("40001")]));
    session.fail(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    await expect(answer).rejects.toMatchObject({ code: "40001" });
  });

  it("an error that comes after the rows, as a deferred constraint's at commit, is an error", async () => {
    const { session } = open();
    const answer = session.execute(statement, []);
    session.take(Buffer.concat([...first.slice(0, -1), error("23505"), ready]));
    await expect(answer).rejects.toMatchObject({ code: "23505" });
    expect(session.isBusy).toBe(false);
  });

  it("a fatal error rejects at once: nothing follows it", async () => {
    const { session } = open();
    const answer = session.execute(statement, []);
    session.take(error("57P01", "FATAL"));
    await expect(answer).rejects.toMatchObject({ code: "57P01" });
  });

  it("a statement whose preparation failed is prepared again", async () => {
    const { session, written } = open();
    const one = session.execute(statement, []);
    session.take(Buffer.concat([error("42P01"), ready]));
    await expect(one).rejects.toMatchObject({ code: "42P01" });
    const two = session.execute(statement, []);
    session.take(Buffer.concat(first));
    expect((await two).rows).toEqual([[7]]);
    expect(written.map((bytes) => bytes.toString("latin1", 0, 1))).toEqual(["P", "P"]);
    session.fail(new Error("over"));
  });

  it("hands on what nobody asked for, also behind an answer in the same chunk", async () => {
    const { session, unasked } = open();
    const answer = session.simple("SELECT 1");
    session.take(Buffer.concat([complete, ready, error("57P01", "FATAL")]));
    await answer;
    expect(unasked).toEqual([error("57P01", "FATAL")]);
    session.fail(new Error("over"));
  });

  it("refuses what no bot can answer", async () => {
    const { session } = open();
    const answer = session.simple("COPY jobs FROM STDIN");
    session.take(message("G", "\0\0\0"));
    await expect(answer).rejects.toThrow("an answer of a kind that no bot expects: G");
  });

  it("gives up what is not answered in time", async () => {
    const { session } = open({ statementMs: 5 });
    await expect(session.simple("SELECT pg_sleep(30)")).rejects.toThrow(/timeout/);
    session.fail(new Error("over"));
  });
});
