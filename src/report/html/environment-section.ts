import { milliseconds, rate } from "../number.ts";
import type { RunResult } from "../result.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { dataTable } from "./table.ts";

/** What the run ran on, without which its numbers mean nothing, and how to do it again. */
export function environmentSection(result: RunResult): Markup {
  const { environment } = result;
  const facts = [
    ["PostgreSQL", environment.postgres],
    ["Toxiproxy", environment.toxiproxy],
    ["machine", `${environment.cpus} × ${environment.cpuModel}, ${environment.platform}`],
    ["Node", environment.node],
    ["load generator", generatorText(result)],
    ["doubletake", result.doubletake],
    ...Object.entries(environment.versions).filter(([name]) => name !== "doubletake"),
  ];
  const settings = Object.entries(environment.settings).map(([name, value]) => [
    markup`<code>${name}</code>`,
    value,
  ]);
  return markup`${dataTable({ caption: "What the run ran on", headings: ["part", "what it was"], rows: facts })}
${settings.length > 0 && markup`<h3>Server settings</h3>${dataTable({ caption: "Settings that matter to durability and speed, and all that the scenario changed", headings: ["setting", "value"], rows: settings })}`}
<h3>Do it again</h3>
<p>Scenario <code>${result.scenario.file}</code>, seed <code>${result.seed}</code>:</p>
<pre><code>${result.replay}</code></pre>`;
}

function generatorText({ generator }: RunResult): string {
  if (generator === null || generator === undefined) return "not measured in this run";
  const { eventLoopDelayMsP99, cpuShare, isBottleneck } = generator;
  const numbers = `event loop delay p99 ${milliseconds(eventLoopDelayMsP99)}, ${rate(cpuShare)} cores`;
  return isBottleneck ? `${numbers}: it was the bottleneck` : `${numbers}: not the bottleneck`;
}
