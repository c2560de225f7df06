/** What is read of botocore's `endpoints.json`. */
interface EndpointsFile {
  readonly partitions: readonly {
    readonly partition: string;
    readonly regions: Readonly<Record<string, unknown>>;
    readonly services: Readonly<
      Record<string, { readonly endpoints?: Readonly<Record<string, unknown>> }>
    >;
  }[];
}

/** Regions by partition, then by service; `*` for all regions of the partition. */
export type RegionTable = Readonly<
  Record<string, { readonly all: readonly string[]; readonly services: Record<string, Regions> }>
>;

type Regions = "*" | readonly string[];

/**
 * Where each service is, as boto3's `get_available_regions` says: the regions of the partition that
 * `endpoints.json` lists for the service's endpoint prefix.
 *
 * @param prefixes endpoint prefix by service name.
 */
export function regionTable(
  endpoints: unknown,
  prefixes: Readonly<Record<string, string>>,
): RegionTable {
  const { partitions } = endpoints as EndpointsFile;
  return Object.fromEntries(
    partitions.map(({ partition, regions, services }) => {
      const all = Object.keys(regions).sort();
      const rows = Object.entries(prefixes).flatMap(([service, prefix]): [string, Regions][] => {
        const listed = services[prefix]?.endpoints ?? {};
        const found = all.filter((region) => Object.hasOwn(listed, region));
        if (found.length === 0) return [];
        return [[service, found.length === all.length ? "*" : found]];
      });
      return [partition, { all, services: Object.fromEntries(rows) }];
    }),
  );
}
