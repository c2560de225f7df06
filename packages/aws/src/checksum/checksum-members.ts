/** Members of S3's inputs and outputs that hold a checksum's value. Source: the Amazon S3 API Reference. */
export const checksumMembers: readonly string[] = [
  "ChecksumCRC32",
  "ChecksumCRC32C",
  "ChecksumCRC64NVME",
  "ChecksumSHA1",
  "ChecksumSHA256",
  "ChecksumSHA512",
  "ChecksumMD5",
  "ChecksumXXHASH64",
  "ChecksumXXHASH3",
  "ChecksumXXHASH128",
];
