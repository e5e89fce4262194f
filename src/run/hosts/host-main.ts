import { Socket } from "node:net";
import { assert } from "../../base/assert.ts";
import { startClock } from "../../base/clock.ts";
import { readJsonLines } from "./host-message.ts";
import type { HostCommand, HostSpec } from "./host-message.ts";
import { HostedBots } from "./hosted-bots.ts";
import { ReportStream } from "./report-stream.ts";

/** The pipes that `GuardedProcess` gives its process. */
const reportsFd = 3;
const commandsFd = 4;

/** A process with bots of a round in it. It ends when its parent closes the pipe of commands, or dies. */
const ending = new AbortController();
let hosted: HostedBots | undefined;

// Whatever goes wrong here ends the process: the parent sees that it did, and what it printed.
process.on("unhandledRejection", (error) => {
  throw error;
});

const commands = new Socket({ fd: commandsFd, readable: true, writable: false });
commands.on(
  "data",
  readJsonLines((message) => follow(message as HostCommand)),
);
commands.on("close", () => void end());

function follow(command: HostCommand): void {
  if (command.do === "set-up") return setUp(command);
  assert(hosted !== undefined, "a host is set up before it is given tasks");
  if (command.do === "stop") hosted.stop(command.task);
  else void hosted.take(command.task, command);
}

function setUp(spec: HostSpec): void {
  const clock = startClock(BigInt(spec.originNs));
  const nothing = { statements: 0, roundTrips: 0 };
  const stream = new ReportStream(reportsFd, clock, () => hosted?.cost ?? nothing);
  hosted = new HostedBots(spec, clock, stream);
  void stream.tick(ending.signal);
}

async function end(): Promise<void> {
  await hosted?.[Symbol.asyncDispose]();
  ending.abort();
  // Not a moment longer, whatever a connection that did not close in time still waits for.
  setImmediate(() => setImmediate(() => process.exit()));
}
