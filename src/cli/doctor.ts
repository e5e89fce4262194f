import { Command } from "commander";
import { dockerEngine, removeLeftoverContainers } from "../environment/docker-engine.ts";
import { removeLeftovers, runFolders } from "../environment/leftovers.ts";
import { parsePostgresUrl } from "../environment/postgres/postgres-url.ts";
import { dropLeftoverSchemas } from "../environment/postgres/run-schema.ts";
import { exitCodes } from "./exit-code.ts";
import type { Finding } from "./doctor/finding.ts";
import { machineFindings } from "./doctor/machine.ts";
import { serverFindings } from "./doctor/servers.ts";

interface Flags {
  readonly clean?: true;
  readonly postgres?: string;
  readonly json?: true;
}

interface Examination {
  /** Whether the main job can be run here. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** Folders of runs that were killed; without `--clean` they are still there. */
  readonly leftovers: readonly string[];
  /** What `--clean` removed: folders, containers, and schemas of the server at `--postgres`. */
  readonly removed: readonly string[];
}

/** `doubletake doctor`: what this machine can run, found out by doing it. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("tell what this machine can run, and remove what killed runs left")
    .option("--clean", "remove the servers, folders and schemas of runs that were killed")
    .option("--postgres <url>", "try this database too; with --clean, drop leftover schemas there")
    .option("--json", "print one JSON document")
    .action(async (flags: Flags) => {
      const examination = await examine(flags);
      process.stdout.write(
        flags.json ? `${JSON.stringify(examination, null, 2)}\n` : render(examination),
      );
      process.exitCode = examination.ok ? exitCodes.passed : exitCodes.environment;
    });
}

async function examine(flags: Flags): Promise<Examination> {
  const folders = await runFolders();
  const dead = folders.filter((folder) => folder.state === "dead").map((folder) => folder.path);
  const removed = flags.clean ? await clean(flags.postgres) : [];
  const findings = [...(await machineFindings()), ...(await serverFindings(flags.postgres))];
  return {
    ok: findings.every((finding) => finding.status !== "failed"),
    findings,
    leftovers: dead.filter((path) => !removed.includes(path)),
    removed,
  };
}

async function clean(postgres: string | undefined): Promise<readonly string[]> {
  const engine = await dockerEngine().catch(() => null);
  return [
    ...(await removeLeftovers()),
    ...(engine === null ? [] : await removeLeftoverContainers(engine)),
    ...(postgres === undefined ? [] : await dropLeftoverSchemas(parsePostgresUrl(postgres))),
  ];
}

const signs = { ok: "✓", missing: "-", failed: "✗" } as const;

function render({ ok, findings, leftovers, removed }: Examination): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ status, name, text, hint }) => {
    const line = `${signs[status]} ${name.padEnd(width)}  ${text}`;
    return hint === undefined ? line : `${line}\n  ${" ".repeat(width)}  hint: ${hint}`;
  });
  const left = leftovers.map((path) => `left by a killed run: ${path}`);
  if (left.length > 0) left.push("  hint: `doubletake doctor --clean` removes it");
  const gone = removed.map((name) => `removed: ${name}`);
  const verdict = ok ? "This machine can run doubletake." : "This machine cannot run doubletake.";
  return [...lines, ...left, ...gone, verdict, ""].join("\n");
}
