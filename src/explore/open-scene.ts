import { QueueFile } from "./claimer.ts";
import { openModuleScene } from "./module/module-scene.ts";
import type { Scene, SceneOptions } from "./scene.ts";
import { openStrategyScene } from "./strategy/strategy-scene.ts";

/** HarnessError (usage) where what is to be explored does not fit the tables, or cannot be opened. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const { strategy } = options.play;
  if (strategy instanceof QueueFile) return await openModuleScene(strategy, options);
  return await openStrategyScene(strategy, options);
}
