/** What a client is told to do. */
export interface TransferTask {
  readonly operation: "upload" | "download";
  /** `put-BYTES` or `get-BYTES`: the stand-in knows from it what is right. */
  readonly key: string;
  readonly path: string;
  readonly bytes: number;
}
