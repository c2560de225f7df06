/** Domains of AWS's partitions, with the dot in front. */
const suffixes = [
  ".amazonaws.com",
  ".amazonaws.com.cn",
  ".amazonaws.eu",
  ".api.aws",
  ".api.amazonwebservices.com.cn",
  ".api.amazonwebservices.eu",
  ".c2s.ic.gov",
  ".api.aws.ic.gov",
  ".sc2s.sgov.gov",
  ".api.aws.scloud",
  ".cloud.adc-e.uk",
  ".api.cloud-aws.adc-e.uk",
  ".csp.hci.ic.gov",
  ".api.aws.hci.ic.gov",
];

/** Whether a host is one of AWS's own, in any partition; else it is a custom endpoint. */
export function isAwsHost(host: string): boolean {
  const name = host.toLowerCase();
  return suffixes.some((suffix) => name.endsWith(suffix));
}
