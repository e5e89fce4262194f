import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectEvidence } from "../../checks/evidence.ts";
import { judgeStrategy } from "../../checks/judge.ts";
import { eventLine } from "../../history/event-line.ts";
import { EventTable } from "../../history/event-table.ts";
import { MessageFramer } from "../../proxy/postgres/framing.ts";
import { benchHistory } from "../bench-history.ts";
import type { Timed } from "../timing.ts";

const events = 6_000;
const messages = 1_000;

/** What needs no database: the checks, the proxy's framing of the protocol, the recording of events. */
export function offlineSuite(): readonly Timed[] {
  return [judging(), framing(), recording(), writing()];
}

/** A history of one round judged by every check: the time of one event. */
function judging(): Timed {
  const { header, events: table } = benchHistory(events);
  return {
    name: "checks/event",
    kind: "sync",
    units: table.length,
    call: () => collectEvidence(header, table).map((evidence) => judgeStrategy(evidence).verdict),
  };
}

/** A stream of rows, cut where no message ends: the time of one message. */
function framing(): Timed {
  const row = Buffer.concat([Buffer.from("D\0\0\0\x14\0\x01\0\0\0\x0a"), Buffer.alloc(10, 0x31)]);
  const stream = Buffer.concat(Array.from({ length: messages }, () => row));
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += 1_000) chunks.push(stream.subarray(at, at + 1_000));
  return {
    name: "framing/message",
    kind: "sync",
    units: messages,
    call: () => {
      const framer = new MessageFramer({ headBodyBytes: 0, untyped: false, noted: "Z" });
      let pieces = 0;
      for (const chunk of chunks) for (const _ of framer.feed(chunk)) pieces++;
      return pieces;
    },
  };
}

/** Taking an event down in memory: what a bot waits for. */
function recording(): Timed {
  return {
    name: "recorder/event",
    kind: "sync",
    units: events,
    call: () => {
      const table = new EventTable();
      for (let n = 0; n < events; n++) {
        table.pushAt(n, { op: "claim", type: "ok", bot: n % 20, job: n, attempt: 1 });
      }
      return table.length;
    },
  };
}

/** Making an event a line and writing it to a file. */
function writing(): Timed {
  const { events: table } = benchHistory(events);
  return {
    name: "recorder/line",
    kind: "sync",
    units: table.length,
    call: () => {
      const folder = mkdtempSync(join(tmpdir(), "doubletake-bench-"));
      const file = openSync(join(folder, "history.ndjson"), "w");
      let lines = "";
      for (let index = 0; index < table.length; index++) lines += `${eventLine(table, index)}\n`;
      writeSync(file, lines);
      closeSync(file);
      rmSync(folder, { recursive: true });
    },
  };
}
