/** A PostgreSQL to test on: started by us or somebody else's. */
export interface PostgresServer extends AsyncDisposable {
  readonly kind: "embedded" | "docker" | "existing";
  /** "PostgreSQL 18.4, embedded", for reports; never holds a secret. */
  readonly description: string;
  readonly version: string;
  /** How to reach the server itself, past every proxy. */
  readonly address: PostgresAddress;
  /** The schema that holds every table of the run; ours, created for it. */
  readonly schema: string;
  readonly capabilities: ReadonlySet<PostgresCapability>;
  /** Stops the server or drops our schema. Idempotent, waits, and is what `Symbol.asyncDispose` calls. */
  stop(): Promise<void>;
}

/** The fields of a `pg` client's configuration that name a server. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database: string;
  readonly ssl?: boolean | TlsSettings | undefined;
}

export interface TlsSettings {
  readonly rejectUnauthorized: boolean;
  /** The name that the certificate has to bear, which is not the proxy's that a bot connects to. */
  readonly servername?: string;
}

export type PostgresCapability =
  /** Our connections may be terminated with `pg_terminate_backend`. */
  | "terminate-backends"
  /** WAL may be decoded logically (`wal_level = logical` and the right to make a slot). */
  | "decode-wal"
  /** The server may be crashed and restarted: it is ours alone. */
  | "crash"
  /** Settings of the whole server may be changed while it runs: it is ours, or its URL says that nobody minds. */
  | "configure"
  /** The data folder lies on a disk of its own that may be filled. */
  | "small-disk"
  /** A streaming standby can be made of it, and take its place. */
  | "standby"
  /** WAL positions may be read: `pg_current_wal_lsn()`. */
  | "wal-position";

/** What to start. `settings` are server settings beyond PostgreSQL's defaults. */
export interface PostgresRequest {
  /** `embedded`, `docker` or a `postgres://` URL. */
  readonly server: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly image: string;
  /** Embedded only: the data folder gets a disk of so many MB of its own, where we may make one. */
  readonly diskMb?: number | undefined;
  /** Stops a start under way. */
  readonly signal?: AbortSignal | undefined;
}
