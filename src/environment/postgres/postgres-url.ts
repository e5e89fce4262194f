import { isIP } from "node:net";
import { HarnessError } from "../../base/harness-error.ts";
import { redactUrl } from "../../base/redact-url.ts";
import type { PostgresAddress } from "./postgres-server.ts";

const example = "postgres://user:password@host:5432/database?sslmode=require";

/**
 * A `postgres://` URL as libpq reads it, as far as it names one server and how to log in. The password may come from
 * PGPASSWORD instead, where it is not seen in a list of processes. HarnessError (usage) for anything else.
 */
export function parsePostgresUrl(text: string): PostgresAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw wrongUrl(text, "this is no URL of a PostgreSQL database");
  }
  if (url.hostname === "") throw wrongUrl(text, "the URL names no host, which a proxy needs");
  const user = decoded(text, url.username) || (process.env["PGUSER"] ?? "postgres");
  return {
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 5432 : Number(url.port),
    user,
    password: decoded(text, url.password) || process.env["PGPASSWORD"],
    database: decoded(text, url.pathname.slice(1)) || user,
    ssl: sslOf(text, url),
  };
}

/**
 * libpq's modes. `prefer` tries with TLS and then without; here one of the two has to be said, so it is without.
 * `verify-ca`, which would accept any name in the certificate, is as strict as `verify-full`.
 */
const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

function sslOf(text: string, { hostname, searchParams }: URL): PostgresAddress["ssl"] {
  const known = new Set(["sslmode", disposable]);
  const unknown = [...searchParams.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw wrongUrl(text, `the URL's parameter "${unknown}" is not understood`);
  }
  const mode = searchParams.get("sslmode") ?? "disable";
  if (!sslModes.includes(mode)) throw wrongUrl(text, `sslmode is one of ${sslModes.join(", ")}`);
  if (mode === "require") return { rejectUnauthorized: false };
  if (!mode.startsWith("verify")) return false;
  // An address is not a name that TLS could ask for.
  return isIP(hostname) === 0
    ? { rejectUnauthorized: true, servername: hostname }
    : { rejectUnauthorized: true };
}

/** Ours, not libpq's: the server may be hurt, for nobody else needs it. */
const disposable = "disposable";

/** Whether the URL says that faults may hurt the whole server: `?disposable=true`. */
export function isDisposable(text: string): boolean {
  return URL.canParse(text) && new URL(text).searchParams.get(disposable) === "true";
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrongUrl(text, "a % in the URL is not followed by two hexadecimal digits");
  }
}

function wrongUrl(text: string, what: string): HarnessError {
  const hint = `${example}; special characters in a password are written as %40 for @`;
  return new HarnessError({ kind: "usage", what, where: redactUrl(text), hint });
}
