import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { StatementLog } from "../../src/history/statement-log.ts";
import { readStatements } from "../../src/history/statement-reader.ts";

const folder = mkdtempSync(join(tmpdir(), "doubletake-statements-"));
const file = join(folder, "statements.ndjson");
afterAll(() => rmSync(folder, { recursive: true }));

const header = '{"format":"doubletake-statements","version":1}\n';
const statement = { bot: 3, from: 10, to: 20, name: "find", rows: 1, job: 17 };
const refused = { bot: 4, from: 12, to: 25, name: "mark", code: "40001" };
const wait = { bot: 4, from: 13, to: 14, waitsFor: [3] };

describe("the statements of a run", () => {
  it("are read as they were noted, and nothing is kept after the end", async () => {
    const log = await StatementLog.create(file);
    for (const line of [statement, wait, refused]) log.note(line);
    await log.close();
    log.note(statement);
    await log.close();
    expect(await readStatements(folder)).toEqual({
      statements: [statement, refused],
      waits: [wait],
      warnings: [],
    });
    expect(await readStatements(join(folder, "history.ndjson"))).not.toBeNull();
  });

  it("are none where the run did not note any", async () => {
    expect(await readStatements(tmpdir())).toBeNull();
  });

  it("of a run that was killed lack the last line, which is told", async () => {
    writeFileSync(file, `${header}${JSON.stringify(statement)}\n{"bot":3,"fr`);
    const read = await readStatements(folder);
    expect(read?.statements).toEqual([statement]);
    expect(read?.warnings).toHaveLength(1);
  });

  it.each([
    ['{"format":"doubletake-history"}\n', /statements\.ndjson:1: the header's/],
    [`${header}{"bot":3,"from":1}\n`, /statements\.ndjson:2: the line is neither/],
    [`${header}${JSON.stringify({ ...statement, to: 9 })}\n`, /ends before it begins/],
    [`${header}nonsense\n{}\n`, /statements\.ndjson:2: the line is not JSON/],
  ])("are refused where they are none: %j", async (text, message) => {
    writeFileSync(file, text);
    await expect(readStatements(folder)).rejects.toThrow(message);
  });

  it("that cannot be written are told of at the end", async () => {
    await expect(StatementLog.create(join(folder, "nowhere", "file"))).rejects.toThrow(
      /the list of statements cannot be written/,
    );
    expect(readFileSync(file, "utf8")).toContain("nonsense");
  });
});
