import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModuleTarget } from "../../../src/targets/module/module-target.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "doubletake-module-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const context = {
  databaseUrl: "postgres://x",
  controlUrl: "postgres://x",
  schema: "x",
  pool: new Pool(),
  bots: 2,
  leaseMs: 1000,
  seed: 1,
};
let files = 0;

/** Opens a module with this body of its default export. */
async function open(body: string, timeoutMs = 10_000): Promise<ModuleTarget> {
  const file = join(folder, `queue-${++files}.mjs`);
  writeFileSync(file, body);
  return await ModuleTarget.open({ file, context, timeoutMs, setUpMs: 500 });
}

const queue = (methods: string): string =>
  `export default async (context) => ({ enqueue: async (n) => Array.from({ length: n }, (_, i) => i + 1), claim: async () => null, complete: async () => true, ${methods} });`;

describe("a queue in a module", () => {
  it("is asked for jobs, and told what became of them", async () => {
    await using target = await open(
      queue(`claim: async (bot, { limit }) => [{ job: 7, attempt: 2, handle: { bot, limit } }],
        complete: async (bot, { handle }, result) => handle.bot === bot && result === 7,
        start: async () => false`),
    );
    expect(await target.enqueue(3)).toEqual({ jobs: [[1, 3]] });
    const claim = { job: 7, attempt: 2 };
    expect(await target.claim(4)).toEqual({ kind: "ok", value: [claim] });
    expect(await target.start(4, claim)).toEqual({ kind: "empty" });
    const complete = { kind: "complete", result: 7 } as const;
    expect(await target.settle({ bot: 4, claim }, complete)).toEqual({ kind: "ok", value: null });
    expect(await target.settle({ bot: 5, claim }, complete)).toEqual({ kind: "empty" });
    expect([...target.capabilities]).toEqual([]);
  });

  it.each([
    ["throws", "throw new Error('gone')", { kind: "unknown", code: "THROWN", message: "gone" }],
    [
      "says that it failed",
      "throw Object.assign(new Error('no'), { outcome: 'failed', code: 'X1' })",
      { kind: "failed", code: "X1", retryable: false },
    ],
    [
      "lost a race",
      "throw Object.assign(new Error('no'), { outcome: 'failed', retryable: true })",
      { kind: "failed", retryable: true },
    ],
    ["never answers", "return new Promise(() => {})", { kind: "unknown" }],
    ["has nothing", "return []", { kind: "empty" }],
  ])("that %s: what it comes to", async (_what, body, outcome) => {
    await using target = await open(queue(`claim: async () => { ${body} }`), 100);
    expect(await target.claim(1)).toMatchObject(outcome);
  });

  it("can do what it has methods for", async () => {
    await using target = await open(
      queue("resume: async () => [{ job: 3 }], rescue: async () => [], fail: async () => true"),
    );
    expect([...target.capabilities].toSorted()).toEqual(["fail", "rescue", "resume"]);
    expect(await target.resume(1)).toMatchObject({
      kind: "ok",
      value: [{ job: 3, status: "claimed" }],
    });
    expect(await target.rescue()).toEqual({ kind: "empty" });
  });

  it.each([
    ["enqueue", "enqueue: async () => { throw new Error('full') }", "its enqueue failed: full"],
    ["reset", "reset: async () => { throw 'no table' }", "its reset failed: no table"],
    ["enqueue", "enqueue: () => new Promise(() => {})", "the module's enqueue did not finish"],
  ])("whose %s fails is told of by name", async (call, methods, message) => {
    await using target = await open(queue(methods));
    const failed = call === "reset" ? target.reset() : target.enqueue(1);
    await expect(failed).rejects.toThrow(message);
  });

  it.each([
    ["has no default export", "export const x = 1;", "it has no default export to open"],
    ["never opens", "export default () => new Promise(() => {})", "did not finish within 500 ms"],
    ["is no JavaScript", "export default (", "the module cannot be opened"],
    [
      "cannot be opened",
      "export default async () => { throw new Error('no server'); }",
      "no server",
    ],
    [
      "lacks what a queue needs",
      "export default async () => ({ enqueue() {} })",
      "it has no claim, complete",
    ],
  ])("that %s is one clear message", async (_what, body, message) => {
    await expect(open(body)).rejects.toThrow(message);
  });

  it.each([
    [
      "fewer ids than asked for",
      "enqueue: async () => [1]",
      (target: ModuleTarget) => target.enqueue(2),
      "2 ids",
    ],
    [
      "a job that is no number",
      "claim: async () => ({ job: 'a' })",
      (target: ModuleTarget) => target.claim(1),
      "whole numbers",
    ],
    [
      "a rescue that is no list of claims",
      "rescue: async () => ({ job: 'a' })",
      (target: ModuleTarget) => target.rescue(),
      "whole numbers",
    ],
  ])("that answers %s is stopped at", async (_what, method, call, message) => {
    await using target = await open(queue(method));
    await expect(call(target)).rejects.toThrow(message);
  });
});
