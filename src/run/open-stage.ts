import type { Stage, StageOptions } from "./stage.ts";
import { ForeignStage } from "./stages/foreign-stage.ts";
import { ModuleStage } from "./stages/module-stage.ts";
import { ReferenceStage } from "./stages/reference-stage.ts";
import { ServedStage } from "./stages/served-stage.ts";

/** By the scenario's `target`: the reference service called in this process or over HTTP, a service of somebody else's, or a module. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { target } = options.scenario;
  if (target === undefined) return new ReferenceStage(options);
  if (target.kind === "module") return await ModuleStage.open(options, target);
  if (target.services === undefined) return await ServedStage.open(options, target);
  return await ForeignStage.open(options, target);
}
