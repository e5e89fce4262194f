import { combinationFindings } from "./combinations.ts";
import { parseExpectation } from "./expectation.ts";
import type { FaultCatalogue } from "./fault-catalogue.ts";
import { readFaultLine } from "./fault-line.ts";
import { problemsError } from "./problem.ts";
import type { Finding, Path, Problem } from "./problem.ts";
import { readLoad, readProducer, readThink, readWork } from "./read-load.ts";
import type { ClaimsSpec, FaultSpec, RetrySpec, Scenario, SteadyState } from "./scenario.ts";
import { readRepeat } from "./repeat.ts";
import { readWake } from "./wake-key.ts";
import { anyFaultLine, scenarioFileSchema } from "./scenario-file.ts";
import type { ScenarioFile } from "./scenario-file.ts";
import { checkAgainst } from "./schema-findings.ts";
import { readYaml } from "./yaml-file.ts";
import type { SourceText, YamlFile } from "./yaml-file.ts";

/**
 * Reads a scenario file: syntax, then keys and units, then combinations. HarnessError (usage) with every problem of
 * the file, each at its `file:line:column` and with a hint.
 */
export function readScenario(source: SourceText, catalogue: FaultCatalogue): Scenario {
  const yaml = readYaml(source);
  if (!isMapping(yaml.value)) throw notAScenario(source.file, yaml);
  const { content, findings } = readContent(yaml.value);
  const lines = readFaultLines(yaml, catalogue);
  const scenario =
    content === undefined ? undefined : toScenario(content, lines.faults, { ...source, ...yaml });
  const combinations = scenario === undefined ? [] : combinationFindings(scenario);
  const expectations = expectationFindings(yaml);
  const all = [...findings, ...lines.findings, ...expectations, ...combinations];
  if (scenario !== undefined && all.length === 0) return scenario;
  throw problemsError(
    source.file,
    all.map((finding) => toProblem(finding, yaml)),
  );
}

function notAScenario(file: string, yaml: YamlFile): Error {
  const what = yaml.value === null ? "the file is empty" : "the file is not a mapping of keys";
  const hint = "a scenario needs at least name, strategies, jobs, bots and load";
  return problemsError(file, [{ position: yaml.position([]), what, hint }]);
}

const fileSchema = scenarioFileSchema(anyFaultLine);

/** The content as far as it can be read: with nothing worse than unknown keys, all that is known. */
function readContent(value: object): {
  content: ScenarioFile | undefined;
  findings: readonly Finding[];
} {
  const checked = checkAgainst(fileSchema, value, { path: [] });
  if (checked.ok) return { content: checked.value, findings: [] };
  const { findings } = checked;
  if (!findings.every((finding) => finding.separable)) return { content: undefined, findings };
  const known = structuredClone(value);
  for (const { path } of findings) removeAt(known, path);
  const again = checkAgainst(fileSchema, known, { path: [] });
  return { content: again.ok ? again.value : undefined, findings };
}

function removeAt(value: object, path: Path): void {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((node, key) => Reflect.get(node as object, key), value);
  Reflect.deleteProperty(parent as object, path.at(-1) ?? "");
}

/** The lines that are right, and what is wrong with the others. A line that is no mapping is the file schema's. */
function readFaultLines(
  yaml: YamlFile,
  catalogue: FaultCatalogue,
): { faults: readonly FaultSpec[]; findings: readonly Finding[] } {
  const faults: FaultSpec[] = [];
  const findings: Finding[] = [];
  for (const [index, line] of listAt(yaml, "faults").entries()) {
    if (!isMapping(line)) continue;
    const path = ["faults", index];
    const read = readFaultLine(line, path, catalogue);
    if (read.ok) faults.push({ ...read.value, position: yaml.position(path) });
    else findings.push(...read.findings);
  }
  return { faults, findings };
}

/** What is wrong with each expectation by itself; a line that is no text is the file schema's. */
function expectationFindings(yaml: YamlFile): Finding[] {
  return listAt(yaml, "expect").flatMap((text, index) => {
    const parsed = typeof text === "string" ? parseExpectation(text) : undefined;
    if (parsed === undefined || parsed.ok) return [];
    return [{ path: ["expect", index], what: parsed.what, hint: parsed.hint }];
  });
}

function listAt(yaml: YamlFile, key: string): readonly unknown[] {
  const list: unknown = Reflect.get(yaml.value as object, key);
  return Array.isArray(list) ? list : [];
}

function toScenario(
  content: ScenarioFile,
  faults: readonly FaultSpec[],
  { file, position }: { readonly file: string; readonly position: YamlFile["position"] },
): Scenario {
  const {
    deadlines,
    seed,
    claims,
    rescue,
    retry,
    steadyState,
    target,
    warmUp,
    enqueue,
    calibrate,
    repeat,
    ...rest
  } = content;
  const { count, work, ...kinds } = content.jobs;
  const { think, hosts, wake, ...bots } = content.bots;
  return {
    ...rest,
    ...readRepeat(repeat),
    ...(steadyState === undefined ? {} : { steadyState: toSteadyState(steadyState) }),
    file,
    ...(target.kind === "reference" ? {} : { target }),
    ...(seed === undefined ? {} : { seed }),
    jobs: { count, ...readWork(work), ...kinds },
    bots: { ...bots, ...readThink(think), ...(hosts > 0 && { hosts }), ...readWake(wake) },
    load: readLoad(content.load),
    ...lifecycleOf({ claims, rescue, retry }),
    ...(enqueue === undefined ? {} : { enqueue: readProducer(enqueue) }),
    ...(calibrate ? { calibrate } : {}),
    ...(warmUp === 0 ? {} : { warmUpMs: warmUp }),
    faults,
    expect: content.expect.map((text, index) => ({ text, position: position(["expect", index]) })),
    deadlines: {
      loadMs: deadlines.load,
      drainMs: deadlines.drain,
      statementMs: deadlines.statement,
    },
  };
}

/** What the file does not say stays unsaid: the plan of a run holds only what was asked for. */
function lifecycleOf({
  claims,
  rescue,
  retry,
}: Pick<ScenarioFile, "claims" | "rescue" | "retry">): Pick<
  Scenario,
  "claims" | "rescue" | "retry"
> {
  return {
    ...(claims && { claims: claimsOf(claims) }),
    ...(rescue && { rescue: { everyMs: rescue.every } }),
    ...(retry && { retry: retryOf(retry) }),
  };
}

function claimsOf({ lease, heartbeat, limit }: NonNullable<ScenarioFile["claims"]>): ClaimsSpec {
  return { leaseMs: lease, ...(heartbeat && { heartbeatMs: heartbeat }), limit };
}

function retryOf({ base, cap, ...rest }: NonNullable<ScenarioFile["retry"]>): RetrySpec {
  return { baseMs: base, capMs: cap, ...rest };
}

function toSteadyState({
  claims,
  errors,
  within,
}: NonNullable<ScenarioFile["steadyState"]>): SteadyState {
  return { claims, errors, withinMs: within };
}

function toProblem(finding: Finding | Problem, yaml: YamlFile): Problem {
  if ("position" in finding) return finding;
  const { what, hint } = finding;
  return { position: yaml.position(finding.path, finding.at), what, hint };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
