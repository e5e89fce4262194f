import type { RunResult } from "../result.ts";
import { states } from "./family.ts";
import type { Family } from "./family.ts";

const verdicts = ["passed", "violated", "inconclusive"] as const;

/** What is known of the run as a whole. */
export function runFamilies(result: RunResult): readonly Family[] {
  const verdict = "doubletake_run_verdict";
  return [
    infoFamily(result),
    {
      name: verdict,
      type: "stateset",
      help: "The verdict of all checks together.",
      samples: states(verdict, {}, { all: verdicts, current: result.verdict }),
    },
    {
      name: "doubletake_run_exit_code",
      type: "gauge",
      help: "The exit code: 0 passed, 1 violated, 2 inconclusive, 3 an expectation was missed.",
      samples: [{ labels: {}, value: result.exitCode }],
    },
    {
      name: "doubletake_run_duration_seconds",
      type: "gauge",
      unit: "seconds",
      help: "How long the run took.",
      samples: [{ labels: {}, value: result.durationMs / 1000 }],
    },
    {
      name: "doubletake_expectation",
      type: "stateset",
      help: "What the scenario expects beyond the checks.",
      samples: result.expectations.flatMap(({ text, verdict: current }) =>
        states("doubletake_expectation", { expectation: text }, { all: verdicts, current }),
      ),
    },
  ];
}

function infoFamily({ scenario, environment, ...result }: RunResult): Family {
  return {
    name: "doubletake_run",
    type: "info",
    help: "The run and what it ran on.",
    samples: [
      {
        suffix: "_info",
        labels: {
          scenario: scenario.name,
          seed: String(result.seed),
          started: result.startedAt,
          doubletake: result.doubletake,
          postgres: environment.postgres,
          toxiproxy: environment.toxiproxy,
        },
        value: 1,
      },
    ],
  };
}
