import { formatDurationMs } from "../scenario/duration.ts";
import type { Wake, WakeByRole } from "../scenario/wake.ts";

/** "told of jobs, asking after 500ms (controls: told of jobs, by a listener that stays lost)". */
export function describeWake({ subject, control }: WakeByRole): string {
  const [all, other] = [describeOne(subject), describeOne(control)];
  return all === other ? all : `${all} (controls: ${other})`;
}

function describeOne(wake: Wake): string {
  if (wake.kind === "poll") {
    const { everyMs } = wake;
    return everyMs === undefined ? "asking again" : `asking every ${formatDurationMs(everyMs)}`;
  }
  const { pollMs, reconnect, catchUp } = wake;
  return [
    "told of jobs",
    ...(pollMs === undefined ? [] : [`asking after ${formatDurationMs(pollMs)}`]),
    ...(reconnect ? [] : ["by a listener that stays lost"]),
    ...(reconnect && !catchUp ? ["not looking when the listener is back"] : []),
  ].join(", ");
}
