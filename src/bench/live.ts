import { RoundMeter } from "../report/live/round-meter.ts";
import { EventTable } from "../history/event-table.ts";
import { benchHistory } from "./bench-history.ts";

/**
 * What watching a run costs, all of it on the thread that drives the bots: `npm run bench:live`. Recording an event is
 * measured beside it, since that is what a bot does anyway.
 */
const events = 1_000_000;

const { events: source } = benchHistory(events);
const observations = Array.from({ length: source.length }, (_, index) => source.event(index));
measure();
const { recordNs, readNs } = measure();
process.stdout.write(
  `recording ${recordNs.toFixed(0)} ns an event, watching ${readNs.toFixed(0)} ns an event more\n`,
);

/** Events come in as they do in a run, and are read ten times a second: every 5,000 events at 50,000 a second. */
function measure(): { readonly recordNs: number; readonly readNs: number } {
  const table = new EventTable();
  const meter = new RoundMeter(table);
  let readMs = 0;
  const startedAt = performance.now();
  for (const [place, event] of observations.entries()) {
    table.pushAt(event.t, event);
    if (place % 5_000 !== 0) continue;
    const before = performance.now();
    meter.read();
    readMs += performance.now() - before;
  }
  const allMs = performance.now() - startedAt;
  const perEvent = 1e6 / observations.length;
  return { recordNs: (allMs - readMs) * perEvent, readNs: readMs * perEvent };
}
