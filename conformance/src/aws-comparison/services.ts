import type { Family } from "./write-response.ts";

/** What a service is called in the list of known differences, and in tests. */
export function comparedName({ name, protocol, host }: ComparedService): string {
  const by = protocol === undefined ? "" : ` by ${protocol.ours}`;
  return `${name}${by}${host === undefined ? "" : ` at ${host}`}`;
}

/** A service in both clients. */
export interface ComparedService {
  /** Ours, which is botocore's. */
  readonly name: string;
  readonly sdkPackage: string;
  readonly sdkClient: string;
  /** Buckets become names in front of it; absent: an address, and buckets are in the path. */
  readonly host?: string;
  /** Another protocol than both choose: ours, the SDK's class, and how answers are written. */
  readonly protocol?: {
    readonly ours: "rpcv2Cbor" | "query";
    readonly sdk: string;
    readonly family: Family;
  };
  /** Inputs that have rules which no model tells. `undefined`: the member is left out. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** The same of outputs. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}

const queueUrl = "https://sqs.us-east-1.amazonaws.com/123456789012/comparison-queue";
const customerKey = Buffer.alloc(32, 7).toString("base64");

/** Checksums that a caller has computed take the place of those that a client computes. */
const ownChecksums = {
  ChecksumCRC32: undefined,
  ChecksumCRC32C: undefined,
  ChecksumCRC64NVME: undefined,
  ChecksumSHA1: undefined,
  ChecksumSHA256: undefined,
  ChecksumSHA512: undefined,
  ChecksumMD5: undefined,
  ChecksumXXHASH64: undefined,
  ChecksumXXHASH3: undefined,
  ChecksumXXHASH128: undefined,
};

const s3: ComparedService = {
  name: "s3",
  sdkPackage: "@aws-sdk/client-s3",
  sdkClient: "S3Client",
  inputs: {
    ...ownChecksums,
    Bucket: "comparison-bucket",
    CopySource: "source-bucket/some%20key",
    ChecksumAlgorithm: "CRC32",
    ChecksumMode: "ENABLED",
    ChecksumType: undefined,
    ContentLength: undefined,
    ContentMD5: undefined,
    // Clients make the digests of these keys.
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey: customerKey,
    SSECustomerKeyMD5: undefined,
    CopySourceSSECustomerAlgorithm: "AES256",
    CopySourceSSECustomerKey: customerKey,
    CopySourceSSECustomerKeyMD5: undefined,
    RequestRoute: "route",
    LocationConstraint: "eu-west-1",
    MpuObjectSize: 12,
    EncodingType: "url",
    Metadata: { one: "plain", two: "two words" },
  },
  outputs: {
    ...ownChecksums,
    EncodingType: undefined,
    Expires: undefined,
    ContentLength: undefined,
    ContentEncoding: undefined,
    LocationConstraint: "eu-west-1",
    // An empty body: an empty text to us, nothing to the SDK.
    Policy: '{"Version":"2012-10-17"}',
  },
};

/** The ten services of the contract, and two more that speak the query protocol. */
export const comparedServices: readonly ComparedService[] = [
  s3,
  { ...s3, host: "localhost" },
  { name: "dynamodb", sdkPackage: "@aws-sdk/client-dynamodb", sdkClient: "DynamoDBClient" },
  {
    name: "organizations",
    sdkPackage: "@aws-sdk/client-organizations",
    sdkClient: "OrganizationsClient",
  },
  { name: "lambda", sdkPackage: "@aws-sdk/client-lambda", sdkClient: "LambdaClient" },
  {
    name: "sqs",
    sdkPackage: "@aws-sdk/client-sqs",
    sdkClient: "SQSClient",
    inputs: { QueueUrl: queueUrl },
    // They are checked against the message: see the tests with real servers.
    outputs: {
      MD5OfMessageBody: undefined,
      MD5OfMessageAttributes: undefined,
      MD5OfMessageSystemAttributes: undefined,
      MD5OfBody: undefined,
    },
  },
  { name: "sts", sdkPackage: "@aws-sdk/client-sts", sdkClient: "STSClient" },
  {
    name: "ec2",
    sdkPackage: "@aws-sdk/client-ec2",
    sdkClient: "EC2Client",
    inputs: { SourceRegion: "eu-west-1" },
  },
  { name: "cloudwatch", sdkPackage: "@aws-sdk/client-cloudwatch", sdkClient: "CloudWatchClient" },
  {
    name: "cloudwatch",
    sdkPackage: "@aws-sdk/client-cloudwatch",
    sdkClient: "CloudWatchClient",
    protocol: {
      ours: "rpcv2Cbor",
      sdk: "AwsSmithyRpcV2CborProtocol",
      family: "smithy-rpc-v2-cbor",
    },
  },
  {
    name: "cloudwatch",
    sdkPackage: "@aws-sdk/client-cloudwatch",
    sdkClient: "CloudWatchClient",
    protocol: { ours: "query", sdk: "AwsQueryProtocol", family: "query" },
  },
  { name: "stepfunctions", sdkPackage: "@aws-sdk/client-sfn", sdkClient: "SFNClient" },
  { name: "ssm", sdkPackage: "@aws-sdk/client-ssm", sdkClient: "SSMClient" },
  { name: "iam", sdkPackage: "@aws-sdk/client-iam", sdkClient: "IAMClient" },
  { name: "sns", sdkPackage: "@aws-sdk/client-sns", sdkClient: "SNSClient" },
];
