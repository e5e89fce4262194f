import type { Clock } from "../../base/clock.ts";
import type { ControlDatabase } from "../control-database.ts";

/** One reading of both clocks at the same moment, as nearly as can be told. */
export interface ClockReading {
  /** Microseconds since 1970, as the server's clock has it: a number that holds nanoseconds would not be exact. */
  readonly serverUs: number;
  /** Nanoseconds on the run's clock. */
  readonly runNs: number;
  /** Half the round trip of the question: the server may have looked at its clock at any moment of it. */
  readonly uncertaintyNs: number;
}

/** The shortest round trip of a few says most; more of them rarely say more. */
const questions = 5;

export async function readClocks(control: ControlDatabase, clock: Clock): Promise<ClockReading> {
  return await control.withConnection(async (client) => {
    let best: ClockReading | undefined;
    for (let question = 0; question < questions; question++) {
      const askedAt = clock.now();
      const { rows } = await client.query<{ us: string }>(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us",
      );
      const uncertaintyNs = (clock.now() - askedAt) / 2;
      const reading = {
        serverUs: Number(rows[0]?.us),
        runNs: askedAt + uncertaintyNs,
        uncertaintyNs,
      };
      if (best === undefined || uncertaintyNs < best.uncertaintyNs) best = reading;
    }
    return best as ClockReading;
  });
}

/** The server's time on the run's clock. */
export interface ServerTime {
  toRunNs(serverUs: number): number;
  readonly uncertaintyNs: number;
}

/**
 * From a reading at the beginning of a round and one at its end. What the clocks have moved against each other between
 * the two (a clock that was set, two machines whose clocks run at different speeds) is part of the uncertainty.
 */
export function serverTime(first: ClockReading, last: ClockReading): ServerTime {
  const movedNs = (last.serverUs - first.serverUs) * nsPerUs - (last.runNs - first.runNs);
  const uncertaintyNs = Math.max(first.uncertaintyNs, last.uncertaintyNs) + Math.abs(movedNs) / 2;
  return {
    toRunNs: (serverUs) =>
      Math.round(first.runNs + (serverUs - first.serverUs) * nsPerUs - movedNs / 2),
    uncertaintyNs: Math.ceil(uncertaintyNs),
  };
}

const nsPerUs = 1_000;
