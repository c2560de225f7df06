import { readModelFile } from "./load-model.ts";

type RegionsFile = Readonly<
  Record<
    string,
    {
      readonly all: readonly string[];
      readonly services: Readonly<Record<string, "*" | readonly string[]>>;
    }
  >
>;

let file: RegionsFile | undefined;

/**
 * Regions that have a service, as boto3's `get_available_regions`; empty for a service that is not
 * regional, or that AWS's table does not know.
 *
 * @param service the service's name in botocore.
 * @param partition `aws`, `aws-cn`, `aws-us-gov`, …
 * @throws TypeError for a partition that does not exist.
 */
export function serviceRegions(service: string, partition: string = "aws"): readonly string[] {
  file ??= JSON.parse(readModelFile("regions.json")) as RegionsFile;
  const found = Object.hasOwn(file, partition) ? file[partition] : undefined;
  if (found === undefined) {
    const known = Object.keys(file).join(", ");
    throw new TypeError(`Cannot list regions of partition "${partition}": there are ${known}`);
  }
  const regions = Object.hasOwn(found.services, service) ? found.services[service] : [];
  return regions === "*" ? found.all : (regions ?? []);
}
