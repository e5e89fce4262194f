import { benchstat } from "./benchstat.ts";
import type { Format, ResultFormat } from "./format.ts";
import { hdrHistogram } from "./hdr-histogram.ts";
import { html } from "./html.ts";
import { jepsen } from "./jepsen.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { openMetrics } from "./openmetrics.ts";
import { pgbenchLog } from "./pgbench-log.ts";
import { terminal } from "./terminal.ts";

/** Every way to write a run, by the name `report --format` takes. A new one is one file and one line here. */
export const formats = {
  json,
  terminal,
  markdown,
  html,
  junit,
  openmetrics: openMetrics,
  hgrm: hdrHistogram,
  benchstat,
  pgbench: pgbenchLog,
  edn: jepsen,
} satisfies Readonly<Record<string, Format>>;
export type FormatName = keyof typeof formats;

/** What a run leaves beside its history. */
export const defaultFormats: readonly ResultFormat[] = Object.values(formats).filter(
  (format) => format.kind === "result" && format.isDefault,
) as readonly ResultFormat[];
