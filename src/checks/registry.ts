import type { Check } from "./check.ts";
import { constraintsHold } from "./constraints-hold.ts";
import { drained } from "./drained.ts";
import { effectOnce } from "./effect-once.ts";
import { enoughEvidence } from "./enough-evidence.ts";
import { fencedSettle } from "./fenced-settle.ts";
import { jobsBotsAgree } from "./jobs-bots-agree.ts";
import { noFalseEmpty } from "./no-false-empty.ts";
import { noHeadOfLineBlock } from "./no-head-of-line-block.ts";
import { noOverClaim } from "./no-over-claim.ts";
import { noOverlap } from "./no-overlap.ts";
import { nothingLeftLocked } from "./nothing-left-locked.ts";
import { nothingLost } from "./nothing-lost.ts";
import { recovered } from "./recovered.ts";
import { rescuedInTime } from "./rescued-in-time.ts";
import { serialKeys } from "./serial-keys.ts";
import { singleGrant } from "./single-grant.ts";
import { terminalStates } from "./terminal-states.ts";
import { verificationQueries } from "./verification-queries.ts";

/** Every check, in the order of reports. A new one is a file beside this one, and a line here. */
export const checks: readonly Check[] = [
  singleGrant,
  noOverlap,
  fencedSettle,
  effectOnce,
  jobsBotsAgree,
  constraintsHold,
  verificationQueries,
  nothingLost,
  noOverClaim,
  terminalStates,
  nothingLeftLocked,
  drained,
  noFalseEmpty,
  noHeadOfLineBlock,
  serialKeys,
  rescuedInTime,
  recovered,
  enoughEvidence,
];
