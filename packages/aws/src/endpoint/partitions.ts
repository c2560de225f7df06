/** What the endpoint rules know of a partition. */
export interface Partition {
  /** `aws`, `aws-cn`, … */
  readonly name: string;
  readonly dnsSuffix: string;
  readonly dualStackDnsSuffix: string;
  readonly implicitGlobalRegion: string;
  readonly supportsFIPS: boolean;
  readonly supportsDualStack: boolean;
}

/** botocore's `partitions.json`, as far as it is read. */
export interface PartitionsData {
  readonly partitions: readonly {
    readonly id: string;
    readonly regionRegex: string;
    readonly regions: Readonly<Record<string, unknown>>;
    readonly outputs: Omit<Partition, "name">;
  }[];
}

interface Entry {
  readonly partition: Partition;
  readonly pattern: RegExp;
  readonly regions: ReadonlySet<string>;
}

/** AWS's partitions: groups of regions with their own domains. */
export class Partitions {
  readonly #entries: readonly Entry[];

  constructor(data: PartitionsData) {
    this.#entries = data.partitions.map(({ id, regionRegex, regions, outputs }) => ({
      partition: { ...outputs, name: id },
      pattern: new RegExp(regionRegex),
      regions: new Set(Object.keys(regions)),
    }));
  }

  /** The partition of a region: by name, else by the form of its name, else `aws`. */
  of(region: string): Partition | undefined {
    const known = this.#entries.find(({ regions }) => regions.has(region));
    const entry = known ?? this.#entries.find(({ pattern }) => pattern.test(region));
    return (entry ?? this.#entries[0])?.partition;
  }

  /** Names of the partitions. */
  names(): string[] {
    return this.#entries.map(({ partition }) => partition.name);
  }

  /** The regions of a partition, without the pseudo region of global services; empty for an unknown one. */
  regions(partition = "aws"): string[] {
    const entry = this.#entries.find((candidate) => candidate.partition.name === partition);
    return [...(entry?.regions ?? [])].filter((region) => !isGlobalRegion(region)).toSorted();
  }

  /** The region that requests for a pseudo region (`aws-global`) are signed for; others as they are. */
  signingRegion(region: string): string {
    return isGlobalRegion(region) ? (this.of(region)?.implicitGlobalRegion ?? region) : region;
  }
}

function isGlobalRegion(region: string): boolean {
  return region.endsWith("-global");
}
