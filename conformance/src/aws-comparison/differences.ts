/**
 * Where requests may differ from the official SDK's, each with its reason: the list of §20 of the
 * contract, and what has no meaning on the wire.
 */
export const headerDifferences: Readonly<Record<string, string>> = {
  "amz-sdk-invocation-id": "random for each call",
  "amz-sdk-request": "ours is not signed, and may name another number of attempts",
  authorization: "signatures cover what differs; they are verified by vectors and real servers",
  connection: "the transport's own",
  "content-length": "follows from the body",
  "content-md5":
    "ours is sent beside a required checksum to hosts that are not AWS's, which may know no other",
  expect: "the transport's own",
  "transfer-encoding": "the transport's own",
  "user-agent": "names the client",
  "x-amz-user-agent": "names the client",
  "x-amz-date": "the time of the call",
};

/** Headers that ours sends to S3 only, where they are compared. */
export const headersOfS3: Readonly<Record<string, string>> = {
  "x-amz-content-sha256": "other services verify the hash that is in the signature",
};

/** The query's parts that only the official SDK sends. */
export const queryDifferences: Readonly<Record<string, string>> = {
  "x-id": "names the operation, which no service reads",
};

/**
 * Members that are left out of the samples, by operation or by service: one of the two models is newer,
 * or has another type.
 */
export const modelDifferences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: {
    "AbortMultipartUpload.VersionId": "newer in botocore",
    "CreateMultipartUpload.VersionId": "newer in botocore",
    "ListMultipartUploads.VersionId": "newer in botocore",
    "ListParts.VersionId": "newer in botocore",
    "UploadPart.VersionId": "newer in botocore",
    "UploadPartCopy.VersionId": "newer in botocore",
    PartNumberMarker: "a number in botocore, a string in the SDK",
    NextPartNumberMarker: "a number in botocore, a string in the SDK",
  },
  lambda: {
    AcceleratorConfig: "newer in botocore",
    RuntimeConfig: "newer in botocore",
    PauseDetails: "newer in botocore",
    ExpectedExecutionTimeoutTimestamp: "newer in botocore",
    ExecutionPausedDetails: "newer in botocore",
    ExecutionResumedDetails: "newer in botocore",
  },
  ec2: {
    AllowMultipathResilience: "newer in botocore",
    AccepterAllowMultipathResilience: "newer in botocore",
    RequesterAllowMultipathResilience: "newer in botocore",
    MultipathResilienceMode: "newer in botocore",
    AccepterMultipathResilienceMode: "newer in botocore",
    RequesterMultipathResilienceMode: "newer in botocore",
    MultipathResilienceStatus: "newer in botocore",
    Phase1AdditionalKeyExchanges: "newer in botocore",
    Phase2AdditionalKeyExchanges: "newer in botocore",
    PermissionType: "newer in botocore",
    AssociatedKmsKeys: "newer in botocore",
    CapacityBlockOfferingSegments: "newer in botocore",
    "AcceptVpcEndpointConnections.TransitGatewayAttachmentIds": "newer in botocore",
    "RejectVpcEndpointConnections.TransitGatewayAttachmentIds": "newer in botocore",
    "DescribeVpcEndpointConnections.TransitGatewayAttachmentId": "newer in botocore",
    "DescribeVpcEndpointConnections.TransitGatewayAttachmentOwner": "newer in botocore",
    "DescribeCapacityBlockOfferings.InstanceTypePreferences": "newer in botocore",
    "PurchaseCapacityBlock.CapacityReservations": "newer in botocore",
  },
};

const withoutBody =
  "an answer without a body: its status is the name, for botocore models no NotFound";
const pathStyle = "GetBucketLocation is for buckets of any region: by path, as botocore does";

/**
 * What differs and is expected to, by service and by operation and part. An entry whose difference is
 * gone fails the run.
 */
export const knownDifferences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: { "HeadBucket error": withoutBody, "HeadObject error": withoutBody },
  "s3 at localhost": {
    "HeadBucket error": withoutBody,
    "HeadObject error": withoutBody,
    "GetBucketLocation path": pathStyle,
    "GetBucketLocation headers": pathStyle,
  },
  ec2: { "CopySnapshot body": "a presigned URL, whose signature differs with the second" },
};
