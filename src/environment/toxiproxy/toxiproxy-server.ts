/** A Toxiproxy-compatible server: ours in a worker thread, the real one, or somebody else's. */
export interface ToxiproxyServer extends AsyncDisposable {
  readonly kind: "embedded" | "binary" | "docker" | "existing";
  /** "Toxiproxy 2.12.0 (binary)", for reports. */
  readonly description: string;
  readonly version: string;
  /** Where its HTTP API answers, without a trailing slash. */
  readonly url: string;
  readonly capabilities: ReadonlySet<ToxiproxyCapability>;
  /** Makes a proxy in front of `upstream`. Removed again by `stop`. */
  createLink(request: LinkRequest): Promise<Link>;
  /** Idempotent; waits; removes every link that was made here. */
  stop(): Promise<void>;
}

export type ToxiproxyCapability =
  /** The `postgres_cut` toxic. */
  | "postgres-cut"
  /** `GET /proxies/{name}/connections`, and cutting one of them. */
  | "connections"
  /** `GET /events`: what happened to connections, with monotonic times. */
  | "events"
  /** Links whose connections share backends. */
  | "pooling";

export interface LinkRequest {
  /** `[A-Za-z0-9._-]+`. */
  readonly name: string;
  readonly upstream: Endpoint;
  /**
   * Connections share so many backends of the PostgreSQL upstream, each for a transaction; needs the capability `pooling`.
   * The pids that clients are told are then the pool's own.
   */
  readonly poolSize?: number | undefined;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A network path a proxy stands in. Every call has a deadline and fails with a HarnessError that carries the server's text. */
export interface Link {
  readonly name: string;
  /** Where clients connect. */
  readonly listen: Endpoint;
  addToxic(toxic: Toxic): Promise<void>;
  /** Removing a toxic that is not there is no error: heal is idempotent. */
  removeToxic(name: string): Promise<void>;
  toxics(): Promise<readonly Toxic[]>;
  /** Disabled: connections are closed and new ones refused; the port stays. */
  setEnabled(enabled: boolean): Promise<void>;
  /** What the server saw happen on this link; absent where it lacks the capability `events`. */
  readonly events?: LinkEvents;
  /** The connections that pass it; absent where the server lacks the capability `connections`. */
  readonly connections?: LinkConnections;
}

export interface LinkConnections {
  list(): Promise<readonly LinkConnection[]>;
  /** False: there is no such connection any more. */
  cut(id: number, cut: CutRequest): Promise<boolean>;
}

export interface LinkConnection {
  /** The proxy's number of it. */
  readonly id: number;
  /** The PostgreSQL backend at its other end, once it is known. */
  readonly backendPid?: number | undefined;
}

export interface CutRequest {
  /** `silent`: the sockets stay open and nothing passes any more. */
  readonly how: "fin" | "rst" | "silent";
  readonly side: "client" | "server" | "both";
}

/** The event log of a server, as far as it is about one link. */
export interface LinkEvents {
  /** The number of the last event so far, to ask for later ones. */
  latest(): Promise<number>;
  /** Connections that a toxic has affected since event number `since`; null where the log has lost some of them. */
  hits(toxic: string, since: number): Promise<readonly ToxicHit[] | null>;
}

export interface ToxicHit {
  /** The proxy's number of the connection. */
  readonly connection: number;
  /** The PostgreSQL backend at its other end, where the toxic reads the protocol. */
  readonly backendPid?: number | undefined;
}

export interface Toxic {
  readonly name: string;
  readonly type: string;
  readonly stream: "upstream" | "downstream";
  /** Probability that a connection is affected, 0 to 1. */
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ToxiproxyRequest {
  /** `embedded`, `binary`, `docker` or an `http://` URL. */
  readonly server: string;
  readonly image: string;
  /** Seeds jitter and toxicity where the server can be seeded. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}
