import { probeConstraints } from "../../../src/service/constraints.ts";
import { freshTables } from "../../../src/service/tables.ts";
import { collectEvidence } from "../../../src/checks/evidence.ts";
import { judgeStrategy } from "../../../src/checks/judge.ts";
import { HistoryBuilder } from "../../histories/builder.ts";
import type { Row } from "../row.ts";

const dropStatus = "ALTER TABLE jobs DROP CONSTRAINT jobs_status_known";
const dropHolder = "ALTER TABLE jobs DROP CONSTRAINT jobs_holder_matches_status";
const dropFinished = "ALTER TABLE jobs DROP CONSTRAINT jobs_finished_matches_status";
const dropForeignKey = "ALTER TABLE bots DROP CONSTRAINT bots_current_job_exists";
const dropUnique = "DROP INDEX bots_one_per_job";

/** What the real constraints are changed by. */
const weakened: Readonly<Record<string, readonly string[]>> = {
  "no CHECK of the status": [dropStatus],
  "no CHECK of the holder": [dropHolder],
  "no CHECK of the end": [dropFinished],
  "no foreign key from bots to jobs": [dropForeignKey],
  "no unique index on bots": [dropUnique],
  "a CHECK that was never validated": [
    dropStatus,
    `ALTER TABLE jobs ADD CONSTRAINT jobs_status_known CHECK (status IN
       ('pending', 'claimed', 'processing', 'succeeded', 'failed', 'dead')) NOT VALID`,
  ],
  "a foreign key that was never validated": [
    dropForeignKey,
    `ALTER TABLE bots ADD CONSTRAINT bots_current_job_exists
       FOREIGN KEY (current_job_id) REFERENCES jobs (id) ON DELETE SET NULL NOT VALID`,
  ],
  "a CHECK that knows a status too many": [
    dropStatus,
    `ALTER TABLE jobs ADD CONSTRAINT jobs_status_known CHECK (status IN
       ('pending', 'claimed', 'processing', 'succeeded', 'failed', 'dead', 'half-done'))`,
  ],
  "a CHECK of the holder in one direction": [
    dropHolder,
    `ALTER TABLE jobs ADD CONSTRAINT jobs_holder_matches_status
       CHECK (status NOT IN ('claimed', 'processing') OR claimed_by IS NOT NULL)`,
  ],
  "a CHECK of the end in one direction": [
    dropFinished,
    `ALTER TABLE jobs ADD CONSTRAINT jobs_finished_matches_status
       CHECK (status NOT IN ('succeeded', 'failed', 'dead') OR finished_at IS NOT NULL)`,
  ],
  "a foreign key that is looked at too late": [
    dropForeignKey,
    `ALTER TABLE bots ADD CONSTRAINT bots_current_job_exists
       FOREIGN KEY (current_job_id) REFERENCES jobs (id) DEFERRABLE INITIALLY DEFERRED`,
  ],
  "an index that is not unique": [
    dropUnique,
    "CREATE INDEX bots_one_per_job ON bots (current_job_id) WHERE current_job_id IS NOT NULL",
  ],
  "a unique index over too many columns": [
    dropUnique,
    "CREATE UNIQUE INDEX bots_one_per_job ON bots (current_job_id, id)",
  ],
};

export const constraints: readonly Row[] = [
  ...Object.entries(weakened).map(([name, changes]) => set(name, { changes, isWrong: true })),
  set("the constraints as they are", { changes: [], isWrong: false }),
];

interface ConstraintSet {
  readonly changes: readonly string[];
  readonly isWrong: boolean;
}

/** A round in which nothing happened but that the constraints were tried. */
function set(name: string, { changes, isWrong }: ConstraintSet): Row {
  return {
    name,
    kind: "constraints",
    caughtBy: isWrong ? "constraints-hold" : null,
    run: async ({ control }) => {
      await freshTables(control, { constraints: true });
      for (const change of changes) await control.query(change);
      const history = new HistoryBuilder()
        .begin()
        .inspect(await probeConstraints(control))
        .end();
      const [evidence] = collectEvidence(history.header(), history.events);
      if (evidence === undefined) throw new Error("the history has no strategy");
      return judgeStrategy(evidence);
    },
  };
}
