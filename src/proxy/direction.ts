/** `upstream` carries the client's bytes to the server, `downstream` the server's bytes to the client. */
export const directions = ["upstream", "downstream"] as const;
export type Direction = (typeof directions)[number];
