import { unreachable } from "../base/assert.ts";
import { count } from "./number.ts";
import type { ResultFormat } from "./format.ts";
import { xmlText } from "./junit/xml.ts";
import { casesOf } from "./junit/test-case.ts";
import type { TestCase } from "./junit/test-case.ts";
import type { RunResult } from "./result.ts";

/**
 * junit.xml, for CI servers: the suite is the scenario, a case each check of each subject, each control ("was it
 * caught?") and each expectation. What could not be judged is an error and never a pass, so the file has neither failures nor
 * errors exactly where the run exits with 0. Form: the conventions of testmoapp/junitxml.
 */
export const junit: ResultFormat = {
  kind: "result",
  name: "junit",
  isDefault: true,
  render: (result) => ({ "junit.xml": document(result) }),
};

function document(result: RunResult): string {
  const cases = casesOf(result);
  const of = (kind: TestCase["outcome"]["kind"]): number =>
    cases.filter(({ outcome }) => outcome.kind === kind).length;
  const name = xmlText(result.scenario.name);
  const numbers = `tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}" skipped="${of("skipped")}"`;
  const when = `time="${(result.durationMs / 1000).toFixed(3)}" timestamp="${xmlText(result.startedAt.replace(/(\.\d+)?Z$/, ""))}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="doubletake" ${numbers} ${when}>
  <testsuite name="${name}" ${numbers} ${when} file="${xmlText(result.scenario.file)}">
    <properties>
${propertiesOf(result).join("\n")}
    </properties>
${cases.map((each) => caseXml(each, result.scenario.file)).join("\n")}
    <system-out>${xmlText(result.headline)}</system-out>
  </testsuite>
</testsuites>
`;
}

function propertiesOf(result: RunResult): string[] {
  const { environment } = result;
  const properties = {
    verdict: result.verdict,
    seed: String(result.seed),
    replay: result.replay,
    postgres: environment.postgres,
    toxiproxy: environment.toxiproxy,
    machine: `${environment.cpus} x ${environment.cpuModel}, ${environment.platform}`,
    ...Object.fromEntries(
      result.strategies.map(({ name, claims }) => [`claims.${name}`, count(claims.granted)]),
    ),
  };
  return Object.entries(properties).map(
    ([name, value]) => `      <property name="${xmlText(name)}" value="${xmlText(value)}"/>`,
  );
}

function caseXml(each: TestCase, file: string): string {
  const line = each.line === undefined ? "" : ` line="${each.line}"`;
  const open = `    <testcase name="${xmlText(each.name)}" classname="${xmlText(each.className)}" time="0" file="${xmlText(file)}"${line}`;
  const inner = [outcomeXml(each), outputXml(each.output)].filter((text) => text !== "");
  return inner.length === 0 ? `${open}/>` : `${open}>\n${inner.join("\n")}\n    </testcase>`;
}

function outcomeXml({ outcome }: TestCase): string {
  switch (outcome.kind) {
    case "passed":
      return "";
    case "skipped":
      return `      <skipped message="${xmlText(outcome.message)}"/>`;
    case "failure":
    case "error": {
      const { kind, type, message, detail } = outcome;
      return `      <${kind} message="${xmlText(message)}" type="${type}">${xmlText(detail)}</${kind}>`;
    }
    default:
      return unreachable(outcome);
  }
}

function outputXml(output: string): string {
  return output === "" ? "" : `      <system-out>${xmlText(output)}</system-out>`;
}
