import { createHash } from "node:crypto";
import type { Backend } from "./backend.ts";
import { cString, messages, readCString, replacedStart } from "./messages.ts";
import type { TypedMessage } from "./messages.ts";

/** A name that no statement has: closing it is answered like any Close, and does nothing. */
const noStatement = "pool_none";
const statementKind = "S".charCodeAt(0);

/**
 * The prepared statements of one client, wherever its transactions go. As in PgBouncer since 1.21, a statement has a name
 * of the pool's on the backends, made of its text, and is prepared on a backend when it is first needed there.
 */
export class ClientStatements {
  /** By the client's name: what follows the name in its Parse. */
  readonly #parses = new Map<string, Buffer>();

  /** Passes the message on, in terms of the backend. False: it is too large for that. */
  send(message: TypedMessage, bytes: Buffer, backend: Backend): boolean {
    switch (message.type) {
      case "P":
        return this.#parse(message, bytes, backend);
      case "B":
        return this.#bind(message, bytes, backend);
      case "D":
      case "C":
        return this.#describeOrClose(message, bytes, backend);
      default:
        backend.send(message.type, bytes);
        return true;
    }
  }

  #parse(message: TypedMessage, bytes: Buffer, backend: Backend): boolean {
    const name = readCString(message.body, 0);
    if (name === undefined || name.text === "") backend.send("P", bytes);
    else {
      if (message.totalBytes > bytes.length) return false;
      const rest = Buffer.from(message.body.subarray(name.end));
      this.#parses.set(name.text, rest);
      // Where it is there already, something else is sent whose answer keeps the order, and becomes this one's.
      if (!prepare(backend, rest, "pass")) {
        backend.send("C", messages.closeStatement(noStatement), "as-parse-complete");
      }
    }
    return true;
  }

  #bind(message: TypedMessage, bytes: Buffer, backend: Backend): boolean {
    const portal = readCString(message.body, 0);
    const name = portal && readCString(message.body, portal.end);
    const parse = name && this.#parses.get(name.text);
    if (portal === undefined || name === undefined || parse === undefined) backend.send("B", bytes);
    else {
      prepare(backend, parse, "drop");
      const start = Buffer.concat([cString(portal.text), cString(poolName(parse))]);
      backend.send("B", replacedStart(message, start, name.end));
    }
    return true;
  }

  #describeOrClose(message: TypedMessage, bytes: Buffer, backend: Backend): boolean {
    const name = message.body[0] === statementKind ? readCString(message.body, 1) : undefined;
    const parse = name && this.#parses.get(name.text);
    if (name === undefined || parse === undefined) backend.send(message.type, bytes);
    else if (message.type === "C") {
      // Other clients may use it on this backend.
      this.#parses.delete(name.text);
      backend.send("C", messages.closeStatement(noStatement));
    } else {
      prepare(backend, parse, "drop");
      const start = Buffer.concat([Buffer.from("S"), cString(poolName(parse))]);
      backend.send("D", replacedStart(message, start, name.end));
    }
    return true;
  }
}

function prepare(backend: Backend, parse: Buffer, fate: "pass" | "drop"): boolean {
  const name = poolName(parse);
  return backend.prepare(name, messages.parse(name, parse), fate);
}

function poolName(parse: Buffer): string {
  return `pool_${createHash("sha1").update(parse).digest("hex")}`;
}
