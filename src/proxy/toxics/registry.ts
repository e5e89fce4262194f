import type { ToxicType } from "../toxic-type.ts";
import { bandwidth } from "./bandwidth.ts";
import { latency } from "./latency.ts";
import { limitData } from "./limit-data.ts";
import { limitTime } from "./limit-time.ts";
import { noop } from "./noop.ts";
import { postgresCut } from "./postgres-cut.ts";
import { resetPeer } from "./reset-peer.ts";
import { slicer } from "./slicer.ts";
import { slowClose } from "./slow-close.ts";
import { timeout } from "./timeout.ts";

/** Every type of toxic, by the name the API knows it by. */
export const toxicTypes: ReadonlyMap<string, ToxicType> = new Map<string, ToxicType>(
  [
    bandwidth,
    latency,
    limitData,
    limitTime,
    noop,
    postgresCut,
    resetPeer,
    slicer,
    slowClose,
    timeout,
  ].map((type) => [type.name, type]),
);
