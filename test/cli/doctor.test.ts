import { existsSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { doctorCommand } from "../../src/cli/doctor.ts";
import { startEmbeddedPostgres } from "../../src/environment/postgres/embedded.ts";
import { startHost } from "../environment/host.ts";
import { killGuard } from "../environment/processes.ts";
import { useTemporaryFolder } from "../environment/temporary-folder.ts";
import { needsLinux } from "../setup/machine.ts";

useTemporaryFolder();

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

interface Answer {
  readonly ok: boolean;
  readonly findings: readonly { name: string; status: string; text: string }[];
  readonly leftovers: readonly string[];
  readonly removed: readonly string[];
}

/** What the command prints. */
async function print(...flags: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await doctorCommand().parseAsync(flags, { from: "user" });
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join("");
  write.mockRestore();
  return text;
}

async function ask(...flags: string[]): Promise<Answer> {
  return JSON.parse(await print("--json", ...flags)) as Answer;
}

test("tells what was tried, as text and as JSON", async () => {
  vi.stubEnv("TOXIPROXY_SERVER", "/no/such/program");
  const text = await print();
  expect(process.exitCode).toBe(0);
  expect(text).toMatch(/✓ embedded PostgreSQL +18\.\d+, runs as \w+, up in \d+ ms\n/);
  expect(text).toMatch(/✓ embedded Toxiproxy +2\.12\.0-doubletake/);
  expect(text).toMatch(/- toxiproxy-server .*\/no\/such\/program/);
  expect(text).toMatch(/This machine can run doubletake\.\n$/);
  const answer = await ask();
  expect(answer.findings.map(({ name }) => name)).toEqual([
    "Node.js",
    "processors",
    "clock",
    "temporary folder",
    "embedded PostgreSQL",
    "embedded Toxiproxy",
    "Docker",
    "toxiproxy-server",
  ]);
  expect(answer).toMatchObject({ ok: true, leftovers: [], removed: [] });
  vi.stubEnv("TOXIPROXY_SERVER", undefined);
});

test("a database that does not answer is exit code 69, without the password", async () => {
  const text = await print("--postgres", "postgres://me:secret@127.0.0.1:1/x");
  expect(process.exitCode).toBe(69);
  expect(text).toMatch(/✗ --postgres +nothing listens there/);
  expect(text).not.toContain("secret");
});

test.runIf(needsLinux("leftovers that doctor finds"))(
  "what killed runs left is shown, and removed only when that is asked for",
  async () => {
    await using server = await startEmbeddedPostgres({
      server: "embedded",
      settings: {},
      image: "",
    });
    const { user, password, port } = { ...server.address };
    const url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`;
    const embedded = await startHost({ request: { kind: "postgres", server: "embedded" } });
    const existing = await startHost({ request: { kind: "postgres", server: url } });
    const folder = String(embedded.said["folder"]);
    await killGuard(folder);
    await embedded.kill("SIGKILL");
    await existing.kill("SIGKILL");
    expect(await ask()).toMatchObject({ ok: true, leftovers: [folder], removed: [] });
    expect(existsSync(folder)).toBe(true);
    const { removed, leftovers } = await ask("--clean", "--postgres", url);
    expect(removed).toEqual([folder, existing.said["schema"]]);
    expect(leftovers).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  },
);
